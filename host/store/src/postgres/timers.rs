//! Timers that have run out, oldest first.
//!
//! Every node sees them, and to decide one twice is harmless, but no work that is worth doing twice. So nodes that
//! live beside each other share them by the session's id, and take another's only once that is late.

use handover_handoff::{SessionId, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Engine;
use super::fault::{self, Rows};
use super::pipeline::{Pipeline, values};

/// How many one claimer is told of at most.
const MOST: usize = 256;

/// From when on a timer of another node's share is late, in milliseconds.
const LATE: u64 = 2_000;

const TIMERS: &str = "(SELECT session, wake FROM timers WHERE wake <= $1 ORDER BY wake LIMIT $2)
     UNION ALL (SELECT NULL, wake FROM timers WHERE wake > $1 ORDER BY wake LIMIT 1)";

/// Which timers are a node's: as many shares as there are nodes, and which is its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) own: usize,
    pub(super) of: usize,
}

impl Share {
    pub(super) const ALL: Share = Share { own: 0, of: 1 };

    fn has(self, session: Uuid) -> bool {
        // The end of an id is random.
        usize::from(session.as_bytes()[15]) % self.of.max(1) == self.own
    }
}

/// Asks for those that have run out, and for the next one.
pub(super) async fn look(pipeline: &mut Pipeline<'_>, engine: &Engine, now: Timestamp) -> Rows<()> {
    let most = MOST.saturating_mul(engine.share().of).saturating_add(1);
    pipeline.add(TIMERS, values![fault::millis(now)?, fault::limit(most)]).await
}

/// Those that this node is to decide on, and when there is another.
pub(super) fn read(
    engine: &Engine,
    rows: &[Row],
    now: Timestamp,
) -> Rows<(Vec<SessionId>, Option<Timestamp>)> {
    let share = engine.share();
    let (mut due, mut next) = (Vec::new(), None);
    let mut at = |time: Timestamp| next = Some(next.map_or(time, |next: Timestamp| next.min(time)));
    for row in rows {
        let wake = fault::time(row.try_get(1)?)?;
        match row.try_get::<_, Option<Uuid>>(0)? {
            None => at(wake),
            Some(session) if !share.has(session) && wake.plus(LATE) > now => at(wake.plus(LATE)),
            Some(_) if due.len() == MOST => at(now),
            Some(session) => due.push(SessionId(session)),
        }
    }
    Ok((due, next))
}
