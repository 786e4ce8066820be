//! Sessions, keys and the inbox as rows.

use handover_handoff::{Session, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Counts, Once, Subject};

/// What goes wrong below a job.
pub(super) enum RowError {
    Sqlite(rusqlite::Error),
    Unreadable { record: &'static str, reason: String },
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

/// The session that a subject names.
pub(super) fn find(db: &Connection, subject: &Subject) -> Rows<Option<Session>> {
    let document: Option<String> = match subject {
        Subject::Conversation(key) => db
            .prepare_cached(
                "SELECT document FROM sessions WHERE tenant = ?1 AND channel = ?2 AND conversation = ?3
                 ORDER BY open DESC, started DESC LIMIT 1",
            )?
            .query_row(params![key.tenant, key.channel, key.conversation], |row| row.get(0))
            .optional()?,
        Subject::Session(id) => db
            .prepare_cached("SELECT document FROM sessions WHERE id = ?1")?
            .query_row([id.to_string()], |row| row.get(0))
            .optional()?,
        Subject::LookupKey { connector, key } => db
            .prepare_cached(
                "SELECT s.document FROM lookup_keys k JOIN sessions s ON s.id = k.session
                 WHERE k.connector = ?1 AND k.key = ?2",
            )?
            .query_row([connector, key], |row| row.get(0))
            .optional()?,
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

/// Lets callbacks find a session by its keys. A key that a vendor uses again belongs to the newer session.
pub(super) fn save_keys(db: &Connection, session: &Session) -> Rows<()> {
    for key in &session.vendor.lookup_keys {
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
    db.prepare_cached("DELETE FROM inbox WHERE scope = ?1 AND key = ?2")?.execute([&once.scope, &once.key])?;
    Ok(())
}

/// Sessions whose timer has run out, and when the next one will.
pub(super) fn timers(db: &Connection, now: Timestamp, limit: usize) -> Rows<(Vec<SessionId>, Option<Timestamp>)> {
    let mut due = Vec::new();
    let mut statement =
        db.prepare_cached("SELECT document, wake FROM sessions WHERE wake IS NOT NULL ORDER BY wake LIMIT ?1")?;
    let mut rows = statement.query([limit as i64 + 1])?;
    while let Some(row) = rows.next()? {
        let wake = Timestamp(row.get(1)?);
        if wake > now {
            return Ok((due, Some(wake)));
        }
        if due.len() == limit {
            return Ok((due, Some(now)));
        }
        let session: Session = read("session", &row.get::<_, String>(0)?)?;
        due.push(session.id);
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
    let count = |sql: &str| -> rusqlite::Result<u64> { db.prepare_cached(sql)?.query_row([], |row| row.get(0)) };
    Ok(Counts {
        sessions,
        pending: count("SELECT count(*) FROM deliveries WHERE status = 'pending'")?,
        dead: count("SELECT count(*) FROM deliveries WHERE status = 'dead'")?,
    })
}
