//! A conversation from start to end, when all is well.

use handover_handoff::session::EndReason;

use super::{exchanged, problem, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::vendor;

/// Messages of one conversation.
const MESSAGES: u64 = 3;

pub(super) async fn start(bench: &Bench) -> Outcome {
    let scenario = &bench.scenario;
    let mut session = bench.session();
    let names = bench.names(&session);
    bench.expect(&scenario.start.exchanges, names.clone(), None);
    let driven = bench.drive(Seat::Usual, &mut session, 1).await;
    let played = bench.played();
    let at = "start";
    let mut faults = exchanged(at, &played);
    let (events, proved) = match driven.result {
        Ok(told) => told,
        Err(error) => {
            let look = "what the connector makes of the vendor's answer";
            faults.push(Fault::new(at, "the conversation begins", error.to_string(), look));
            return verdict(faults, "");
        }
    };
    let wanted = bench.names_of_session(&session, &scenario.start.lookup_keys);
    if session.vendor.lookup_keys != wanted {
        let came = format!("{:?}", session.vendor.lookup_keys);
        let look = "`started.lookup-keys`: callbacks find the session by them";
        faults.push(Fault::new(at, format!("the lookup keys {wanted:?}"), came, look));
    }
    if proved == scenario.start.accepted {
        let word = |proved| if proved { "`started`" } else { "`accepted`" };
        let look =
            "`start-outcome`: `accepted` where only a callback proves the conversation; [start] accepted";
        faults.push(Fault::new(at, word(!proved), word(proved), look));
    }
    let told: Vec<Told> = events.iter().map(Told::of_start).collect();
    faults.extend(super::callbacks::compare(at, &told, &scenario.start.events, &names));
    if session.vendor.problem_told == Some(true) {
        faults.extend(problem::untold(&scenario.start.problem, &played));
    }
    faults.extend(credentials(bench, &played));
    let steps = if driven.steps > 0 { format!(" in {} steps", driven.steps + 1) } else { String::new() };
    verdict(faults, format!("{} requests{steps}", played.asked.len()))
}

/// Whether the vendor gets the credential of each upstream.
fn credentials(bench: &Bench, played: &vendor::Played) -> Vec<Fault> {
    let mut faults = Vec::new();
    for asked in &played.asked {
        let upstream = bench.raw.upstreams.iter().find(|upstream| upstream.name == asked.upstream);
        let credential = upstream.and_then(|upstream| upstream.credential.as_ref());
        let header = credential.and_then(|name| bench.keys.get(name)).and_then(crate::keys::Key::header);
        let Some((name, value)) = header else { continue };
        if asked.header(&name) != Some(&value) {
            let look = "`upstream.credential` of the descriptor: the host adds it, the connector spells no such header";
            let came = format!("{asked} without it, or with another one");
            faults.push(Fault::new("start", format!("the credential in `{name}`"), came, look));
        }
    }
    faults
}

pub(super) async fn whole(bench: &Bench) -> Outcome {
    let mut session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut faults = Vec::new();
    for nth in 1..=MESSAGES {
        let at = format!("send, message {nth}");
        let (id, text) = (cast::message_id(&session, nth), format!("{} ({nth})", cast::HELLO));
        bench.expect_message(&session, id, &text, None);
        let message = cast::message(&bench.scenario, &text);
        let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
        faults.extend(exchanged(&at, &bench.played()));
        if let Err(error) = sent {
            faults.push(Fault::new(at, "the message arrives", error.to_string(), remembered()));
        }
    }
    bench.expect(&bench.scenario.end.exchanges, bench.names(&session), None);
    let ended = bench.end(Seat::Usual, &mut session, EndReason::Customer).await;
    faults.extend(exchanged("end", &bench.played()));
    if let Err(error) = ended {
        faults.push(Fault::new("end", "the conversation ends", error.to_string(), remembered()));
    }
    verdict(faults, format!("start, {MESSAGES} messages, end"))
}

fn remembered() -> &'static str {
    "every call has a fresh instance: what it needs must be in `session.state`, `session.tokens` or the lookup keys, and \
     an `update` replaces the whole state"
}

pub(super) async fn end_twice(bench: &Bench) -> Outcome {
    let end = &bench.scenario.end;
    let mut faults = Vec::new();
    let look = "`end` in the contract: calling it again, or for a conversation that is gone, is success";
    let mut session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    for round in ["first", "second"] {
        bench.allow(&end.exchanges, bench.names(&session), None);
        if let Err(error) = bench.end(Seat::Usual, &mut session, EndReason::Customer).await {
            faults.push(Fault::new(format!("the {round} end"), "success", error.to_string(), look));
        }
    }
    for (at, exchange) in end.exchanges.iter().enumerate() {
        for status in &end.gone {
            let Ok(mut session) = bench.begun().await else { continue };
            let gone = vendor::Fault::Status(*status, None);
            bench.allow(&end.exchanges, bench.names(&session), Some((at, gone)));
            if let Err(error) = bench.end(Seat::Usual, &mut session, EndReason::AgentInactivity).await {
                let at = format!("end, `{exchange}` answered with {status}");
                faults.push(Fault::new(at, "success", error.to_string(), look));
            }
        }
    }
    let gone: Vec<String> = end.gone.iter().map(u16::to_string).collect();
    verdict(faults, format!("twice in a row, and gone by {}", gone.join(", ")))
}
