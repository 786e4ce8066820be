//! How records are read and written, and what goes wrong with them.

use handover_handoff::delivery::Direction;
use handover_handoff::{SessionId, Timestamp};
use serde::Deserialize;
use serde::de::value::StrDeserializer;

use crate::StoreError;
use crate::seal::Broken;

/// What goes wrong below a job.
#[derive(Debug)]
pub(super) enum RowError {
    Sqlite(rusqlite::Error),
    Unreadable { record: &'static str, reason: String },
    KeyTaken { connector: String, owner: String },
    Broken(Broken),
}

impl RowError {
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            RowError::Sqlite(e) => StoreError::Database { place, reason: e.to_string() },
            RowError::Unreadable { record, reason } => StoreError::Unreadable { record, place, reason },
            RowError::KeyTaken { connector, owner } => StoreError::KeyTaken { connector, owner },
            RowError::Broken(broken) => broken.at(&place),
        }
    }

    /// Whether it is about one record that cannot be read, and must not stop all others.
    pub(super) fn is_of_one_record(&self) -> bool {
        matches!(self, RowError::Unreadable { .. } | RowError::Broken(_))
    }
}

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> Self {
        RowError::Sqlite(error)
    }
}

impl From<Broken> for RowError {
    fn from(broken: Broken) -> Self {
        RowError::Broken(broken)
    }
}

pub(super) type Rows<T> = Result<T, RowError>;

pub(super) fn read<T: serde::de::DeserializeOwned>(record: &'static str, json: &[u8]) -> Rows<T> {
    serde_json::from_slice(json).map_err(|e| unreadable(record, &e))
}

pub(super) fn write<T: serde::Serialize>(record: &'static str, value: &T) -> Rows<String> {
    serde_json::to_string(value).map_err(|e| unreadable(record, &e))
}

/// What is wrong with a record, without its words: those may be a customer's, or a secret (I7).
pub(super) fn unreadable(record: &'static str, error: &serde_json::Error) -> RowError {
    let (kind, line, column) = (error.classify(), error.line(), error.column());
    RowError::Unreadable { record, reason: format!("{kind:?} error at line {line} column {column}") }
}

/// A record of a list; none where it cannot be read, which is told of and keeps nobody from the others.
pub(super) fn if_readable<T>(read: Rows<T>) -> Rows<Option<T>> {
    match read {
        Ok(record) => Ok(Some(record)),
        Err(e) if e.is_of_one_record() => {
            tracing::error!("left out of a list: {}", e.at("the database"));
            Ok(None)
        }
        Err(e) => Err(e),
    }
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
