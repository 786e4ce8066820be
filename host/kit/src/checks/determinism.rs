//! The same input, the same output: with another clock, with other dice, and when it is read again days later.

use super::callbacks::request;
use super::{not_applicable, verdict};
use crate::bench::{Bench, CALLBACKS, Seat};
use crate::certificate::{Fault, Outcome};
use crate::lab::{Context, Mapped, Refusal, Request, World, attribute};
use handover_sandbox::CallbackRequest;

/// Three days, in milliseconds: a callback that was kept is read again by the next version.
const LATER: u64 = 3 * 86_400_000;

pub(super) fn same(bench: &Bench) -> Outcome {
    let mut faults = Vec::new();
    for callback in &bench.scenario.callbacks {
        let at = format!("callback `{}`", callback.name);
        let told = request(bench, callback);
        let now = told.received.0;
        let first = map(bench, &told, now, World { clock: now, dice: 1 });
        let other = map(bench, &told, now, World { clock: now + 61_007, dice: 77 });
        if first != other {
            let look = "the host's clock and random bytes, or what the language makes of them (hash maps, ids, now): a \
                        callback is mapped from the request and `context.now` alone";
            faults.push(Fault::new(
                &at,
                format!("the same whatever clock and dice say: {first}"),
                other,
                look,
            ));
            continue;
        }
        let later = map(bench, &told, now + LATER, World { clock: now, dice: 1 });
        if first != later {
            let look = "`context.now` and `request.received` change when a callback is read again: neither belongs into \
                        what names an event";
            faults.push(Fault::new(&at, format!("the same when it is read later: {first}"), later, look));
        }
    }
    if bench.scenario.callbacks.is_empty() {
        return not_applicable("the scenario has no callback");
    }
    verdict(faults, format!("{} callbacks, three times each", bench.scenario.callbacks.len()))
}

/// What it comes to, in a line that is equal where, and only where, the events are.
fn map(bench: &Bench, told: &CallbackRequest, now: u64, world: World) -> String {
    match bench.lab.map(world, &context(bench, now), &as_told(told, now)) {
        Ok((Ok(mapped), _)) => events(&mapped),
        Ok((Err(Refusal::Malformed(_)), _)) => "malformed".to_owned(),
        Ok((Err(Refusal::Unmapped(_)), _)) => "unmapped".to_owned(),
        Err(why) => why,
    }
}

/// Without the time, which may be that of the request where the vendor tells none.
fn events(mapped: &Mapped) -> String {
    let each = mapped
        .events
        .iter()
        .map(|event| format!("{} {:?} {:?}", event.lookup_key, event.dedupe_id, event.event));
    each.collect::<Vec<_>>().join("; ")
}

pub(super) fn context(bench: &Bench, now: u64) -> Context {
    Context {
        connector: Seat::Usual.name(),
        settings: bench.settings(),
        callback_url: format!("{CALLBACKS}/{}", Seat::Usual.name()),
        now,
    }
}

pub(super) fn as_told(told: &CallbackRequest, now: u64) -> Request {
    Request {
        method: told.method.clone(),
        url: told.url.clone(),
        path: told.path.clone(),
        headers: told.headers.iter().map(|(name, value)| attribute(name, value)).collect(),
        body: told.body.clone(),
        received: now,
    }
}
