//! `migration`: a session that an older version has begun goes on.

use handover_handoff::Session;
use handover_sandbox::CallError;

use super::{exchanged, not_applicable, untold, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};

pub(super) async fn read(bench: &Bench) -> Outcome {
    if !bench.exports("migration") {
        return not_applicable("it does not export `migration`");
    }
    let cases = &bench.scenario.migration;
    if cases.is_empty() {
        return untold("[[migration]] with `from_schema` and the `state` that such a version has left");
    }
    if bench.scenario.send.exchanges.is_empty() {
        return untold("an exchange of [send]: that older state is read shows in a message's requests");
    }
    let told = |schema: &u32| cases.iter().any(|case| case.from_schema == *schema);
    let missing: Vec<String> =
        (1..bench.raw.state_schema).filter(|schema| !told(schema)).map(|one| one.to_string()).collect();
    if !missing.is_empty() {
        return untold(&format!("[[migration]] from schema {}, too", missing.join(", ")));
    }
    let begun = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut faults = Vec::new();
    for case in cases {
        let at = format!("migration from schema {}", case.from_schema);
        let mut session = begun.clone();
        session.vendor.state.clone_from(&case.state);
        session.vendor.schema = Some(case.from_schema);
        let id = cast::message_id(&session, 1);
        bench.expect_message(&session, id, cast::HELLO, None);
        let message = cast::message(&bench.scenario, cast::HELLO);
        let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
        faults.extend(exchanged(&at, &bench.played()));
        let look = "`migration.migrate`, and `state-schema` of the descriptor";
        if let Err(error) = sent {
            faults.push(Fault::new(&at, "the message arrives", error.to_string(), look));
        } else if session.vendor.schema != Some(bench.raw.state_schema) {
            let (wanted, came) =
                (format!("schema {}", bench.raw.state_schema), format!("{:?}", session.vendor.schema));
            faults.push(Fault::new(&at, wanted, came, look));
        }
        faults.extend(spoilt(bench, &begun, case.from_schema, &at).await);
    }
    verdict(faults, format!("{} older states", cases.len()))
}

/// State that no version has left: it may not be read, but nothing may break.
async fn spoilt(bench: &Bench, begun: &Session, schema: u32, at: &str) -> Option<Fault> {
    let mut session = begun.clone();
    "\u{feff}}{ no state".clone_into(&mut session.vendor.state);
    session.vendor.schema = Some(schema);
    let all: Vec<String> = bench.scenario.exchanges.keys().cloned().collect();
    bench.allow(&all, bench.names(&session), None);
    let (id, message) = (cast::message_id(&session, 1), cast::message(&bench.scenario, cast::HELLO));
    let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
    let look = "`migration.migrate`: a failure, where the state is none";
    let broken = sent.err().filter(|e| matches!(e, CallError::Trapped { .. } | CallError::OverLimit(_)))?;
    Some(Fault::new(format!("{at}, what is no state"), "no breakdown", broken.to_string(), look))
}
