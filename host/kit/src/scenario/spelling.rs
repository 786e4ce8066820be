//! Words of a scenario that mean something only if they are spelt right: placeholders, reasons, retries, verdicts.

use serde_json::Value;

use super::{Answer, Exchange, Scenario};
use crate::template::{ANY, PLACEHOLDERS, names_in};

/// Placeholders that only some calls give a meaning, and `any`, which needs none.
const FURTHER: [&str; 5] = ["file.name", "file.type", "file.url", "file.size", "frame.id"];

/// What a connector may say of a failure: the contract's `failure-reason` (`wit/types.wit`).
const REASONS: [&str; 9] = [
    "rejected",
    "rate-limited",
    "unavailable",
    "no-agents",
    "conversation-gone",
    "too-large",
    "unsupported",
    "moved",
    "misconfigured",
];

/// Where it is no failure at all.
const SUCCESS: &str = "success";

const RETRIES: [&str; 3] = ["never", "safe", "unknown-outcome"];

const VERDICTS: [&str; 3] = ["taken", "not-taken", "unknown"];

/// All that is misspelt, each with its place and what there is.
pub(super) fn mistakes(scenario: &Scenario) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, exchange) in &scenario.exchanges {
        placeholders(name, exchange, &mut wrong);
        for (status, meaning) in &exchange.means {
            let place = format!("[exchanges.{name}] means");
            if !status.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)) {
                wrong.push(format!("{place}: `{status}` is no status like 409"));
            }
            wrong.extend(none_of(&format!("{place} {status}"), meaning, &reasons()));
        }
    }
    for key in &scenario.start.lookup_keys {
        texts("[start] lookup_keys", [key], |_| true, &mut wrong);
    }
    for case in &scenario.refusals {
        let place = format!("[[refusal]] `{}`", case.name);
        wrong.extend(none_of(&format!("{place} reason"), &case.reason, &reasons()));
        wrong.extend(
            case.retry.iter().filter_map(|retry| none_of(&format!("{place} retry"), retry, &RETRIES)),
        );
        answer(&place, &case.answer, &mut wrong);
    }
    for case in &scenario.reconcile {
        let place = format!("[[reconcile]] `{}` verdict", case.name);
        wrong.extend(none_of(&place, &case.verdict, &VERDICTS));
    }
    wrong
}

fn reasons() -> Vec<&'static str> {
    REASONS.into_iter().chain([SUCCESS]).collect()
}

fn none_of(place: &str, word: &str, known: &[&str]) -> Option<String> {
    (!known.contains(&word)).then(|| format!("{place}: `{word}` is none of {}", known.join(", ")))
}

fn placeholders(name: &str, exchange: &Exchange, wrong: &mut Vec<String>) {
    let place = format!("[exchanges.{name}]");
    let form = exchange.form.iter().flat_map(|form| form.values());
    let told = exchange.headers.values().chain(form).chain(&exchange.body).chain([&exchange.request]);
    texts(&place, told, |_| true, wrong);
    texts(&place, &leaves(exchange.json.as_ref()), |_| true, wrong);
    for told in exchange.after.values().chain([&exchange.answer]) {
        answer(&place, told, wrong);
    }
}

/// In an answer a word in braces may be the vendor's own, as in `/users/{id}`; one with a dot is meant to be ours.
fn answer(place: &str, answer: &Answer, wrong: &mut Vec<String>) {
    let ours = |name: &str| name.contains('.');
    let place = format!("{place} answer");
    texts(&place, answer.headers.values().chain(&answer.body), ours, wrong);
    texts(&place, &leaves(answer.json.as_ref()), ours, wrong);
}

fn texts<'a>(
    place: &str,
    texts: impl IntoIterator<Item = &'a String>,
    is_ours: impl Fn(&str) -> bool,
    wrong: &mut Vec<String>,
) {
    for name in texts.into_iter().flat_map(|text| names_in(text)) {
        let known = PLACEHOLDERS.contains(&name) || FURTHER.contains(&name) || ANY == format!("{{{name}}}");
        if !known && is_ours(name) {
            let all: Vec<String> =
                PLACEHOLDERS.iter().chain(&FURTHER).map(|name| format!("{{{name}}}")).collect();
            wrong.push(format!("{place}: `{{{name}}}` is none of {ANY}, {}", all.join(", ")));
        }
    }
}

fn leaves(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().flat_map(|item| leaves(Some(item))).collect(),
        Some(Value::Object(members)) => members.values().flat_map(|one| leaves(Some(one))).collect(),
        _ => Vec::new(),
    }
}
