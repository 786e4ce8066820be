//! `reconcile`: whether the vendor has a message whose outcome is not known.

use super::{exchanged, not_applicable, untold, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};

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
        let shown = match came {
            Ok(Some(true)) => "taken".to_owned(),
            Ok(Some(false)) => "not-taken".to_owned(),
            Ok(None) => "unknown".to_owned(),
            Err(error) => error.to_string(),
        };
        if shown != case.verdict {
            let look =
                "`reconcile.verdict`: a wrong `not-taken` doubles a message, a wrong `taken` loses one";
            faults.push(Fault::new(at, &case.verdict, shown, look));
        }
    }
    verdict(faults, format!("{} cases", cases.len()))
}
