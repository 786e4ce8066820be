//! What is made again: a start that broke off at each of its requests, and messages whose outcome is not known.

use std::collections::BTreeMap;

use handover_handoff::delivery::RetryAdvice;

use super::{not_applicable, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::vendor::{self, Asked};

/// Attempts until a start has to be there.
const ATTEMPTS: u32 = 4;

pub(super) async fn start(bench: &Bench) -> Outcome {
    let start = &bench.scenario.start;
    let mut faults = Vec::new();
    for (at, exchange) in start.exchanges.iter().enumerate() {
        for (name, spoilt) in [
            ("is answered with 503", vendor::Fault::Status(503, Some(1))),
            ("breaks off", vendor::Fault::Reset),
        ] {
            let place = format!("a start whose request `{exchange}` {name}, then all is well");
            faults.extend(broken_off(bench, at, spoilt, &place).await);
        }
    }
    if start.exchanges.is_empty() {
        return not_applicable("the scenario says that it makes no request");
    }
    verdict(faults, format!("broken off at each of {} requests", start.exchanges.len()))
}

async fn broken_off(bench: &Bench, at: usize, spoilt: vendor::Fault, place: &str) -> Vec<Fault> {
    let exchanges = &bench.scenario.start.exchanges;
    let mut session = bench.session();
    bench.allow(exchanges, bench.names(&session), Some((at, spoilt)));
    let first = bench.drive(Seat::Usual, &mut session, 1).await;
    let mut all = bench.played().done;
    if let Err(error) = first.result {
        if error.into_failure().retry == RetryAdvice::Never {
            // It is not made again; whether that is right is another check's.
            return Vec::new();
        }
        let mut there = false;
        for attempt in 2..=ATTEMPTS {
            bench.allow_after(exchanges, bench.names(&session), None, &all);
            there = bench.drive(Seat::Usual, &mut session, attempt).await.result.is_ok();
            all.extend(bench.played().done);
            if there {
                break;
            }
        }
        if !there {
            let look = "`new-session.progress`: what the step before returned with `continue`";
            return vec![Fault::new(place, "the conversation begins in the end", "it does not", look)];
        }
    }
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for name in all {
        *done.entry(name).or_default() += 1;
    }
    let twice = done.iter().filter(|(name, count)| {
        **count > 1 && !bench.scenario.exchanges.get(*name).is_some_and(|exchange| exchange.is_repeatable())
    });
    let look = "return `continue` after a request that must not be made twice, and go on from `progress`; or, where the \
                vendor does it once by an id that it is given: `repeatable = true` in the scenario; or, where it is \
                looked up before it is made again: `after` of the exchange that tells of it";
    twice
        .map(|(name, count)| {
            let came = format!("the vendor has done `{name}` {count} times");
            Fault::new(place, format!("`{name}` once"), came, look)
        })
        .collect()
}

pub(super) async fn repeats(bench: &Bench) -> Outcome {
    let mut faults = Vec::new();
    let mut tried = 0;
    for (at, exchange) in repeatable(bench, &bench.scenario.send.exchanges) {
        let mut session = match bench.begun().await {
            Ok(session) => session,
            Err(why) => return Outcome::NotRun { why },
        };
        let id = cast::message_id(&session, 1);
        let message = cast::message(&bench.scenario, cast::HELLO);
        let mut attempts = Vec::new();
        for attempt in 1..=2 {
            bench.expect_message(&session, id, cast::HELLO, Some((at, vendor::Fault::Reset)));
            drop(bench.send(Seat::Usual, &mut session, id, &message, attempt).await);
            attempts.push(bench.played().asked.get(at).cloned());
        }
        tried += 1;
        faults.extend(differ(&format!("send, `{exchange}`, second attempt"), &attempts));
    }
    for (at, exchange) in repeatable(bench, &bench.scenario.start.exchanges) {
        let mut attempts = Vec::new();
        for attempt in 1..=2 {
            let mut session = bench.session();
            bench.expect(
                &bench.scenario.start.exchanges,
                bench.names(&session),
                Some((at, vendor::Fault::Reset)),
            );
            drop(bench.drive(Seat::Usual, &mut session, attempt).await);
            attempts.push(bench.played().asked.get(at).cloned());
        }
        tried += 1;
        faults.extend(differ(&format!("start, `{exchange}`, second attempt"), &attempts));
    }
    if tried == 0 {
        return not_applicable("no request of `start` or `send` is told to be repeatable");
    }
    verdict(faults, format!("{tried} requests, twice each"))
}

/// The exchanges that the vendor does once by what they carry.
fn repeatable<'a>(bench: &'a Bench, names: &'a [String]) -> impl Iterator<Item = (usize, &'a String)> {
    names.iter().enumerate().filter(|(_, name)| {
        bench.scenario.exchanges.get(*name).is_some_and(|one| one.repeatable && one.method() != "GET")
    })
}

fn differ(at: &str, attempts: &[Option<Asked>]) -> Option<Fault> {
    let [Some(first), Some(second)] = attempts else { return None };
    let same = first.path == second.path && first.body == second.body;
    let shown = |asked: &Asked| format!("{asked} {}", String::from_utf8_lossy(&asked.body));
    let look = "`message.id` and `new-session.id` are the same on every attempt: nothing else makes the vendor recognise it";
    (!same).then(|| Fault::new(at, format!("the same request: {}", shown(first)), shown(second), look))
}
