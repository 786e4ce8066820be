//! From text to sections: all mistakes of a file at once, and none of its values, since any of them may be a secret.

use std::path::Path;

use serde::de::IntoDeserializer;
use serde_path_to_error::Segment;

use super::sections::Config;
use super::spelling::nearest;
use super::{ConfigError, ENVIRONMENT, overlay};

/// Beyond this many mistakes the first ones are enough.
const MOST: usize = 100;

/// What could be read.
pub(crate) struct Reading {
    /// The sections without what is mistaken in them.
    pub(crate) config: Config,
    /// Each with its place, the key, what is wrong and what is wanted.
    pub(crate) mistakes: Vec<String>,
    /// The keys that were left out because of a mistake.
    left_out: Vec<String>,
}

impl Reading {
    /// Whether a mistake that was found later, of this key and in these words, is about something that is right but for
    /// another mistake.
    pub(crate) fn follows(&self, key: &str, what: &str) -> bool {
        let below = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let follows =
            |gone: &String| below(key, gone) || below(gone, key) || what.contains(&format!("[{gone}]"));
        self.left_out.iter().any(follows)
    }
}

/// Reads a file, or nothing, and overlays the environment.
///
/// # Errors
/// When there is no such file, or it is no TOML.
pub(crate) fn read(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Reading, ConfigError> {
    let place = file.map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
    let at = |what: String| format!("{place}: {what}");
    let mut table = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|e| ConfigError::one(at(format!("cannot be read: {e}"))))?;
            parse(&text).map_err(|what| ConfigError::one(at(what)))?
        }
        None => toml::Table::new(),
    };
    let mut mistakes = Vec::new();
    for (name, value) in environment {
        if let Some(key) = name.strip_prefix(ENVIRONMENT)
            && let Err(what) = overlay(&mut table, key, &value)
        {
            mistakes.push(at(format!("{name}: {what}")));
        }
    }
    let mut left_out: Vec<String> = Vec::new();
    let mut value = toml::Value::Table(table);
    while mistakes.len() < MOST {
        let error = match serde_path_to_error::deserialize(value.clone().into_deserializer()) {
            Ok(config) => return Ok(Reading { config, mistakes, left_out }),
            Err(error) => error,
        };
        let path = keys(error.path());
        let inner: &toml::de::Error = error.inner();
        let message = inner.message();
        let mut mistaken = path.clone();
        if let Some(name) = quoted(message, "unknown field `") {
            // The path may, or may not, name the key itself.
            if mistaken.last().is_none_or(|last| last != name) {
                mistaken.push(name.to_owned());
            }
            if let Some(meant) = nearest(name, &known_keys(message)) {
                // It is there, under another name.
                left_out.push(join(&mistaken[..mistaken.len() - 1], Some(meant)));
            }
        }
        let gone = match quoted(message, "missing field `") {
            Some(name) => join(&path, Some(name)),
            None => join(&mistaken, None),
        };
        // What was left out before is not missed now.
        if !left_out.contains(&gone) {
            let owner =
                if message.starts_with("unknown field") { &mistaken[..mistaken.len() - 1] } else { &path };
            mistakes.push(at(format!("`{}`: {}", join(owner, None), said(message))));
        }
        left_out.push(gone);
        left_out.push(join(&mistaken, None));
        if !remove(&mut value, &mistaken) {
            break;
        }
    }
    Ok(Reading { config: Config::default(), mistakes, left_out })
}

/// The parser's own words show the line, which may hold a secret: here it is only named.
fn parse(text: &str) -> Result<toml::Table, String> {
    text.parse::<toml::Table>().map_err(|e| {
        let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!(
            "line {line}, column {column}: this is no TOML: {} (the line is not shown, it may hold a secret)",
            said(e.message())
        )
    })
}

/// The path to what is mistaken.
fn keys(path: &serde_path_to_error::Path) -> Vec<String> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn join(path: &[String], last: Option<&str>) -> String {
    let parts: Vec<&str> = path.iter().map(String::as_str).chain(last).collect();
    if parts.is_empty() { "the whole".to_owned() } else { parts.join(".") }
}

/// Takes out what is mistaken; false where there is nothing to take out.
fn remove(value: &mut toml::Value, path: &[String]) -> bool {
    let Some((last, way)) = path.split_last() else { return false };
    let mut place = &mut *value;
    for (depth, key) in way.iter().enumerate() {
        let inner = match place {
            toml::Value::Table(table) => table.get_mut(key),
            toml::Value::Array(list) => key.parse().ok().and_then(|nth: usize| list.get_mut(nth)),
            _ => None,
        };
        match inner {
            Some(inner) => place = inner,
            // The path leads into text that was read further; what holds it goes.
            None => return depth > 0 && remove(value, &path[..depth]),
        }
    }
    match place {
        toml::Value::Table(table) => table.remove(last).is_some(),
        // A list without this one; the numbers of those behind it are one less in what is said next.
        toml::Value::Array(list) => match last.parse::<usize>() {
            Ok(nth) if nth < list.len() => {
                list.remove(nth);
                true
            }
            _ => false,
        },
        _ => !way.is_empty() && remove(value, way),
    }
}

fn quoted<'a>(message: &'a str, opening: &str) -> Option<&'a str> {
    message.strip_prefix(opening)?.split('`').next()
}

/// What the reader of a type says, without the value that it met.
fn said(message: &str) -> String {
    // From behind: a value may hold any text.
    let expected = |rest: &str| rest.rsplit_once(", expected ").map(|(_, wanted)| in_toml(wanted).to_owned());
    let kind = |rest: &str| rest.split(['"', '`']).next().unwrap_or_default().trim().to_owned();
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return match expected(rest) {
            Some(wanted) => format!("a {} stands here; wanted is {wanted}", kind(rest)),
            None => "a value of another type is wanted".to_owned(),
        };
    }
    if let Some(rest) = message.strip_prefix("invalid value: ") {
        return match expected(rest) {
            Some(why) => format!("this {} cannot be used: {why}", kind(rest)),
            None => "another value is wanted".to_owned(),
        };
    }
    if let Some(name) = quoted(message, "unknown field `") {
        let known = known_keys(message);
        return match nearest(name, &known) {
            Some(meant) => format!("there is no key `{name}`; did you mean `{meant}`?"),
            None => format!("there is no key `{name}`; there are {}", known.join(", ")),
        };
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (found, wanted) = rest.rsplit_once("`, expected ").unwrap_or(("", rest));
        let known: Vec<&str> = wanted.split('`').skip(1).step_by(2).collect();
        return match nearest(found, &known) {
            Some(meant) => {
                format!("this word is not known; did you mean `{meant}`? There are {}", known.join(", "))
            }
            None => format!("this word is not known; there are {}", known.join(", ")),
        };
    }
    if let Some(name) = quoted(message, "missing field `") {
        return format!("`{name}` is missing");
    }
    // What makes no address is repeated behind the reason (`url`), and may hold a password.
    message.split(": \"").next().unwrap_or_default().trim().to_owned()
}

/// What is wanted, in the words of the file and not of the program.
fn in_toml(wanted: &str) -> &str {
    match wanted {
        "u64" | "u32" | "u16" | "usize" => "a whole number that is not negative",
        "a map" => "a table",
        "a sequence" => "a list",
        "path string" => "a path",
        other if other.starts_with("struct ") || other.starts_with("internally tagged enum ") => "a table",
        other => other,
    }
}

/// The keys that there are, of what is said of one that there is not.
fn known_keys(message: &str) -> Vec<&str> {
    message.split('`').skip(3).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    #[test]
    fn what_makes_no_address_is_not_repeated() {
        for text in ["https://a:hunter2@vendor.example:99999/", "hunter2", "https://hunter2: \"x\"[/"] {
            let value = toml::Value::String(text.to_owned());
            let refusal = value.try_into::<url::Url>().unwrap_err();
            let told = super::said(refusal.message());
            assert!(!told.contains("hunter2") && !told.is_empty(), "{told}");
        }
    }
}
