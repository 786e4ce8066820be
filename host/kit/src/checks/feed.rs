//! `feed`: what a look brings, and a frame of the stream; the same look twice names the same events, a look that fails
//! loses none, and what two ways tell is told once.

use handover_handoff::Session;
use handover_handoff::vendor::Event;
use handover_sandbox::{CallError, Frame, Generation, Gleaned, Happening};
use serde_json::{Map, Value};

use super::callbacks::compare;
use super::stream::{self, Items, once};
use super::{exchanged, not_applicable, untold, verdict};
use crate::advice::{Kind, doubts, judge};
use crate::bench::{Bench, Seat, keep};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::scenario::Poll;

const NAMES: &str = "`item.dedupe-id` and `batch.cursor`: made of what the vendor tells, and of nothing else";

pub(super) async fn read(bench: &Bench) -> Outcome {
    if !bench.exports("feed") {
        return not_applicable("it does not export `feed`");
    }
    let scenario = &bench.scenario;
    if scenario.polls.is_empty() {
        return untold(
            "[[poll]] with `exchanges` and `events`: one that brings some, and one that brings none",
        );
    }
    if scenario.streams.is_empty() && scenario.polls.iter().all(|poll| poll.exchanges.is_empty()) {
        return untold("`exchanges` in [[poll]]: a look that asks nobody proves nothing");
    }
    let session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let Some(connector) = bench.seat(Seat::Usual) else {
        return Outcome::NotRun { why: "the component no longer serves".to_owned() };
    };
    if scenario.streams.is_empty() && stream::opens(bench, &connector, &session).await {
        return untold("[[stream]] with `exchange` and `frames`: it opens one, and nothing proves it");
    }
    let (mut faults, mut ways) = (Vec::new(), Vec::new());
    for poll in &scenario.polls {
        let (items, found) = looked(bench, &connector, &session, poll).await;
        faults.extend(found);
        faults.extend(missed(bench, &connector, &session, poll).await);
        ways.push((format!("poll `{}`", poll.name), items));
    }
    for frame in &scenario.frames {
        let at = format!("frame `{}`", frame.name);
        let data = stream::data(frame).into_bytes();
        let told = Frame { name: frame.event.clone(), id: frame.id.clone(), data };
        let came = connector.read(&session, told.clone(), cast::now()).await;
        faults.extend(gleaned(bench, &at, &came, &frame.events));
        let odd = connector.read(&session, Frame { data: b"\xff{]".to_vec(), ..told }, cast::now()).await;
        faults.extend(nonsense(&at, &odd));
        ways.push((at, came.map(|came| came.items).unwrap_or_default()));
    }
    for told in &scenario.streams {
        let (items, found) = stream::followed(bench, &connector, &session, told).await;
        faults.extend(found);
        ways.push((format!("stream `{}`", told.name), items));
    }
    faults.extend(two_names(&ways));
    let (looks, frames, streams) = (scenario.polls.len(), scenario.frames.len(), scenario.streams.len());
    verdict(faults, format!("{looks} looks, {frames} frames, {streams} streams"))
}

/// One look, made again, and made on from where it has ended.
async fn looked(bench: &Bench, connector: &Generation, begun: &Session, poll: &Poll) -> (Items, Vec<Fault>) {
    let (at, names) = (format!("poll `{}`", poll.name), bench.names(begun));
    let (mut faults, mut looks) = (Vec::new(), Vec::new());
    let mut session = from(begun, poll);
    for _ in 0..2 {
        bench.expect(&poll.exchanges, names.clone(), None);
        looks.push(bench.timed("poll", connector.poll(&session, cast::now())).await);
        faults.extend(exchanged(&at, &bench.played()));
    }
    faults.extend(gleaned(bench, &at, &looks[0], &poll.events));
    if let [Ok(first), Ok(second)] = &looks[..]
        && (&first.items, &first.cursor) != (&second.items, &second.cursor)
    {
        faults.push(Fault::new(&at, format!("the same again: {first:?}"), format!("{second:?}"), NAMES));
    }
    let Some(Ok(first)) = looks.into_iter().next() else { return (Vec::new(), faults) };
    let items = first.items.clone();
    keep_look(&mut session, first);
    bench.allow(&poll.exchanges, names, None);
    // Where the vendor has nothing new a request may be another one: that says nothing.
    if let Ok(next) = connector.poll(&session, cast::now()).await {
        let known = |id: &String| items.iter().any(|(known, _)| known == id);
        let twice = next.items.iter().find(|(id, happening)| {
            !known(id)
                && items.iter().any(|(_, first)| first == happening && !matches!(first, Happening::Typing(_)))
        });
        if let Some(item) = twice {
            let came = format!("{} under another name", Told::gleaned(item).shown());
            faults.push(Fault::new(
                format!("{at}, the next look"),
                "what was told is not told again",
                came,
                NAMES,
            ));
        }
    }
    (items, faults)
}

/// A look that fails at each of its requests: the next one brings what it has not.
async fn missed(bench: &Bench, connector: &Generation, begun: &Session, poll: &Poll) -> Vec<Fault> {
    let names = bench.names(begun);
    let mut faults = Vec::new();
    for (nth, name) in poll.exchanges.iter().enumerate() {
        for rule in doubts() {
            let at = format!("poll `{}`, `{name}`: {}", poll.name, rule.name);
            let mut session = from(begun, poll);
            bench.expect(&poll.exchanges, names.clone(), Some((nth, rule.fault.clone())));
            let came = connector.poll(&session, cast::now()).await;
            let reached = bench.played().asked.len() > nth;
            let Some(exchange) = bench.scenario.exchanges.get(name).filter(|_| reached) else { continue };
            let broken = match came {
                Ok(broken) => broken,
                Err(error) => {
                    if let Some((expected, came)) = judge(rule, Kind::Send, exchange, Err(error)) {
                        faults.push(Fault::new(at, expected, came, rule.why));
                    }
                    continue;
                }
            };
            let before = broken.items.clone();
            keep_look(&mut session, broken);
            bench.allow(&poll.exchanges, names.clone(), None);
            let after = connector.poll(&session, cast::now()).await.map(|after| after.items);
            let all = once(before.into_iter().chain(after.unwrap_or_default()));
            let shown: Vec<Told> = all.iter().map(Told::gleaned).collect();
            faults.extend(compare(&format!("{at}, then all is well"), &shown, &poll.events, &names));
        }
    }
    faults
}

fn from(begun: &Session, poll: &Poll) -> Session {
    let mut session = begun.clone();
    session.vendor.cursor.clone_from(&poll.cursor);
    session
}

fn keep_look(session: &mut Session, look: Gleaned) {
    session.vendor.cursor = Some(look.cursor);
    keep(session, look.update);
}

/// A message that two ways tell has one name, or the customer reads it twice.
fn two_names(ways: &[(String, Items)]) -> Vec<Fault> {
    let messages = ways.iter().flat_map(|(at, items)| {
        items.iter().filter_map(move |(id, happening)| Some((at, id, message_id(happening)?)))
    });
    let all: Vec<(&String, &String, &str)> = messages.collect();
    let other = |(at, id, message): &(&String, &String, &str)| {
        let first = all.iter().find(|(_, _, known)| known == message).filter(|first| first.1 != *id)?;
        let came = format!("{id:?} here, and {:?} in {}", first.1, first.0);
        let look = "whatever tells an event, stream, list or callback, it has one `dedupe-id`";
        Some(Fault::new(at.as_str(), format!("one name for the message {message}"), came, look))
    };
    all.iter().filter_map(other).collect()
}

fn message_id(happening: &Happening) -> Option<&str> {
    match happening {
        Happening::Event(event) => match &**event {
            Event::Message(message) => message.id.as_deref(),
            _ => None,
        },
        Happening::Typing(_) => None,
    }
}

fn nonsense(at: &str, came: &Result<Gleaned, CallError>) -> Option<Fault> {
    let at = format!("{at}, with nonsense in it");
    match came {
        Err(error @ (CallError::Trapped { .. } | CallError::OverLimit(_))) => {
            Some(Fault::new(at, "no breakdown", error.to_string(), "`feed.read`"))
        }
        Err(_) => None,
        Ok(came) => {
            let told = came.items.iter().map(Told::gleaned).find(|told| told.text().is_some())?;
            Some(Fault::new(at, "no message", told.shown().to_string(), "`feed.read`"))
        }
    }
}

fn gleaned(
    bench: &Bench,
    at: &str,
    came: &Result<Gleaned, CallError>,
    wanted: &[Map<String, Value>],
) -> Vec<Fault> {
    match came {
        Ok(came) => {
            let told: Vec<Told> = came.items.iter().map(Told::gleaned).collect();
            compare(at, &told, wanted, &bench.names(&bench.session()))
        }
        Err(error) => vec![Fault::new(at, "what has happened", error.to_string(), "`feed` of the connector")],
    }
}
