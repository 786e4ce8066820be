//! Dead letters: listed, sent on their way again, discarded.

use handover_handoff::Timestamp;
use handover_handoff::delivery::Delivery;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::desk::{self, Desk};
use super::records::{self, RowError, Rows};
use super::sealed::Database;
use super::sessions::{self, Before};
use super::{deliveries, lanes};
use crate::{DeadLetter, Place, Redrive, Redriver, Subject, Which};

const COLUMNS: &str = "session, direction, seq, attempt, created, due, deadline, maybe_duplicate, parcel,
     connector, reason, settled";

/// What lists them: by the index that fits which ones are wanted.
pub(super) fn listing(which: &Which) -> String {
    let (index, wanted) = match (&which.session, &which.connector) {
        (None, None) => ("dead_deliveries", ""),
        (Some(_), None) => ("dead_deliveries", "session = ?5 AND"),
        (None, Some(_)) => ("dead_deliveries_by_connector", "connector = ?5 AND"),
        (Some(_), Some(_)) => ("dead_deliveries_by_connector", "session = ?5 AND connector = ?6 AND"),
    };
    format!(
        "SELECT {COLUMNS} FROM deliveries INDEXED BY {index}
         WHERE {wanted} status = 'dead' AND (session, direction, seq) > (?1, ?2, ?3)
         ORDER BY session, direction, seq LIMIT ?4"
    )
}

/// Dead letters by session, direction and place.
pub(super) fn letters(
    db: &Database<'_>,
    which: &Which,
    after: Option<Place>,
    limit: usize,
) -> Rows<Vec<DeadLetter>> {
    let (session, direction, seq) = match after {
        Some(place) => (place.session.to_string(), place.direction.as_str(), place.seq),
        None => (String::new(), "", 0),
    };
    let mut wanted: Vec<rusqlite::types::Value> = vec![
        session.into(),
        direction.to_owned().into(),
        i64::try_from(seq).unwrap_or(i64::MAX).into(),
        // There may be some that cannot be read.
        records::sql_limit(usize::MAX).into(),
    ];
    wanted.extend(which.session.map(|id| id.to_string().into()));
    wanted.extend(which.connector.clone().map(Into::into));
    let mut statement = db.prepare_cached(&listing(which))?;
    let mut rows = statement.query(params_from_iter(wanted))?;
    let mut letters = Vec::new();
    while letters.len() < limit
        && let Some(row) = rows.next()?
    {
        letters.extend(records::if_readable(letter(db, row))?);
    }
    Ok(letters)
}

fn letter(db: &Database<'_>, row: &Row<'_>) -> Rows<DeadLetter> {
    Ok(DeadLetter {
        delivery: deliveries::read(db, row)?,
        connector: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
        reason: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        given_up: Timestamp(row.get::<_, Option<u64>>(11)?.unwrap_or_default()),
    })
}

/// Sends a dead letter on its way again, at its old place in the lane.
pub(super) fn redrive(
    db: &Database<'_>,
    desk: &mut Desk,
    place: Place,
    now: Timestamp,
    redriver: &mut Redriver,
) -> Rows<Redrive> {
    let Some(dead) = dead(db, place)? else { return Ok(Redrive::Unknown) };
    let Some(session) = sessions::find(db, &Subject::Session(place.session))? else {
        return Ok(Redrive::Unknown);
    };
    let before = Before::of(&session);
    let redriven = match desk::asked("redriver", || redriver(session, &dead))? {
        Ok(redriven) => redriven,
        Err(refusal) => return Ok(Redrive::Refused(refusal)),
    };
    let session = redriven.session;
    if session.id != place.session {
        return Err(RowError::Unreadable {
            record: "decision",
            reason: "the redriver gave another session back".to_owned(),
        });
    }
    sessions::save(db, Some(&before), &session, redriven.wake, now)?;
    let (id, direction) = (place.session.to_string(), place.direction);
    db.execute(
        "UPDATE deliveries SET status = 'pending', attempt = attempt + 1, maybe_duplicate = 1,
             created = ?4, due = ?4, deadline = ?5,
             settled = NULL, reason = NULL, connector = NULL
         WHERE session = ?1 AND direction = ?2 AND seq = ?3",
        params![id, direction.as_str(), place.seq, now.0, redriven.deadline.0],
    )?;
    lanes::open(db, &session, direction, now, redriven.deadline)?;
    lanes::look_again(db, &id, direction.as_str())?;
    desk.changed = true;
    Ok(Redrive::Queued)
}

fn dead(db: &Database<'_>, place: Place) -> Rows<Option<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM deliveries WHERE session = ?1 AND direction = ?2 AND seq = ?3 AND status = 'dead'"
    );
    let wanted = params![place.session.to_string(), place.direction.as_str(), place.seq];
    db.query_row(&sql, wanted, |row| Ok(deliveries::read(db, row))).optional()?.transpose()
}

/// Removes a dead letter; false where there is none.
pub(super) fn discard(db: &Database<'_>, desk: &mut Desk, place: Place) -> Rows<bool> {
    let removed = db.execute(
        "DELETE FROM deliveries WHERE session = ?1 AND direction = ?2 AND seq = ?3 AND status = 'dead'",
        params![place.session.to_string(), place.direction.as_str(), place.seq],
    )?;
    desk.removed |= removed > 0;
    Ok(removed > 0)
}
