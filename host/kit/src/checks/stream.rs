//! The stream of `feed`: opened as the vendor wants it, read frame by frame, and opened again wherever it breaks,
//! without loss and without doubles.

use handover_handoff::Session;
use handover_sandbox::{CallError, Generation, Happening};
use serde_json::{Map, Value};

use super::callbacks::compare;
use super::exchanged;
use crate::bench::{Bench, keep};
use crate::cast;
use crate::certificate::Fault;
use crate::happening::Told;
use crate::scenario::{Answer, FeedFrame, FeedStream};

const OPEN: &str = "`feed.open`: upstream, path and headers of the subscription, and where it goes on from";

/// What a feed has told, each with its name.
pub(super) type Items = Vec<(String, Happening)>;

/// Each name once, as the gateway does it.
pub(super) fn once(items: impl IntoIterator<Item = (String, Happening)>) -> Items {
    let mut kept: Items = Vec::new();
    for (id, happening) in items {
        if !kept.iter().any(|(known, _)| *known == id) {
            kept.push((id, happening));
        }
    }
    kept
}

/// Whether it has a stream for such a session, told or not.
pub(super) async fn opens(bench: &Bench, connector: &Generation, session: &Session) -> bool {
    bench.expect(&[], bench.names(session), None);
    let came = connector.stream(session, cast::now()).await;
    matches!(came, Ok(Some(_)) | Err(CallError::Unsupported(_))) || !bench.played().asked.is_empty()
}

/// One stream, whole and broken after each of its frames; what it has told when whole.
pub(super) async fn followed(
    bench: &Bench,
    connector: &Generation,
    begun: &Session,
    stream: &FeedStream,
) -> (Items, Vec<Fault>) {
    let scenario = &bench.scenario;
    let named = |name: &String| scenario.frames.iter().find(|frame| frame.name == *name);
    let frames: Vec<&FeedFrame> = stream.frames.iter().filter_map(named).collect();
    let wanted: Vec<Map<String, Value>> = frames.iter().flat_map(|frame| frame.events.clone()).collect();
    let names = bench.names(begun);
    let mut begun = begun.clone();
    begun.vendor.cursor.clone_from(&stream.cursor);
    let at = format!("stream `{}`", stream.name);
    let mut session = begun.clone();
    let (whole, mut faults) =
        told(bench, connector, &mut session, &at, (&stream.exchange, &frames, None)).await;
    let shown: Vec<Told> = whole.iter().map(Told::gleaned).collect();
    faults.extend(compare(&at, &shown, &wanted, &names));
    if once(whole.clone()).len() < whole.len() {
        let look = "`item.dedupe-id`: the second of two alike is dropped as a duplicate";
        faults.push(Fault::new(&at, "a name of its own for each", "two of the same name", look));
    }
    if !faults.is_empty() {
        // What does not work when all is well would only be told again.
        return (whole, faults);
    }
    for cut in 1..frames.len() {
        let at = format!("stream `{}`, broken after {cut} frames", stream.name);
        let mut session = begun.clone();
        let (before, found) =
            told(bench, connector, &mut session, &at, (&stream.exchange, &frames[..cut], None)).await;
        faults.extend(found);
        // A vendor that goes on tells the last one again rather than losing it; others begin anew.
        let last = frames[..cut].iter().rev().find_map(|frame| frame.id.clone());
        let (exchange, from) = match &stream.resumed {
            Some(resumed) => (resumed, cut - 1),
            None => (&stream.exchange, 0),
        };
        let (after, found) =
            told(bench, connector, &mut session, &at, (exchange, &frames[from..], last)).await;
        faults.extend(found);
        let shown: Vec<Told> = once(before.into_iter().chain(after)).iter().map(Told::gleaned).collect();
        faults.extend(compare(&at, &shown, &wanted, &names));
    }
    (whole, faults)
}

/// Opens it, reads all that comes until the vendor ends it, and keeps what each call leaves behind.
async fn told(
    bench: &Bench,
    connector: &Generation,
    session: &mut Session,
    at: &str,
    (exchange, frames, last): (&String, &[&FeedFrame], Option<String>),
) -> (Items, Vec<Fault>) {
    let Some(mut opening) = bench.scenario.exchanges.get(exchange).cloned() else {
        return (Vec::new(), Vec::new());
    };
    opening.answer = Answer {
        headers: [("content-type".to_owned(), "text/event-stream".to_owned())].into(),
        body: Some(frames.iter().map(|frame| written(frame)).collect()),
        ..Answer::default()
    };
    let mut names = bench.names(session);
    names.set("frame.id", last.unwrap_or_default());
    bench.expect_made(vec![(exchange.clone(), opening)], names);
    let opened = connector.stream(session, cast::now()).await;
    let mut faults = exchanged(at, &bench.played());
    let mut stream = match opened {
        Ok(Some(stream)) => stream,
        Ok(None) => {
            faults.push(Fault::new(at, "a stream", "none", OPEN));
            return (Vec::new(), faults);
        }
        Err(error) => {
            faults.push(Fault::new(at, "a stream", error.to_string(), OPEN));
            return (Vec::new(), faults);
        }
    };
    let mut items = Vec::new();
    // The vendor ends it behind the last frame.
    while let Ok(frame) = stream.next().await {
        match connector.read(session, frame, cast::now()).await {
            Ok(gleaned) => {
                session.vendor.cursor = Some(gleaned.cursor);
                items.extend(gleaned.items);
                keep(session, gleaned.update);
            }
            Err(error) => {
                faults.push(Fault::new(at, "what the frame tells", error.to_string(), "`feed.read`"));
            }
        }
    }
    (items, faults)
}

/// The frame's data, in one line or several.
pub(super) fn data(frame: &FeedFrame) -> String {
    let json = frame.json.as_ref().map(ToString::to_string);
    json.or_else(|| frame.data.clone()).unwrap_or_default()
}

/// As the vendor writes it (HTML Living Standard, section 9.2).
fn written(frame: &FeedFrame) -> String {
    let field = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{name}: {value}\n")).unwrap_or_default()
    };
    let lines: String = data(frame).split('\n').map(|line| format!("data: {line}\n")).collect();
    format!("{}{}{lines}\n", field("id", &frame.id), field("event", &frame.event))
}
