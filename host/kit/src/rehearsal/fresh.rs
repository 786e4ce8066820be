//! Values that are made anew each time: ids in the shape of the scenario's, and the time of now.

use serde_json::Value;
use uuid::Uuid;

use crate::scenario::Body;

/// Numbers that are seconds, or milliseconds, of this century's first half.
const SECONDS: std::ops::Range<u64> = 1_000_000_000..2_500_000_000;

/// An id like this one that nothing else has: `nth` tells apart what is made in the same millisecond.
pub(super) fn id(like: &str, nth: u64) -> String {
    if Uuid::try_parse(like).is_ok() {
        return Uuid::now_v7().to_string();
    }
    let unique = now() * 100 + nth % 100;
    if !like.is_empty() && like.bytes().all(|byte| byte.is_ascii_digit()) {
        return unique.to_string();
    }
    format!("{like}-{}", letters(unique))
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

fn letters(mut number: u64) -> String {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut made = Vec::new();
    while number > 0 {
        made.push(char::from(LETTERS[usize::try_from(number % 36).unwrap_or(0)]));
        number /= 36;
    }
    made.into_iter().rev().collect()
}

/// What stands in the place of what.
pub(super) type Swaps = Vec<(String, String)>;

/// A text with all of them made; a text that is one of them becomes the other.
pub(super) fn swapped(text: &str, swaps: &Swaps) -> String {
    if let Some((_, new)) = swaps.iter().find(|(old, _)| old == text) {
        return new.clone();
    }
    // Short ones stand in other words by accident.
    let within = swaps.iter().filter(|(old, _)| old.len() >= 3 && text.contains(old.as_str()));
    // The longest first: one may be the beginning of another.
    let mut within: Vec<_> = within.collect();
    within.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    match within.first() {
        Some((old, new)) => text.replace(old.as_str(), new),
        None => text.to_owned(),
    }
}

/// The same for all texts and numbers of a body; with `timed`, times become now.
pub(super) fn body(body: Body, swaps: &Swaps, timed: bool) -> Body {
    match body {
        Body::Json(mut json) => {
            value(&mut json, swaps, timed);
            Body::Json(json)
        }
        Body::Form(form) => {
            Body::Form(form.into_iter().map(|(name, text)| (name, self::text(&text, swaps, timed))).collect())
        }
        Body::Raw(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Body::Raw(swapped(&text, swaps).into_bytes()),
            Err(error) => Body::Raw(error.into_bytes()),
        },
    }
}

/// The same for a value.
pub(super) fn value(value: &mut Value, swaps: &Swaps, timed: bool) {
    match value {
        Value::String(told) => *told = text(told, swaps, timed),
        Value::Number(told) => {
            let written = told.to_string();
            if let Some((_, new)) = swaps.iter().find(|(old, _)| *old == written) {
                *value = new.parse::<u64>().map_or_else(|_| Value::from(new.as_str()), Value::from);
            } else if let Some(told) = told.as_u64().filter(|_| timed) {
                if SECONDS.contains(&told) {
                    *value = Value::from(now() / 1000);
                } else if SECONDS.contains(&(told / 1000)) {
                    *value = Value::from(now());
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| self::value(item, swaps, timed)),
        Value::Object(members) => members.values_mut().for_each(|one| self::value(one, swaps, timed)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn text(told: &str, swaps: &Swaps, timed: bool) -> String {
    if timed && told.parse::<jiff::Timestamp>().is_ok() {
        return jiff::Timestamp::now().round(jiff::Unit::Millisecond).unwrap_or_default().to_string();
    }
    swapped(told, swaps)
}

/// All texts and numbers of a body.
pub(super) fn leaves(body: &Body) -> Vec<String> {
    let mut found = Vec::new();
    match body {
        Body::Json(json) => gather(json, &mut found),
        Body::Form(form) => found.extend(form.values().cloned()),
        Body::Raw(_) => {}
    }
    found
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => members.values().for_each(|one| gather(one, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A body for people.
pub(super) fn shown(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body).and_then(|json| serde_json::to_string_pretty(&json)) {
        Ok(json) => json,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}
