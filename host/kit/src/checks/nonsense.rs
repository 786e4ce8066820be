//! What is no callback: cut off, empty, of another shape. It brings no event and breaks nothing.

use super::callbacks::{shown, with_body};
use super::{not_applicable, verdict};
use crate::bench::Bench;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::scenario::Body;
use handover_sandbox::MapError;

pub(super) async fn refused(bench: &Bench) -> Outcome {
    let Some(callback) = bench.scenario.callbacks.first() else {
        return not_applicable("the scenario has no callback");
    };
    let mut bodies: Vec<(String, Vec<u8>)> = [
        ("nothing", &b""[..]),
        ("`{}`", b"{}"),
        ("`[]`", b"[]"),
        ("`null`", b"null"),
        ("a number", b"7"),
        ("bytes that are no text", b"\xff\xfe\x00\x01"),
        ("lists within lists", b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
    ]
    .map(|(name, body)| (name.to_owned(), body.to_vec()))
    .into();
    for callback in &bench.scenario.callbacks {
        if let Body::Json(_) = callback.content() {
            let whole = callback.content().bytes();
            let half = whole[..whole.len() / 2].to_vec();
            bodies.push((format!("the first half of callback `{}`", callback.name), half));
        }
    }
    let count = bodies.len();
    let mut faults = Vec::new();
    for (name, body) in bodies {
        let mapped = bench.map(&with_body(bench, callback, &Body::Raw(body))).await;
        let is_fault = match &mapped {
            Ok(mapped) => mapped.events.iter().map(Told::mapped).any(|event| !event.is_ignored()),
            Err(MapError::Malformed(_) | MapError::Unmapped(_)) => false,
            Err(MapError::Call(_)) => true,
        };
        if is_fault {
            let look = "`callback.map`: what cannot be read is `refusal.malformed`; a trap keeps it for ever";
            faults.push(Fault::new(name, "`refusal.malformed`, or no events", shown(mapped), look));
        }
    }
    verdict(faults, format!("{count} bodies"))
}
