//! One decision, one transaction: two round trips where nothing collides.
//!
//! The first takes the name in and loads the session, which stays locked; the second writes all that follows and
//! commits. The rules that could refuse a write are either locks held since the first, or constraints that undo the
//! whole.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use deadpool_postgres::Client;
use handover_handoff::{Decision, Session, Timestamp};

use super::connect::Connection;
use super::fault::{Fault, Rows};
use super::pipeline::{Answers, Pipeline, undo};
use super::{Engine, lanes, sessions};
use crate::{Claim, Committed, Decider, Once, Sifter, Subject};

/// How often a transaction is tried that others get in the way of. One of them gets through each time, so that
/// whoever still collides after this many has a rule against it.
const TRIES: u32 = 8;

/// Decides on a session with what is new of the names.
type Sift<'a> = &'a mut (dyn FnMut(Option<Session>, &[bool]) -> Decision<()> + Send);

/// Loads, decides and commits, again where another transaction was in the way.
pub(super) async fn transact(
    engine: &Engine,
    subject: &Subject,
    once: Option<&Once>,
    now: Timestamp,
    decider: &mut Decider,
) -> Rows<Committed> {
    let names = once.map(std::slice::from_ref).unwrap_or_default();
    let asked = Asked { subject, names, known: Known::Duplicate, now };
    tries(engine, &asked, &mut |session, _| decider(session)).await
}

/// The same with many names, of which some may be known.
pub(super) async fn gather(
    engine: &Engine,
    subject: &Subject,
    names: &[Once],
    now: Timestamp,
    sifter: &mut Sifter,
) -> Rows<()> {
    let asked = Asked { subject, names, known: Known::Told, now };
    tries(engine, &asked, &mut |session, fresh| sifter(session, fresh)).await?;
    Ok(())
}

/// What is asked for.
struct Asked<'a> {
    subject: &'a Subject,
    names: &'a [Once],
    known: Known,
    now: Timestamp,
}

/// What a name means that was taken in before.
#[derive(PartialEq, Eq)]
enum Known {
    /// Nothing is to be decided.
    Duplicate,
    /// Whoever decides is told of it.
    Told,
}

async fn tries(engine: &Engine, asked: &Asked<'_>, sift: Sift<'_>) -> Rows<Committed> {
    let mut tried = 1;
    loop {
        let connection = Connection::of(&engine.pool).await?;
        let outcome = attempt(engine, &connection, asked, sift).await;
        match connection.end(outcome).await {
            Err(fault) if fault.is_a_collision() && tried < TRIES => {
                // Two that collide would collide again in step.
                let apart = u64::from(tried) * 3 + u64::from(engine.node.as_bytes()[15] % 5);
                tokio::time::sleep(Duration::from_millis(apart)).await;
                tried += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn attempt(engine: &Engine, client: &Client, asked: &Asked<'_>, sift: Sift<'_>) -> Rows<Committed> {
    let Asked { subject, names, now, .. } = *asked;
    let mut asking = Pipeline::begin(client);
    for name in names {
        sessions::take_in(&mut asking, name, now).await?;
    }
    sessions::find(&mut asking, subject).await?;
    if let Subject::Session(id) = subject {
        lanes::in_hand(&mut asking, *id, engine.node).await?;
    }
    let mut answers = asking.run().await?;
    answers.rows();
    let fresh: Vec<bool> = names.iter().map(|_| answers.row().is_some()).collect();
    if asked.known == Known::Duplicate && fresh.contains(&false) {
        undo(client).await?;
        return Ok(Committed::Duplicate);
    }
    let before = answers.row().map(|row| sessions::document(&engine.keys, &row, 0, 1)).transpose()?;
    let mut hands = lanes::hands(&answers.rows())?;

    let loaded = before.clone();
    let decision = self::asked("decider", || sift(loaded, &fresh))?;
    let Some(session) = decision.session else {
        // What had no effect may come again: an event can be ahead of the session that it is for.
        undo(client).await?;
        return Ok(Committed::Applied(None));
    };
    if decision.settlement.is_some() && !matches!(subject, Subject::Session(_)) {
        let mut asking = Pipeline::new(client);
        lanes::in_hand(&mut asking, session.id, engine.node).await?;
        hands = lanes::hands(&asking.run().await?.rows())?;
    }
    let settled = match &decision.settlement {
        None => None,
        Some(settlement) => match hands.iter().find(|hand| hand.is(settlement, session.id)) {
            Some(hand) => Some((hand, &settlement.fate)),
            // A claimer that was too slow: the lane has gone on, and nothing of this counts.
            None => {
                undo(client).await?;
                return Ok(Committed::Applied(None));
            }
        },
    };

    let before = before.filter(|before| before.id == session.id);
    let keys_before = before.as_ref().map(|before| before.vendor.lookup_keys.as_slice()).unwrap_or_default();
    sessions::save_keys(client, &session, keys_before).await?;
    let mut writing = Pipeline::new(client);
    sessions::save(&mut writing, &engine.keys, &session, before.is_some(), now).await?;
    if before.is_some() || decision.wake.is_some() {
        sessions::wake(&mut writing, session.id, decision.wake).await?;
    }
    if let Some(before) = &before {
        lanes::lead(&mut writing, before, &session).await?;
    }
    if let Some(until) = decision.released {
        lanes::release(&mut writing, session.id, now, until).await?;
    }
    lanes::append(&mut writing, &engine.keys, &session, &decision.deliveries).await?;
    if let Some((hand, fate)) = settled {
        lanes::settle(&mut writing, &session, hand, fate, now, engine.node).await?;
    }
    let goes_on = settled.is_some();
    let answers = writing.commit().await?;
    engine.changed();
    Ok(Committed::Applied(if goes_on { next(engine, answers, session) } else { None }))
}

/// Asks somebody to decide, whose panic must not take more down than what it is about.
pub(super) fn asked<T>(who: &str, decide: impl FnOnce() -> T) -> Rows<T> {
    catch_unwind(AssertUnwindSafe(decide))
        .map_err(|_| Fault::Unreadable { record: "decision", reason: format!("the {who} panicked") })
}

/// The delivery that a lane goes on with, in the answers of a settlement. One that cannot be read is left to the
/// end of its lease; what was decided stands.
fn next(engine: &Engine, answers: Answers, session: Session) -> Option<Box<Claim>> {
    let row = answers.before_the_commit().into_iter().next()?;
    let delivery = lanes::delivery(&engine.keys, &row, session.id, 0).ok()?;
    Some(Box::new(Claim { delivery, session }))
}
