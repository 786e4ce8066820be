//! `migration`: a session that an older version has begun goes on.

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
    }
    verdict(faults, format!("{} older states", cases.len()))
}
