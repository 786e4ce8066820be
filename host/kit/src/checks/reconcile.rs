//! `reconcile`: whether the vendor has a message whose outcome is not known.

use handover_sandbox::CallError;

use super::{exchanged, not_applicable, untold, verdict};
use crate::advice::doubts;
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};

const LOOK: &str = "`reconcile.verdict`: a wrong `not-taken` doubles a message, a wrong `taken` loses one";

pub(super) async fn known(bench: &Bench) -> Outcome {
    if !bench.exports("reconcile") {
        return not_applicable("it does not export `reconcile`");
    }
    let cases = &bench.scenario.reconcile;
    let has = |verdict: &str| cases.iter().any(|case| case.verdict == verdict);
    if !has("taken") || !has("not-taken") {
        return untold(
            "[[reconcile]] twice at least: with `verdict = \"taken\"`, and with `verdict = \"not-taken\"`",
        );
    }
    if cases.iter().all(|case| case.exchanges.is_empty()) {
        return untold("`exchanges` in [[reconcile]]: a verdict that asks nobody is not proved");
    }
    let session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let Some(connector) = bench.seat(Seat::Usual) else {
        return Outcome::NotRun { why: "the component no longer serves".to_owned() };
    };
    let mut faults = Vec::new();
    let (id, message) = (cast::message_id(&session, 1), cast::message(&bench.scenario, cast::HELLO));
    for case in cases {
        let at = format!("reconcile `{}`", case.name);
        bench.expect(&case.exchanges, bench.names(&session), None);
        let came = connector.find(&session, id, &message, 2, cast::now()).await;
        faults.extend(exchanged(&at, &bench.played()));
        let verdict = shown(&came);
        if verdict != case.verdict {
            faults.push(Fault::new(&at, &case.verdict, verdict, LOOK));
        }
        for (nth, exchange) in case.exchanges.iter().enumerate() {
            for rule in doubts() {
                bench.expect(&case.exchanges, bench.names(&session), Some((nth, rule.fault.clone())));
                let came = connector.find(&session, id, &message, 2, cast::now()).await;
                if bench.played().asked.len() <= nth {
                    // It did not get so far: an exchange that may be left out.
                    continue;
                }
                let wrong = matches!(came, Ok(Some(_))) && shown(&came) != case.verdict;
                // What is found on a page before the one that fails is there.
                let early = case.verdict == "not-taken" && matches!(came, Ok(Some(false)));
                let broken = matches!(came, Err(CallError::Trapped { .. } | CallError::OverLimit(_)));
                if wrong || early || broken {
                    let at = format!("{at}, `{exchange}`: {}", rule.name);
                    faults.push(Fault::new(at, "`unknown`, or a failure", shown(&came), LOOK));
                }
            }
        }
    }
    verdict(faults, format!("{} cases, and what fails of them", cases.len()))
}

fn shown(came: &Result<Option<bool>, CallError>) -> String {
    match came {
        Ok(Some(true)) => "taken".to_owned(),
        Ok(Some(false)) => "not-taken".to_owned(),
        Ok(None) => "unknown".to_owned(),
        Err(error) => error.to_string(),
    }
}
