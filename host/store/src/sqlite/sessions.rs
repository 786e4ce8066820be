//! Sessions and the keys they are found by, as rows.

use handover_handoff::address::Route;
use handover_handoff::session::Phase;
use handover_handoff::{Session, SessionId, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::records::{self, RowError, Rows};
use super::sealed::Database;
use crate::Subject;
use crate::seal::Place;

/// How many timers one claimer is told of at most.
const TIMERS: usize = 256;

// The statements of the hot way, named so that their plans can be checked.
pub(super) const BY_CONVERSATION: &str =
    "SELECT id, document FROM sessions WHERE tenant = ?1 AND channel = ?2 AND conversation = ?3
     ORDER BY open DESC, started DESC, id DESC LIMIT 1";
pub(super) const BY_ID: &str = "SELECT id, document FROM sessions WHERE id = ?1";
pub(super) const BY_LOOKUP_KEY: &str =
    "SELECT s.id, s.document FROM lookup_keys k JOIN sessions s ON s.id = k.session
     WHERE k.connector = ?1 AND k.key = ?2";
pub(super) const BY_WAKE: &str =
    "SELECT id, wake FROM sessions WHERE wake IS NOT NULL ORDER BY wake LIMIT ?1";
pub(super) const BY_CUSTOMER: &str =
    "SELECT id, document FROM sessions WHERE customer = ?1 ORDER BY started, id";
pub(super) const FORGET: &str = "UPDATE sessions SET forgotten = 1 WHERE customer = ?1 AND forgotten = 0";
// It says of the phase what the index says of it: SQLite does not conclude one from the other.
pub(super) const STARTING: &str = "SELECT EXISTS (SELECT 1 FROM sessions
     WHERE phase = 'requested' AND phase <> 'ended' AND connector = ?1)";
pub(super) const OPEN_OWNER: &str = "SELECT s.id FROM lookup_keys k JOIN sessions s ON s.id = k.session
     WHERE k.connector = ?1 AND k.key = ?2 AND s.id <> ?3 AND s.open = 1";
// With the same key as before, as it mostly is; without it in the row as before, too.
pub(super) const REWRITE: &str =
    "UPDATE sessions SET wake = ?2, document = ?3 WHERE id = ?1 AND sealed_with IS ?4";
pub(super) const REWRITE_WITH_ANOTHER_KEY: &str =
    "UPDATE sessions SET wake = ?2, document = ?3, sealed_with = ?4 WHERE id = ?1";

/// The session that a subject names.
pub(super) fn find(db: &Database<'_>, subject: &Subject) -> Rows<Option<Session>> {
    let read = |row: &Row<'_>| Ok(read(db, row));
    let found = match subject {
        Subject::Conversation(key) => db
            .prepare_cached(BY_CONVERSATION)?
            .query_row(params![key.tenant, key.channel, key.conversation], read)
            .optional()?,
        Subject::Session(id) => db.prepare_cached(BY_ID)?.query_row([id.to_string()], read).optional()?,
        Subject::LookupKey { connector, key } => {
            db.prepare_cached(BY_LOOKUP_KEY)?.query_row([connector, key], read).optional()?
        }
    };
    found.transpose()
}

/// The session in a row of its id and its document.
fn read(db: &Database<'_>, row: &Row<'_>) -> Rows<Session> {
    let id = records::session_id(&row.get::<_, String>(0)?)?;
    db.open("session", &Place::Session(id), row, 1)
}

/// What is known of a session before it is decided on, so that only what has changed is written.
pub(super) struct Before {
    id: SessionId,
    phase: Phase,
    customer: String,
    keys: Vec<String>,
    to_customer: Route,
}

impl Before {
    pub(super) fn of(session: &Session) -> Self {
        Self {
            id: session.id,
            phase: session.phase,
            customer: session.customer.id.clone(),
            keys: session.vendor.lookup_keys.clone(),
            to_customer: session.address.to_customer.clone(),
        }
    }

    /// Whether the session's customer is now reached elsewhere.
    pub(super) fn moved(&self, session: &Session) -> bool {
        self.id == session.id && self.to_customer != session.address.to_customer
    }
}

/// Writes a session as it has become.
pub(super) fn save(
    db: &Database<'_>,
    before: Option<&Before>,
    session: &Session,
    wake: Option<Timestamp>,
    now: Timestamp,
) -> Rows<()> {
    let known = before.filter(|before| before.id == session.id);
    if known.is_some_and(|known| known.phase == session.phase && known.customer == session.customer.id) {
        // As it mostly is: of what the indexes go by only the timer can be another.
        let (id, wake, key) = (session.id.to_string(), wake.map(|at| at.0), db.keys.current());
        let document = db.seal("session", &Place::Session(session.id), session)?;
        if db.prepare_cached(REWRITE)?.execute(params![id, wake, document, key])? == 0 {
            db.prepare_cached(REWRITE_WITH_ANOTHER_KEY)?.execute(params![id, wake, document, key])?;
        }
    } else {
        write(db, session, wake, now)?;
    }
    save_keys(db, session, known.map_or(&[], |known| &known.keys))
}

fn write(db: &Database<'_>, session: &Session, wake: Option<Timestamp>, now: Timestamp) -> Rows<()> {
    let key = &session.conversation;
    let customer = &session.customer.id;
    db.prepare_cached(
        "INSERT INTO sessions (id, tenant, channel, conversation, connector, phase, open, started, wake, document,
                               customer, ended, sealed_with)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO UPDATE SET
             phase = excluded.phase, open = excluded.open, wake = excluded.wake, document = excluded.document,
             customer = excluded.customer, sealed_with = excluded.sealed_with,
             ended = CASE WHEN excluded.ended IS NULL THEN NULL ELSE coalesce(ended, excluded.ended) END",
    )?
    .execute(params![
        session.id.to_string(),
        key.tenant,
        key.channel,
        key.conversation,
        session.connector,
        session.phase.as_str(),
        session.phase.is_open(),
        session.marks.started.0,
        wake.map(|at| at.0),
        db.seal("session", &Place::Session(session.id), session)?,
        Some(customer).filter(|id| !id.is_empty()),
        matches!(session.phase, Phase::Ended(_)).then_some(now.0),
        db.keys.current(),
    ])?;
    Ok(())
}

/// Writes a session whose phase and timer stay as they are.
pub(super) fn rewrite(db: &Database<'_>, session: &Session) -> Rows<()> {
    let document = db.seal("session", &Place::Session(session.id), session)?;
    db.prepare_cached("UPDATE sessions SET document = ?2, sealed_with = ?3 WHERE id = ?1")?
        .execute(params![session.id.to_string(), document, db.keys.current()])?;
    Ok(())
}

/// Lets callbacks find a session by keys it has got. A vendor may use a key again once the session that had it is
/// over; while that is open the vendor is in error, and its conversations would cross (I2). Keys that the session
/// had `before` are left alone, they may be another's by now.
fn save_keys(db: &Database<'_>, session: &Session, before: &[String]) -> Rows<()> {
    for key in session.vendor.lookup_keys.iter().filter(|key| !before.contains(key)) {
        let id = session.id.to_string();
        let owner: Option<String> = db
            .prepare_cached(OPEN_OWNER)?
            .query_row([&session.connector, key, &id], |row| row.get(0))
            .optional()?;
        if let Some(owner) = owner {
            return Err(RowError::KeyTaken { connector: session.connector.clone(), owner });
        }
        db.prepare_cached(
            "INSERT INTO lookup_keys (connector, key, session) VALUES (?1, ?2, ?3)
             ON CONFLICT (connector, key) DO UPDATE SET session = excluded.session",
        )?
        .execute(params![session.connector, key, id])?;
    }
    Ok(())
}

/// Sessions whose timer has run out, and when the next one will.
pub(super) fn timers(db: &Database<'_>, now: Timestamp) -> Rows<(Vec<SessionId>, Option<Timestamp>)> {
    let mut due = Vec::new();
    let mut statement = db.prepare_cached(BY_WAKE)?;
    let mut rows = statement.query([records::sql_limit(TIMERS + 1)])?;
    while let Some(row) = rows.next()? {
        let wake: u64 = row.get(1)?;
        if wake > now.0 {
            return Ok((due, records::awaited(Some(wake))));
        }
        if due.len() == TIMERS {
            return Ok((due, Some(now)));
        }
        due.push(records::session_id(&row.get::<_, String>(0)?)?);
    }
    Ok((due, None))
}

/// Whether some session of this connector waits for its vendor's answer to a start.
pub(super) fn starting(db: &Database<'_>, connector: &str) -> Rows<bool> {
    Ok(db.prepare_cached(STARTING)?.query_row([connector], |row| row.get(0))?)
}

/// The sessions of a customer, oldest first; with `forget` they do not outlive their end.
pub(super) fn of_customer(db: &Database<'_>, customer: &str, forget: bool) -> Rows<Vec<Session>> {
    if forget {
        db.prepare_cached(FORGET)?.execute([customer])?;
    }
    let mut sessions = Vec::new();
    let mut statement = db.prepare_cached(BY_CUSTOMER)?;
    let mut rows = statement.query([customer])?;
    while let Some(row) = rows.next()? {
        // One that cannot be read is forgotten like the others.
        sessions.extend(records::if_readable(read(db, row))?);
    }
    Ok(sessions)
}
