//! What callbacks come to: the events of the scenario, all of them, in their order, and echoes to nothing.

use handover_handoff::Timestamp;
use handover_sandbox::{CallbackRequest, MapError, Mapped};
use serde_json::{Map, Value};

use super::{untold, verdict};
use crate::bench::{Bench, CALLBACKS, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::scenario::{Body, Callback, Wanted};
use crate::signing::{Signed, route, way};
use crate::template::Names;

pub(super) async fn described(bench: &Bench) -> Outcome {
    let told = |callback: &&Callback| !matches!(callback.wanted(), Wanted::Echo);
    let callbacks: Vec<&Callback> = bench.scenario.callbacks.iter().filter(told).collect();
    if callbacks.is_empty() {
        if bench.raw.callbacks.is_empty() {
            return super::not_applicable("it declares no callbacks");
        }
        return untold("[[callback]] for each kind of request that the vendor makes, with its `events`");
    }
    let mut faults = Vec::new();
    for callback in &callbacks {
        faults.extend(one(bench, callback).await);
    }
    verdict(faults, format!("{} callbacks", callbacks.len()))
}

pub(super) async fn many(bench: &Bench) -> Outcome {
    let several = |callback: &&Callback| callback.events.as_ref().is_some_and(|events| events.len() > 1);
    let callbacks: Vec<&Callback> = bench.scenario.callbacks.iter().filter(several).collect();
    if bench.raw.callbacks.is_empty() {
        return super::not_applicable("it declares no callbacks");
    }
    if callbacks.is_empty() {
        return untold(
            "a [[callback]] with several `events`; or [waived] many-events = \"why the vendor never sends such\"",
        );
    }
    let mut faults = Vec::new();
    for callback in &callbacks {
        faults.extend(one(bench, callback).await);
    }
    verdict(faults, format!("{} callbacks with several events", callbacks.len()))
}

pub(super) async fn echoes(bench: &Bench) -> Outcome {
    let callbacks: Vec<&Callback> =
        bench.scenario.callbacks.iter().filter(|callback| callback.echo).collect();
    if bench.raw.callbacks.is_empty() {
        return super::not_applicable("it declares no callbacks");
    }
    if callbacks.is_empty() {
        return untold(
            "a [[callback]] with `echo = true`; or [waived] echoes = \"why the vendor never sends such\"",
        );
    }
    let mut faults = Vec::new();
    for callback in &callbacks {
        let at = format!("callback `{}`", callback.name);
        let look = "how the connector tells our own messages from those of the live agent: `event.ignored`";
        match bench.map(&request(bench, callback)).await {
            Ok(mapped) => {
                let shown = mapped.events.iter().map(Told::mapped).filter(|event| !event.is_ignored());
                faults.extend(shown.map(|event| {
                    let came = event.shown().to_string();
                    Fault::new(&at, "nothing but `ignored`: the customer wrote it", came, look)
                }));
            }
            Err(error) => {
                faults.push(Fault::new(&at, "`ignored`: it is a good callback", error.to_string(), look));
            }
        }
    }
    verdict(faults, format!("{} echoes", callbacks.len()))
}

/// One callback against what the scenario says of it.
async fn one(bench: &Bench, callback: &Callback) -> Vec<Fault> {
    let at = format!("callback `{}`", callback.name);
    let sought = request(bench, callback);
    if route(&bench_routes(bench), &callback.path, &callback.method).is_none() {
        let came = format!("no route takes {} `/{}`", callback.method, callback.path);
        return vec![Fault::new(at, "a declared route", came, "`callbacks` of the descriptor")];
    }
    let mapped = bench.map(&sought).await;
    let look = "`callback.map`";
    match (callback.wanted(), mapped) {
        (Wanted::Malformed, Err(MapError::Malformed(_))) | (Wanted::Unmapped, Err(MapError::Unmapped(_))) => {
            Vec::new()
        }
        (Wanted::Malformed, came) => vec![Fault::new(at, "`refusal.malformed`", shown(came), look)],
        (Wanted::Unmapped, came) => vec![Fault::new(at, "`refusal.unmapped`", shown(came), look)],
        (Wanted::Echo, _) => Vec::new(),
        (Wanted::Events(_), Err(error)) => vec![Fault::new(at, "events", error.to_string(), look)],
        (Wanted::Events(wanted), Ok(mapped)) => {
            let told: Vec<Told> = mapped.events.iter().map(Told::mapped).collect();
            let names = bench.names(&bench.session());
            let mut faults = compare(&at, &told, wanted, &names);
            faults.extend(answered(&at, callback, &mapped, &names));
            faults
        }
    }
}

fn answered(at: &str, callback: &Callback, mapped: &Mapped, names: &Names) -> Vec<Fault> {
    let Some(wanted) = &callback.answer else { return Vec::new() };
    let look = "`mapped.answer`: what the vendor wants to hear";
    let Some(answer) = &mapped.answer else {
        return vec![Fault::new(at, "an answer of the connector's", "none", look)];
    };
    let mut faults = Vec::new();
    if let Some(status) = wanted.status.filter(|status| *status != answer.status) {
        faults.push(Fault::new(at, format!("the answer {status}"), answer.status.to_string(), look));
    }
    for (name, value) in &wanted.headers {
        let there = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        if !there.is_some_and(|(_, there)| names.text(value, there)) {
            faults.push(Fault::new(at, format!("the header `{name}: {value}`"), format!("{there:?}"), look));
        }
    }
    if let Some(json) = &wanted.json {
        let there = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        for one in names.differences(json, &there) {
            let wanted = format!("`{}` of the answer to be {}", one.place, one.wanted);
            faults.push(Fault::new(at, wanted, one.there, look));
        }
    }
    let body = String::from_utf8_lossy(&answer.body);
    if let Some(wanted) = wanted.body.as_ref().filter(|wanted| !names.text(wanted, &body)) {
        faults.push(Fault::new(at, format!("the answer {wanted:?}"), format!("{body:?}"), look));
    }
    faults
}

/// Events against those that are wanted.
pub(super) fn compare(at: &str, told: &[Told], wanted: &[Map<String, Value>], names: &Names) -> Vec<Fault> {
    let differences: Vec<Option<String>> =
        told.iter().zip(wanted).map(|(told, wanted)| told.difference(wanted, names)).collect();
    if told.len() == wanted.len() && differences.iter().all(Option::is_none) {
        return Vec::new();
    }
    let shown = told.iter().map(|event| event.shown().to_string()).collect::<Vec<_>>().join(", ");
    let elsewhere =
        |wanted: &Map<String, Value>| told.iter().any(|told| told.difference(wanted, names).is_none());
    if told.len() == wanted.len() && wanted.iter().all(elsewhere) {
        let look = "the order in which the vendor tells them is the order in which they happened";
        return vec![Fault::new(
            at,
            "the events in the vendor's order",
            format!("in another one: {shown}"),
            look,
        )];
    }
    if told.len() != wanted.len() {
        let (wanted, came) = (wanted.len(), told.len());
        let look = "each event that the vendor tells, once";
        return vec![Fault::new(at, format!("{wanted} events"), format!("{came}: [{shown}]"), look)];
    }
    let look = "the event, or what the scenario wants of it";
    let told = differences.into_iter().enumerate().filter_map(|(nth, found)| Some((nth + 1, found?)));
    told.map(|(nth, found)| Fault::new(at, format!("event {nth} as the scenario tells it"), found, look))
        .collect()
}

/// The routes in the host's words.
pub(super) fn bench_routes(bench: &Bench) -> Vec<handover_sandbox::description::CallbackRoute> {
    bench.seat(Seat::Usual).map(|connector| connector.description().callbacks.clone()).unwrap_or_default()
}

/// A callback as the connector sees it, signed where there is a way.
pub(super) fn request(bench: &Bench, callback: &Callback) -> CallbackRequest {
    with_body(bench, callback, &callback.content())
}

/// The same with another body.
pub(super) fn with_body(bench: &Bench, callback: &Callback, body: &Body) -> CallbackRequest {
    let received = received(callback);
    let mut signed = unsigned(callback, body);
    let routes = bench_routes(bench);
    let way = route(&routes, &callback.path, &callback.method).and_then(|route| way(bench, route));
    if let Some(way) = way.filter(|way| way.can_sign() && !callback.signed_by_vendor) {
        way.sign(&mut signed, received.0, None);
    }
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    CallbackRequest {
        method: callback.method.clone(),
        url: signed.url,
        path: callback.path.clone(),
        headers: signed.headers.into_iter().map(lower).collect(),
        body: signed.body,
        received,
    }
}

/// A callback before it is signed.
pub(super) fn unsigned(callback: &Callback, body: &Body) -> Signed {
    let mut headers: Vec<(String, String)> =
        callback.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(content_type) = body.content_type()
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    let mut url = format!("{CALLBACKS}/{}", Seat::Usual.name());
    if !callback.path.is_empty() {
        url = format!("{url}/{}", callback.path);
    }
    if !callback.query.is_empty() {
        url = format!("{url}?{}", callback.query);
    }
    Signed { url, headers, body: body.bytes() }
}

/// When it was received.
pub(super) fn received(callback: &Callback) -> Timestamp {
    let told = callback.at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let told = told.and_then(|at| u64::try_from(at.as_millisecond()).ok());
    told.map_or_else(cast::now, Timestamp)
}

/// What came of a callback, in a line.
pub(super) fn shown(mapped: Result<Mapped, MapError>) -> String {
    match mapped {
        Ok(mapped) if mapped.events.is_empty() => "no events, and no refusal".to_owned(),
        Ok(mapped) => {
            let events: Vec<String> =
                mapped.events.iter().map(|event| Told::mapped(event).shown().to_string()).collect();
            format!("the events [{}]", events.join(", "))
        }
        Err(MapError::Malformed(why)) => format!("`refusal.malformed`: {why}"),
        Err(MapError::Unmapped(why)) => format!("`refusal.unmapped`: {why}"),
        Err(MapError::Call(error)) => error.to_string(),
    }
}
