//! Strange texts on the way to the customer by a feed: in what a look brings, and in the frames of a stream.

use handover_sandbox::{Frame, Generation, Gleaned};

use super::texts::{LOOK, message_of, shows};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::Fault;
use crate::happening::Told;
use crate::scenario::{Body, Exchange, FeedFrame, Poll};

/// In how many looks and frames these texts were tried, and what became of them.
pub(super) async fn texts(bench: &Bench, texts: &[(&str, String)]) -> (usize, Vec<Fault>) {
    let (mut tried, mut faults) = (0, Vec::new());
    let Some(connector) = bench.seat(Seat::Usual).filter(|_| bench.exports("feed")) else {
        return (tried, faults);
    };
    let Ok(begun) = bench.begun().await else { return (tried, faults) };
    let empty = ("no text at all", String::new());
    for poll in &bench.scenario.polls {
        let Some((nth, old)) = message_of(&poll.events) else { continue };
        let mut session = begun.clone();
        session.vendor.cursor.clone_from(&poll.cursor);
        for (name, text) in texts.iter().chain([&empty]) {
            let Some(exchanges) = answering(bench, poll, old, text) else { break };
            tried += usize::from(text.is_empty());
            let at = format!("poll `{}`, {name}", poll.name);
            bench.expect_made(exchanges, bench.names(&session));
            let came = connector.poll(&session, cast::now()).await.map_err(|error| error.to_string());
            faults.extend(judged(&at, came, nth, text));
        }
    }
    for frame in &bench.scenario.frames {
        let Some((nth, old)) = message_of(&frame.events) else { continue };
        for (name, text) in texts.iter().chain([&empty]) {
            let Some(data) = telling(frame, old, text) else { break };
            tried += usize::from(text.is_empty());
            let at = format!("frame `{}`, {name}", frame.name);
            faults.extend(judged(&at, read(&connector, &begun, frame, data).await, nth, text));
        }
    }
    (tried, faults)
}

async fn read(
    connector: &Generation,
    begun: &handover_handoff::Session,
    frame: &FeedFrame,
    data: Vec<u8>,
) -> Result<Gleaned, String> {
    let frame = Frame { name: frame.event.clone(), id: frame.id.clone(), data };
    connector.read(begun, frame, cast::now()).await.map_err(|error| error.to_string())
}

/// The exchanges of a look, with another text wherever this one stands alone.
fn answering(bench: &Bench, poll: &Poll, old: &str, new: &str) -> Option<Vec<(String, Exchange)>> {
    let mut replaced = false;
    let made = poll.exchanges.iter().filter_map(|name| {
        let mut exchange = bench.scenario.exchanges.get(name)?.clone();
        let json = exchange.answer.json.clone().map(Body::Json);
        if let Some(Body::Json(json)) = json.and_then(|json| json.with_text(old, new)) {
            exchange.answer.json = Some(json);
            replaced = true;
        }
        Some((name.clone(), exchange))
    });
    let made = made.collect();
    replaced.then_some(made)
}

/// The data of a frame with another text.
fn telling(frame: &FeedFrame, old: &str, new: &str) -> Option<Vec<u8>> {
    let json = Body::Json(frame.json.clone()?);
    json.with_text(old, new).map(|json| json.bytes())
}

fn judged(at: &str, came: Result<Gleaned, String>, nth: usize, text: &str) -> Option<Fault> {
    let came = match came {
        Ok(came) => came,
        Err(error) => return Some(Fault::new(at, "what has happened", error, LOOK)),
    };
    if !text.is_empty() {
        return shows(at, came.items.get(nth).map(Told::gleaned), text);
    }
    let shown = came.items.iter().map(Told::gleaned).find(Told::is_empty_message)?;
    let look = "a message with nothing in it is not for the customer: `ignored`";
    Some(Fault::new(at, "no message without a text", shown.shown().to_string(), look))
}
