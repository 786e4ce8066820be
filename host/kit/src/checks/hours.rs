//! `availability`: whether anybody is there.

use super::{exchanged, not_applicable, untold, verdict};
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
            faults.push(Fault::new(at, wanted, format!("{came:?}"), look));
        }
    }
    verdict(faults, format!("{} cases", cases.len()))
}
