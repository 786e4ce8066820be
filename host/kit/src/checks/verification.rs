//! Who may call: the declared scheme with the vendor's key, without it, too late, and with what the vendor has signed.

use super::callbacks::{bench_routes, received, request, unsigned};
use super::{not_applicable, untold, verdict};
use crate::bench::Bench;
use crate::certificate::{Fault, Outcome};
use crate::scenario::Callback;
use crate::signing::{Signed, Way, route, way};

/// A key that is not the vendor's.
const OTHER: &[u8] = b"d2hzZWMga2l0IG90aGVyIGtleSBlbnRpcmVseQ==";

/// Older than any declared tolerance would be, in milliseconds.
const DAY: u64 = 86_400_000;

const LOOK: &str = "`callback-route.verification` of the descriptor";

pub(super) fn vectors(bench: &Bench) -> Outcome {
    let routes = bench_routes(bench);
    let (mut faults, mut tried, mut keyless) = (Vec::new(), 0, Vec::new());
    for callback in bench.scenario.callbacks.iter().filter(|callback| !callback.signed_by_vendor) {
        let Some(route) = route(&routes, &callback.path, &callback.method) else { continue };
        match way(bench, route) {
            Some(way) if way.can_sign() => {
                tried += 1;
                faults.extend(one(callback, &way));
            }
            _ => keyless.extend(route.verification.iter().filter_map(crate::signing::credential)),
        }
    }
    if tried > 0 {
        return verdict(
            faults,
            format!("{tried} callbacks: the vendor's key, another key, changed, old, unsigned"),
        );
    }
    if routes.is_empty() {
        return not_applicable("it declares no callbacks");
    }
    match keyless.first() {
        Some(credential) => untold(&format!(
            "[credentials.{credential}] with the key that callbacks are verified with, and a [[callback]]"
        )),
        None => not_applicable(
            "it declares a scheme that needs no key of ours, or none: nothing to be tried offline",
        ),
    }
}

fn one(callback: &Callback, way: &Way<'_>) -> Vec<Fault> {
    let at = format!("callback `{}`, scheme {}", callback.name, way.verification.scheme());
    let now = received(callback).0;
    let signed = |time: u64, other: Option<&[u8]>| {
        let mut signed = unsigned(callback, &callback.content());
        way.sign(&mut signed, time, other);
        signed
    };
    let mut faults = Vec::new();
    if let Err(why) = way.verify(&signed(now, None), now) {
        faults.push(Fault::new(&at, "what the vendor signs is taken", why, LOOK));
    }
    let mut strangers: Vec<(&str, Signed)> = vec![
        ("signed with another key", signed(now, Some(OTHER))),
        ("without a signature", unsigned(callback, &callback.content())),
    ];
    if way.covers_content() {
        let mut changed = signed(now, None);
        changed.body.push(b' ');
        changed.url.push_str("&changed=1");
        strangers.push(("changed after it was signed", changed));
    }
    if way.is_stamped() {
        strangers.push(("signed a day ago", signed(now.saturating_sub(DAY), None)));
    }
    for (name, stranger) in strangers {
        if way.verify(&stranger, now).is_ok() {
            faults.push(Fault::new(&at, "it is refused", format!("taken although {name}"), LOOK));
        }
    }
    faults
}

pub(super) fn of_vendor(bench: &Bench) -> Outcome {
    let routes = bench_routes(bench);
    let signs = |route: &handover_sandbox::description::CallbackRoute| {
        route.verification.iter().any(|way| !matches!(way, handover_sandbox::description::Verification::None))
    };
    if !routes.iter().any(signs) {
        return not_applicable("it declares no signature");
    }
    let callbacks: Vec<&Callback> =
        bench.scenario.callbacks.iter().filter(|callback| callback.signed_by_vendor).collect();
    if callbacks.is_empty() {
        return untold(
            "a [[callback]] with `signed_by_vendor = true`: body, headers and time of a request that the vendor has \
             signed, from its documentation or a recording, and its key in [credentials]; or [waived] vendor-signature",
        );
    }
    let mut faults = Vec::new();
    for callback in &callbacks {
        let at = format!("callback `{}`", callback.name);
        let Some(way) = route(&routes, &callback.path, &callback.method).and_then(|route| way(bench, route))
        else {
            let look = "`callbacks` of the descriptor, and [credentials] of the scenario";
            faults.push(Fault::new(at, "a declared scheme with a key", "none", look));
            continue;
        };
        let request = request(bench, callback);
        let signed = Signed { url: request.url, headers: request.headers, body: request.body };
        if let Err(why) = way.verify(&signed, request.received.0) {
            let look = "digest, encoding, prefix, content and separator of the declared signature are not the vendor's";
            faults.push(Fault::new(at, "what the vendor has signed is taken", why, look));
        }
    }
    verdict(faults, format!("{} requests of the vendor", callbacks.len()))
}
