//! `trial`: what the connector finds by trying its own setup, where all is well, and where something is not.

use handover_sandbox::{CallError, Finding};

use super::{exchanged, not_applicable, untold, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::vendor;

/// What may be wrong with a setup.
const WRONG: [(vendor::Fault, &str); 4] = [
    (vendor::Fault::Status(401, None), "401"),
    (vendor::Fault::Status(404, None), "404"),
    (vendor::Fault::Status(503, None), "503"),
    (vendor::Fault::Reset, "a connection that breaks"),
];

const LOOK: &str = "`trial.try-out`: what the operator reads before any customer comes";

pub(super) async fn told(bench: &Bench) -> Outcome {
    if !bench.exports("trial") {
        return not_applicable("it does not export `trial`");
    }
    let Some(trial) = bench.scenario.trial.as_ref().filter(|trial| !trial.exchanges.is_empty()) else {
        return untold("[trial] with the `exchanges` that it reads; one that asks nobody proves nothing");
    };
    let mut faults = healthy(bench, &trial.exchanges).await;
    for (at, exchange) in trial.exchanges.iter().enumerate() {
        for (fault, name) in &WRONG {
            let means = bench.scenario.exchanges.get(exchange).and_then(|told| told.means.get(*name));
            if means.is_some_and(|meaning| meaning == "success") {
                continue;
            }
            bench.allow(&trial.exchanges, bench.names(&bench.session()), Some((at, fault.clone())));
            let came = try_out(bench, Seat::Usual).await;
            let place = format!("trial, `{exchange}`: {name}");
            faults.extend(failing(&place, came, *name == "401"));
        }
    }
    faults.extend(failing("trial, no connection", try_out(bench, Seat::Cut).await, false));
    verdict(faults, format!("{} requests, each of them refused, too", trial.exchanges.len()))
}

async fn try_out(bench: &Bench, seat: Seat) -> Result<Vec<Finding>, CallError> {
    let connector = bench.seat(seat).ok_or(CallError::Unsupported("this seat"))?;
    let found = connector.try_out(cast::now()).await?;
    found.ok_or(CallError::Unsupported("trial"))
}

async fn healthy(bench: &Bench, exchanges: &[String]) -> Vec<Fault> {
    let at = "trial";
    bench.expect(exchanges, bench.names(&bench.session()), None);
    let came = try_out(bench, Seat::Usual).await;
    let played = bench.played();
    let mut faults = exchanged(at, &played);
    for asked in played.asked.iter().filter(|asked| !matches!(asked.method.as_str(), "GET" | "HEAD")) {
        let reads = |name: &String| {
            let exchange = bench.scenario.exchanges.get(name);
            exchange.is_some_and(|one| one.repeatable && one.method() == asked.method)
        };
        if !exchanges.iter().any(reads) {
            let look =
                "it reads, and neither starts nor sends; where such a request reads: `repeatable = true`";
            faults.push(Fault::new(at, "no trace at the vendor", asked.to_string(), look));
        }
    }
    let findings = match came {
        Ok(findings) => findings,
        Err(error) => {
            faults.push(Fault::new(at, "findings", error.to_string(), LOOK));
            return faults;
        }
    };
    if findings.is_empty() {
        faults.push(Fault::new(at, "a finding for each thing that it tries", "none", LOOK));
    }
    let secrets: Vec<&str> = bench.keys.values().flat_map(crate::keys::Key::secrets).collect();
    for finding in &findings {
        if let Some(failure) = &finding.failure {
            let came = format!("{:?} fails: {}", finding.subject, failure.detail);
            faults.push(Fault::new(at, "all works where all is well", came, LOOK));
        }
        if finding.subject.trim().is_empty() {
            faults.push(Fault::new(at, "a subject that says what was tried", "an empty one", LOOK));
        }
        let said = [Some(&finding.subject), finding.failure.as_ref().map(|failure| &failure.detail)];
        if said.into_iter().flatten().any(|text| secrets.iter().any(|secret| text.contains(secret))) {
            faults.push(Fault::new(
                at,
                "no secret",
                "one in a finding",
                "it stands in the operator's report",
            ));
        }
    }
    faults
}

/// Something is wrong: one of the findings says so, and calls a refused credential one.
fn failing(at: &str, came: Result<Vec<Finding>, CallError>, refused: bool) -> Option<Fault> {
    let findings = match came {
        Ok(findings) => findings,
        Err(error) => return Some(Fault::new(at, "a finding that fails", error.to_string(), LOOK)),
    };
    let failures: Vec<_> = findings.iter().filter_map(|finding| finding.failure.as_ref()).collect();
    if failures.is_empty() {
        let came = format!("{} findings, and all of them good", findings.len());
        return Some(Fault::new(at, "a finding that fails", came, LOOK));
    }
    let known = failures.iter().any(|failure| failure.reason.as_str() == "misconfigured");
    if refused && !known {
        let came: Vec<String> = failures.iter().map(|failure| crate::advice::told(failure)).collect();
        let look = "`failure-reason.misconfigured` names the key that the operator has to mend";
        return Some(Fault::new(at, "`misconfigured`", came.join("; "), look));
    }
    None
}
