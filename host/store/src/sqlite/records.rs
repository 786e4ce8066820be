//! Sessions, keys and the inbox as rows.

use handover_handoff::{Session, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use serde::de::value::StrDeserializer;

use crate::{Counts, Once, StoreError, Subject};

/// What goes wrong below a job.
pub(super) enum RowError {
    Sqlite(rusqlite::Error),
    Unreadable { record: &'static str, reason: String },
}

impl RowError {
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            RowError::Sqlite(e) => StoreError::Database { place, reason: e.to_string() },
            RowError::Unreadable { record, reason } => StoreError::Unreadable { record, place, reason },
        }
    }
}

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> Self {
        RowError::Sqlite(error)
    }
}

pub(super) type Rows<T> = Result<T, RowError>;

pub(super) fn read<T: serde::de::DeserializeOwned>(record: &'static str, text: &str) -> Rows<T> {
    serde_json::from_str(text).map_err(|e| RowError::Unreadable { record, reason: e.to_string() })
}

pub(super) fn write<T: serde::Serialize>(record: &'static str, value: &T) -> Rows<String> {
    serde_json::to_string(value).map_err(|e| RowError::Unreadable { record, reason: e.to_string() })
}

// The statements of the hot way, named so that their plans can be checked.
pub(super) const BY_CONVERSATION: &str =
    "SELECT document FROM sessions WHERE tenant = ?1 AND channel = ?2 AND conversation = ?3
     ORDER BY open DESC, started DESC, id DESC LIMIT 1";
pub(super) const BY_ID: &str = "SELECT document FROM sessions WHERE id = ?1";
pub(super) const BY_LOOKUP_KEY: &str =
    "SELECT s.document FROM lookup_keys k JOIN sessions s ON s.id = k.session
     WHERE k.connector = ?1 AND k.key = ?2";
pub(super) const BY_WAKE: &str =
    "SELECT id, wake FROM sessions WHERE wake IS NOT NULL ORDER BY wake LIMIT ?1";

/// The session that a subject names.
pub(super) fn find(db: &Connection, subject: &Subject) -> Rows<Option<Session>> {
    let document: Option<String> = match subject {
        Subject::Conversation(key) => db
            .prepare_cached(BY_CONVERSATION)?
            .query_row(params![key.tenant, key.channel, key.conversation], |row| row.get(0))
            .optional()?,
        Subject::Session(id) => {
            db.prepare_cached(BY_ID)?.query_row([id.to_string()], |row| row.get(0)).optional()?
        }
        Subject::LookupKey { connector, key } => {
            db.prepare_cached(BY_LOOKUP_KEY)?.query_row([connector, key], |row| row.get(0)).optional()?
        }
    };
    document.map(|text| read("session", &text)).transpose()
}

/// Writes a session as it has become.
pub(super) fn save(db: &Connection, session: &Session, wake: Option<Timestamp>) -> Rows<()> {
    let key = &session.conversation;
    db.prepare_cached(
        "INSERT INTO sessions (id, tenant, channel, conversation, connector, phase, open, started, wake, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET
             phase = excluded.phase, open = excluded.open, wake = excluded.wake, document = excluded.document",
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
        write("session", session)?,
    ])?;
    Ok(())
}

/// Writes a session whose phase and timer stay as they are.
pub(super) fn rewrite(db: &Connection, session: &Session) -> Rows<()> {
    db.prepare_cached("UPDATE sessions SET document = ?2 WHERE id = ?1")?
        .execute(params![session.id.to_string(), write("session", session)?])?;
    Ok(())
}

/// Lets callbacks find a session by keys it has got. A key that a vendor uses again belongs to the session that
/// got it last; those it had `before` are left alone, they may be another's by now.
pub(super) fn save_keys(db: &Connection, session: &Session, before: &[String]) -> Rows<()> {
    for key in session.vendor.lookup_keys.iter().filter(|key| !before.contains(key)) {
        db.prepare_cached(
            "INSERT INTO lookup_keys (connector, key, session) VALUES (?1, ?2, ?3)
             ON CONFLICT (connector, key) DO UPDATE SET session = excluded.session",
        )?
        .execute(params![session.connector, key, session.id.to_string()])?;
    }
    Ok(())
}

/// Takes a name in; false where it was there.
pub(super) fn take_in(db: &Connection, once: &Once, now: Timestamp) -> Rows<bool> {
    let new = db
        .prepare_cached("INSERT INTO inbox (scope, key, taken) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![once.scope, once.key, now.0])?;
    Ok(new == 1)
}

/// Lets a name be taken in again.
pub(super) fn forget(db: &Connection, once: &Once) -> Rows<()> {
    db.prepare_cached("DELETE FROM inbox WHERE scope = ?1 AND key = ?2")?
        .execute([&once.scope, &once.key])?;
    Ok(())
}

/// Sessions whose timer has run out, and when the next one will.
pub(super) fn timers(
    db: &Connection,
    now: Timestamp,
    limit: usize,
) -> Rows<(Vec<SessionId>, Option<Timestamp>)> {
    let mut due = Vec::new();
    let mut statement = db.prepare_cached(BY_WAKE)?;
    let mut rows = statement.query([sql_limit(limit).saturating_add(1)])?;
    while let Some(row) = rows.next()? {
        let wake = Timestamp(row.get(1)?);
        if wake > now {
            return Ok((due, Some(wake).filter(|wake| *wake < Timestamp::NEVER)));
        }
        if due.len() == limit {
            return Ok((due, Some(now)));
        }
        due.push(session_id(row.get(0)?)?);
    }
    Ok((due, None))
}

/// How much of everything there is.
pub(super) fn counts(db: &Connection) -> Rows<Counts> {
    let sessions = db
        .prepare_cached("SELECT phase, count(*) FROM sessions GROUP BY phase")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    // Written out, so that the partial indexes serve.
    let count =
        |sql: &str| -> rusqlite::Result<u64> { db.prepare_cached(sql)?.query_row([], |row| row.get(0)) };
    Ok(Counts {
        sessions,
        pending: count("SELECT count(*) FROM deliveries WHERE status = 'pending'")?,
        dead: count("SELECT count(*) FROM deliveries WHERE status = 'dead'")?,
    })
}

pub(super) fn session_id(text: String) -> Rows<SessionId> {
    let id = SessionId::deserialize(StrDeserializer::<serde::de::value::Error>::new(&text));
    id.map_err(|e| RowError::Unreadable { record: "session id", reason: e.to_string() })
}

/// SQLite counts in `i64`.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
