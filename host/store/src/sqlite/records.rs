//! How records are read and written, and what goes wrong with them.

use handover_handoff::delivery::Direction;
use handover_handoff::{SessionId, Timestamp};
use serde::Deserialize;
use serde::de::value::StrDeserializer;

use crate::StoreError;

/// What goes wrong below a job.
#[derive(Debug)]
pub(super) enum RowError {
    Sqlite(rusqlite::Error),
    Unreadable { record: &'static str, reason: String },
    KeyTaken { connector: String, owner: String },
}

impl RowError {
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            RowError::Sqlite(e) => StoreError::Database { place, reason: e.to_string() },
            RowError::Unreadable { record, reason } => StoreError::Unreadable { record, place, reason },
            RowError::KeyTaken { connector, owner } => StoreError::KeyTaken { connector, owner },
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

pub(super) fn session_id(text: &str) -> Rows<SessionId> {
    let id = SessionId::deserialize(StrDeserializer::<serde::de::value::Error>::new(text));
    id.map_err(|e| RowError::Unreadable { record: "session id", reason: e.to_string() })
}

pub(super) fn direction(text: &str) -> Rows<Direction> {
    let named = Direction::ALL.into_iter().find(|direction| direction.as_str() == text);
    named.ok_or_else(|| RowError::Unreadable { record: "direction", reason: format!("there is no `{text}`") })
}

/// SQLite counts in `i64`.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A time to wait for; nobody waits for ever.
pub(super) fn awaited(at: Option<u64>) -> Option<Timestamp> {
    at.map(Timestamp).filter(|at| *at < Timestamp::NEVER)
}
