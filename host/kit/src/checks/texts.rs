//! Strange texts, both ways: what people write, and what a program trips over.

use handover_sandbox::description::TextUnit;
use handover_sandbox::{MapError, Mapped};
use serde_json::{Map, Value};

use super::callbacks::with_body;
use super::{exchanged, not_applicable, untold, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::scenario::Callback;
use crate::vendor::clip;

/// Characters of a long text.
const LONG: usize = 30_000;

pub(super) const LOOK: &str = "texts are UTF-8 of any length: cut them between characters, escape them as the format wants, drop nothing";

fn strange() -> Vec<(&'static str, String)> {
    // Whoever cuts it at a round number of bytes or UTF-16 units cuts inside a character.
    let long: String = std::iter::once('a').chain(std::iter::repeat_n('😀', LONG - 1)).collect();
    let texts = [
        ("emoji of several parts", "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭 👍🏽"),
        ("right to left", "\u{202b}שלום\u{202c} مرحبا بالعالم"),
        ("combining marks", "Z\u{335}\u{321}a\u{334}l\u{336}g\u{335}o e\u{301}"),
        ("quotes and braces", r#""}],{"a":'b' \ / \n \u0000 {{}} <b>&amp;</b> %41 $x"#),
        ("several lines", "one\r\ntwo\n\tthree\u{2028}four"),
        ("an inner BOM", "a\u{feff}b"),
        ("a NUL", "before\0after"),
        ("other planes", "𝒜𝔹 𠜎 𓀀"),
    ];
    let mut all: Vec<(&str, String)> = texts.map(|(name, text)| (name, text.to_owned())).into();
    all.push(("30 000 characters", long));
    all
}

pub(super) async fn to_vendor(bench: &Bench) -> Outcome {
    let exchanges =
        bench.scenario.send.exchanges.iter().filter_map(|name| bench.scenario.exchanges.get(name));
    if !exchanges.clone().any(|exchange| format!("{exchange:?}").contains("{text}")) {
        return untold("`{text}` in an exchange of [send], where the customer's words go");
    }
    let begun = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut faults = Vec::new();
    let texts = strange();
    let count = texts.len();
    for (name, text) in texts {
        let text = within(bench, &text);
        let at = format!("send, {name}");
        let mut found = sent(bench, &begun, &at, &text, &text).await;
        for other in written_otherwise(&text) {
            if found.is_empty() {
                break;
            }
            found = sent(bench, &begun, &at, &text, &other).await;
        }
        faults.extend(found);
    }
    verdict(faults, format!("{count} texts"))
}

/// What a vendor may not be able to take may be left out or marked, and a line may end in its way; nothing may break.
fn written_otherwise(text: &str) -> Vec<String> {
    let made = [text.replace('\0', ""), text.replace('\0', "\u{fffd}"), text.replace("\r\n", "\n")];
    made.into_iter().filter(|other| other != text).collect()
}

async fn sent(
    bench: &Bench,
    begun: &handover_handoff::Session,
    at: &str,
    text: &str,
    wanted: &str,
) -> Vec<Fault> {
    let mut session = begun.clone();
    let id = cast::message_id(&session, 1);
    bench.expect_message(&session, id, wanted, None);
    let message = cast::message(&bench.scenario, text);
    let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
    let mut faults = exchanged(at, &bench.played());
    if let Err(error) = sent {
        faults.push(Fault::new(at, "the message arrives", error.to_string(), LOOK));
    }
    faults
}

/// As long as the declared limit lets it be: longer ones the gateway splits.
fn within(bench: &Bench, text: &str) -> String {
    let limit = bench.seat(Seat::Usual).and_then(|connector| connector.description().text_limit);
    let Some((limit, unit)) = limit else { return text.to_owned() };
    let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
    let fits = |c: &char| {
        let length = match unit {
            TextUnit::Bytes => c.len_utf8(),
            TextUnit::Utf16Units => c.len_utf16(),
            TextUnit::Characters => 1,
        };
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    text.chars().take_while(fits).collect()
}

pub(super) async fn to_customer(bench: &Bench) -> Outcome {
    let texts = strange();
    let (mut faults, mut tried) = (Vec::new(), 0);
    for callback in &bench.scenario.callbacks {
        let Some((nth, old)) = message(callback) else { continue };
        let Some(empty) = callback.content().with_text(old, "") else { continue };
        tried += 1;
        let at = |name: &str| format!("callback `{}`, {name}", callback.name);
        for (name, text) in &texts {
            let Some(body) = callback.content().with_text(old, text) else { continue };
            let mapped = bench.map(&with_body(bench, callback, &body)).await;
            faults.extend(read(&at(name), mapped, nth, text));
        }
        match bench.map(&with_body(bench, callback, &empty)).await {
            Ok(mapped) => {
                let told = mapped.events.iter().map(Told::mapped).filter(Told::is_empty_message);
                let look = "a message with nothing in it is not for the customer: refuse it, or `ignored`";
                faults.extend(told.map(|event| {
                    Fault::new(
                        at("no text at all"),
                        "no message without a text",
                        event.shown().to_string(),
                        look,
                    )
                }));
            }
            Err(MapError::Malformed(_) | MapError::Unmapped(_)) => {}
            Err(MapError::Call(error)) => {
                faults.push(Fault::new(at("no text at all"), "no breakdown", error.to_string(), LOOK));
            }
        }
    }
    let (fed, found) = super::fed::texts(bench, &texts).await;
    faults.extend(found);
    if tried + fed == 0 {
        return match (bench.raw.callbacks.is_empty(), bench.exports("feed")) {
            (true, false) => not_applicable("it declares no callbacks"),
            (true, true) => untold(
                "a [[poll]] or a [[frame]] with a `message` event whose text stands alone in the `json` that tells it",
            ),
            _ => untold("a [[callback]] with a `message` event whose text stands alone in `json` or `form`"),
        };
    }
    verdict(faults, format!("{} texts in {tried} callbacks, {fed} looks and frames", texts.len() + 1))
}

/// Which event of a callback is a message, and its text.
fn message(callback: &Callback) -> Option<(usize, &str)> {
    message_of(callback.events.as_ref()?)
}

/// The first message among events, and its text.
pub(super) fn message_of(events: &[Map<String, Value>]) -> Option<(usize, &str)> {
    let mut events = events.iter().enumerate();
    events.find_map(|(nth, event)| Some((nth, event.get("message")?.as_str()?)))
}

fn read(at: &str, mapped: Result<Mapped, MapError>, nth: usize, text: &str) -> Option<Fault> {
    let wanted = format!("a message {}", clip(&format!("{text:?}")));
    let mapped = match mapped {
        Ok(mapped) => mapped,
        // It cannot be shown; that it is refused is plain.
        Err(MapError::Malformed(_)) if text.contains('\0') => return None,
        Err(error) => return Some(Fault::new(at, wanted, error.to_string(), LOOK)),
    };
    shows(at, mapped.events.get(nth).map(Told::mapped), text)
}

/// Whether it is a message with this text.
pub(super) fn shows(at: &str, told: Option<Told>, text: &str) -> Option<Fault> {
    let wanted = format!("a message {}", clip(&format!("{text:?}")));
    let there = told.as_ref().and_then(Told::text);
    let bare = |text: &str| text.replace(['\0', '\u{fffd}'], "");
    let same = there.is_some_and(|there| there == text || (text.contains('\0') && bare(there) == bare(text)));
    let came = || told.as_ref().map_or("nothing".to_owned(), |told| clip(&told.shown().to_string()));
    (!same).then(|| Fault::new(at, wanted, came(), LOOK))
}
