//! What calls take: measured, and held against what the gateway's default policy gives them.

use std::time::{Duration, Instant};

use handover_handoff::session::EndReason;
use handover_sandbox::Limits;

use super::callbacks::request;
use super::determinism::{as_told, context};
use super::verdict;
use crate::bench::{Bench, MEMORIES, Seat};
use crate::cast;
use crate::certificate::{Fault, Measured, Outcome};
use crate::lab::World;

/// Callbacks that are read to measure one.
const ROUNDS: usize = 200;

/// Calls of a kind of which the slowest is one in a hundred.
const ENOUGH: usize = 5;

pub(super) async fn bounded(bench: &Bench) -> Outcome {
    let limits = Limits::default();
    let mut faults = Vec::new();
    let callbacks = &bench.scenario.callbacks;
    // A machine that has other things to do delays any call, but not the same one each time.
    let mut fastest = vec![Duration::MAX; callbacks.len()];
    if !callbacks.is_empty() {
        for round in 0..ROUNDS {
            let nth = round % callbacks.len();
            let told = request(bench, &callbacks[nth]);
            let begun = Instant::now();
            // How it ends is another check's.
            drop(bench.map(&told).await);
            fastest[nth] = fastest[nth].min(begun.elapsed());
        }
    }
    let slow = |what: &str, took: Duration, bound: Duration| {
        (took > bound / 2).then(|| {
            let came = format!("{} ms", took.as_millis());
            let look = "the gateway cuts it off at twice that; a fresh instance is made for each call: begin with nothing";
            Fault::new(what.to_owned(), format!("{} ms at most", bound.as_millis() / 2), came, look)
        })
    };
    let map = fastest.into_iter().max().unwrap_or_default();
    faults.extend(slow("the `map` of the callback that takes longest", map, limits.map));
    faults.extend(["start", "send", "end"].into_iter().filter_map(|what| {
        let times = bench.times(what);
        let usual = times.get(times.len() / 2).copied().unwrap_or_default();
        slow(&format!("a usual `{what}`"), usual, limits.call)
    }));
    let memory = memory(bench);
    if memory > limits.memory {
        let look = "what it allocates for one callback; what is allocated is not given back within a call";
        let (wanted, came) = (format!("{} bytes at most", limits.memory), format!("{memory} bytes"));
        faults.push(Fault::new("the memory of `map`", wanted, came, look));
    }
    verdict(faults, format!("{ROUNDS} callbacks; {} KiB of memory", memory / 1024))
}

/// Bytes that reading a callback takes at the most.
fn memory(bench: &Bench) -> usize {
    let each = bench.scenario.callbacks.iter().filter_map(|callback| {
        let told = request(bench, callback);
        let now = told.received.0;
        let (_, cost) =
            bench.lab.map(World { clock: now, dice: 1 }, &context(bench, now), &as_told(&told, now)).ok()?;
        Some(cost.memory)
    });
    each.max().unwrap_or(0)
}

pub(super) async fn measured(bench: &Bench) -> Measured {
    let (map, send) = (bench.times("map"), bench.times("send"));
    let memory = memory(bench);
    Measured {
        map_p50_us: quantile(&map, 50),
        map_p99_us: quantile(&map, 99),
        send_p50_us: quantile(&send, 50),
        send_p99_us: quantile(&send, 99),
        map_memory: (memory > 0).then_some(memory),
        conversation_memory_mib: least(bench).await,
    }
}

fn quantile(times: &[Duration], percent: usize) -> Option<u64> {
    if times.len() < ENOUGH {
        return None;
    }
    let at = (times.len() * percent / 100).min(times.len() - 1);
    u64::try_from(times[at].as_micros()).ok()
}

/// The smallest seat on which a conversation works.
async fn least(bench: &Bench) -> Option<usize> {
    for mib in MEMORIES {
        let seat = Seat::Small(mib);
        let mut session = bench.session();
        bench.expect(&bench.scenario.start.exchanges, bench.names(&session), None);
        if bench.drive(seat, &mut session, 1).await.result.is_err() {
            continue;
        }
        let id = cast::message_id(&session, 1);
        bench.expect_message(&session, id, cast::HELLO, None);
        let message = cast::message(&bench.scenario, cast::HELLO);
        let sent = bench.send(seat, &mut session, id, &message, 1).await;
        bench.expect(&bench.scenario.end.exchanges, bench.names(&session), None);
        let ended = bench.end(seat, &mut session, EndReason::Customer).await;
        if sent.is_ok() && ended.is_ok() {
            return Some(mib);
        }
    }
    None
}
