//! A callback that comes a second time: recognised by the names of its events, and by nothing else.

use std::collections::BTreeMap;

use super::callbacks::{request, shown};
use super::{not_applicable, verdict};
use crate::bench::Bench;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;
use crate::scenario::Wanted;

pub(super) async fn duplicates(bench: &Bench) -> Outcome {
    let mut faults = Vec::new();
    let mut named: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut tried = 0;
    for callback in &bench.scenario.callbacks {
        let Wanted::Events(wanted) = callback.wanted() else { continue };
        let at = format!("callback `{}`", callback.name);
        let request = request(bench, callback);
        let Ok(first) = bench.map(&request).await else { continue };
        tried += 1;
        match bench.map(&request).await {
            Ok(second) if second.events == first.events => {}
            other => {
                let look = "`mapped-event.dedupe-id`: made of what the vendor sends, and of nothing else";
                let wanted = format!("the same again: {}", shown(Ok(first.clone())));
                faults.push(Fault::new(&at, wanted, shown(other), look));
            }
        }
        for (nth, event) in first.events.iter().enumerate() {
            let event = Told::mapped(event);
            let without =
                wanted.get(nth).is_some_and(|wanted| wanted.get("without_id") == Some(&true.into()));
            match &event.id {
                None if event.wants_id() && !without => {
                    let look = "`mapped-event.dedupe-id`; where the vendor gives nothing to tell two alike apart by: \
                                `without_id = true` in the scenario";
                    faults.push(Fault::new(&at, "an event with a name", event.shown().to_string(), look));
                }
                None => {}
                // An empty name, too, names all those that have it.
                Some(id) => {
                    let content = event.shown().to_string();
                    let known = named.insert(id.clone(), (at.clone(), content.clone()));
                    if let Some((other, known)) = known.filter(|(_, known)| *known != content) {
                        let came = format!("{id:?} names {known} of {other}, too");
                        let look = "the second one would be dropped as a duplicate of the first";
                        faults.push(Fault::new(&at, "a name of its own", came, look));
                    }
                }
            }
        }
    }
    if tried == 0 {
        return not_applicable("the scenario has no callback with events");
    }
    verdict(faults, format!("{tried} callbacks twice; {} names", named.len()))
}
