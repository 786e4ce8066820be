//! The first messages of a conversation: what was said before, and what the customer needs.

use handover_connector::text::{clean, pieces, utf16_units};
use handover_connector::{NewSession, Turn};
use serde_json::{Map, Value};

use crate::TEXT_LENGTH;
use crate::settings::Settings;

/// What the customer's first messages say: one, or more where a problem is longer than a message. Never none.
pub fn texts(session: &NewSession, settings: &Settings) -> Vec<String> {
    let problem = clean(session.need());
    let transcript = if settings.transcript { transcript(&session.transcript) } else { String::new() };
    let text = format!("{transcript}\n\n{}", problem.trim());
    let mut texts: Vec<String> = pieces(text.trim(), TEXT_LENGTH).into_iter().map(str::to_owned).collect();
    if texts.is_empty() {
        texts.push(settings.opening_text.clone());
    }
    texts
}

/// Whether there is a problem among the texts.
pub fn has_problem(session: &NewSession) -> bool {
    !clean(session.need()).trim().is_empty()
}

/// One line for each turn, as many of the latest as fit into one message.
fn transcript(turns: &[Turn]) -> String {
    let mut lines = Vec::new();
    let mut room = TEXT_LENGTH;
    for turn in turns.iter().rev() {
        let text = clean(&turn.text);
        if text.trim().is_empty() {
            continue;
        }
        let line = format!("{}: {}", turn.who("Customer"), text.trim());
        let Some(left) = room.checked_sub(utf16_units(&line) + 1) else {
            lines.push("[…]".to_owned());
            break;
        };
        room = left;
        lines.push(line);
    }
    lines.reverse();
    lines.join("\n")
}

/// What Architect and the live agent's script may know: the action's inputs, the routing, and where it comes from.
pub fn attributes(session: &NewSession) -> Map<String, Value> {
    let ours = [
        ("handoverSessionId", Some(&session.id)),
        ("handoverChannel", Some(&session.channel)),
        ("handoverCustomerId", Some(&session.customer.id)),
        ("handoverLocale", session.customer.locale.as_ref()),
        ("handoverEmail", session.customer.email.as_ref()),
    ];
    let ours = ours.into_iter().filter_map(|(name, value)| Some((name, value?.as_str())));
    // What comes later wins: the operator's rules over the bot's inputs, and ours over both.
    session.given().chain(ours).map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}
