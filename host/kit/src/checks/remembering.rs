//! What a session remembers: it must not grow with every message, for it has 64 KiB and goes through the store each time.

use super::verdict;
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};

/// Messages, and those after which it is looked at.
const MESSAGES: u64 = 30;
const SETTLED: u64 = 10;

/// Bytes that a message may add: counters get longer, too.
const GROWTH: usize = 1;

pub(super) async fn small(bench: &Bench) -> Outcome {
    let mut session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let size = |session: &handover_handoff::Session| {
        session.vendor.state.len() + session.vendor.tokens.as_ref().map_or(0, String::len)
    };
    let mut settled = size(&session);
    for nth in 1..=MESSAGES {
        let id = cast::message_id(&session, nth);
        bench.expect_message(&session, id, cast::HELLO, None);
        let message = cast::message(&bench.scenario, cast::HELLO);
        if let Err(error) = bench.send(Seat::Usual, &mut session, id, &message, 1).await {
            return Outcome::NotRun { why: format!("message {nth} does not arrive: {error}") };
        }
        if nth == SETTLED {
            settled = size(&session);
        }
    }
    let now = size(&session);
    let mut faults = Vec::new();
    let bound = settled + GROWTH * usize::try_from(MESSAGES - SETTLED).unwrap_or(0);
    if now > bound {
        let came = format!("{now} bytes after {MESSAGES}");
        let look =
            "`update.state`: a long conversation would fill its 64 KiB and then fail with each message";
        let wanted = format!("{bound} bytes at most: there were {settled} after {SETTLED} messages");
        faults.push(Fault::new("state and tokens", wanted, came, look));
    }
    verdict(faults, format!("{now} bytes after {MESSAGES} messages"))
}
