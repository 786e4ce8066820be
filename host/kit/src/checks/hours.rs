//! `availability`: whether anybody is there.

use handover_sandbox::CallError;

use super::{exchanged, not_applicable, untold, verdict};
use crate::advice::doubts;
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};

pub(super) async fn known(bench: &Bench) -> Outcome {
    if !bench.exports("availability") {
        return not_applicable("it does not export `availability`");
    }
    let cases = &bench.scenario.availability;
    let either = |anybody| cases.iter().any(|case| case.anybody == anybody);
    if !either(true) || !either(false) {
        return untold("[[availability]] twice at least: with `anybody = true`, and with `anybody = false`");
    }
    if cases.iter().all(|case| case.exchanges.is_empty()) {
        return untold("`exchanges` in [[availability]]: an answer that asks nobody is not proved");
    }
    let Some(connector) = bench.seat(Seat::Usual) else {
        return Outcome::NotRun { why: "the component no longer serves".to_owned() };
    };
    let (session, mut faults) = (bench.session(), Vec::new());
    let routing = cast::start_request(&bench.scenario).routing;
    for case in cases {
        let at = format!("availability `{}`", case.name);
        bench.expect(&case.exchanges, bench.names(&session), None);
        let came = connector.anybody(&session, &routing, cast::now()).await;
        faults.extend(exchanged(&at, &bench.played()));
        if !matches!(came, Ok(Some(anybody)) if anybody == case.anybody) {
            let wanted = if case.anybody { "somebody is there" } else { "nobody is there" };
            let look = "`availability.status`: open, and agents-online where it is told";
            faults.push(Fault::new(&at, wanted, format!("{came:?}"), look));
        }
        for (nth, exchange) in case.exchanges.iter().enumerate() {
            for rule in doubts() {
                bench.expect(&case.exchanges, bench.names(&session), Some((nth, rule.fault.clone())));
                let came = connector.anybody(&session, &routing, cast::now()).await;
                // Where others have answered, it may be known all the same.
                let sure = matches!(came, Ok(Some(anybody)) if anybody != case.anybody);
                if sure || matches!(came, Err(CallError::Trapped { .. } | CallError::OverLimit(_))) {
                    let at = format!("{at}, `{exchange}`: {}", rule.name);
                    let look = "who does not know says so: a failure is no answer, neither `open` nor closed";
                    faults.push(Fault::new(at, "a failure", format!("{came:?}"), look));
                }
            }
        }
    }
    verdict(faults, format!("{} cases", cases.len()))
}
