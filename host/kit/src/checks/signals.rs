//! `signals`: the customer types, and what became of the live agent's messages.

use handover_handoff::Session;
use handover_handoff::delivery::{FailureReason, Receipt, RetryAdvice};
use handover_sandbox::CallError;

use super::{exchanged, not_applicable, untold, verdict};
use crate::advice::{Kind, RULES, judge};
use crate::bench::{Bench, Seat};
use crate::cast::{self, AGENT_MESSAGE};
use crate::certificate::{Fault, Outcome};
use crate::vendor;

const LOOK: &str = "`signals` of the connector";

pub(super) async fn told(bench: &Bench) -> Outcome {
    if !bench.exports("signals") {
        return not_applicable("it does not export `signals`");
    }
    let (Some(typing), Some(receipt)) = (&bench.scenario.typing, &bench.scenario.receipt) else {
        return untold(
            "[typing] and [receipt] with their `exchanges`; an empty list where the vendor is told nothing",
        );
    };
    let every = [typing.of(true), typing.of(false), receipt.of(true), receipt.of(false)];
    if every.iter().all(|exchanges| exchanges.is_empty()) {
        return untold("an exchange in [typing] or [receipt]: with none in either nothing is proved");
    }
    let session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut faults = Vec::new();
    for on in [true, false] {
        let at = format!("typing, {on}");
        let result = type_(bench, &session, typing.of(on), on, None).await;
        faults.extend(exchanged(&at, &bench.played()));
        faults.extend(result.err().map(|error| Fault::new(at, "success", error.to_string(), LOOK)));
    }
    let fates =
        [("delivered", Receipt::Delivered), ("not-delivered", Receipt::NotDelivered("too long".to_owned()))];
    for (name, fate) in &fates {
        let at = format!("report, {name}");
        let exchanges = receipt.of(*fate == Receipt::Delivered);
        let result = report(bench, &session, exchanges, name, fate, None).await;
        faults.extend(exchanged(&at, &bench.played()));
        // A vendor that is told nothing of it may have no word for it.
        let wordless = |error: &CallError| {
            let failure = error.clone().into_failure();
            exchanges.is_empty()
                && failure.reason == FailureReason::Unsupported
                && failure.retry == RetryAdvice::Never
        };
        let result = result.or_else(|error| if wordless(&error) { Ok(()) } else { Err(error) });
        faults.extend(result.err().map(|error| Fault::new(at, "success", error.to_string(), LOOK)));
    }
    // What hangs is cut off as any call is.
    let rules = || RULES.iter().filter(|rule| rule.fault != vendor::Fault::Hang);
    for (nth, name) in ["typing", "typing", "report", "report"].into_iter().enumerate() {
        let exchanges = every[nth];
        for (at, exchange) in exchanges.iter().enumerate() {
            for rule in rules() {
                let spoilt = Some((at, rule.fault.clone()));
                let (fate, receipt) = &fates[nth % 2];
                let result = match name {
                    "typing" => type_(bench, &session, exchanges, nth == 0, spoilt).await,
                    _ => report(bench, &session, exchanges, fate, receipt, spoilt).await,
                };
                let told = bench.scenario.exchanges.get(exchange);
                if let Some((expected, came)) = told.and_then(|told| judge(rule, Kind::Signal, told, result))
                {
                    let at = format!("{name}, `{exchange}`: {}", rule.name);
                    faults.push(Fault::new(at, expected, came, rule.why));
                }
            }
        }
    }
    verdict(faults, "typing on and off, delivered and not, and what fails")
}

async fn type_(
    bench: &Bench,
    session: &Session,
    exchanges: &[String],
    on: bool,
    spoilt: Option<(usize, vendor::Fault)>,
) -> Result<(), CallError> {
    let mut names = bench.names(session);
    names.set("typing", on.to_string());
    bench.expect(exchanges, names, spoilt);
    let connector = bench.seat(Seat::Usual).ok_or(CallError::Unsupported("this seat"))?;
    connector.typing(session, on, cast::now()).await
}

async fn report(
    bench: &Bench,
    session: &Session,
    exchanges: &[String],
    name: &str,
    fate: &Receipt,
    spoilt: Option<(usize, vendor::Fault)>,
) -> Result<(), CallError> {
    let mut names = bench.names(session);
    names.set("receipt.status", name);
    bench.expect(exchanges, names, spoilt);
    let connector = bench.seat(Seat::Usual).ok_or(CallError::Unsupported("this seat"))?;
    connector.report(session, AGENT_MESSAGE, fate, cast::now()).await.map(drop)
}
