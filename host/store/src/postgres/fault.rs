//! What goes wrong below an operation, and whether doing it again helps.

use handover_handoff::Timestamp;
use tokio_postgres::error::SqlState;

use crate::StoreError;
use crate::seal::Broken;

/// What goes wrong below an operation.
#[derive(Debug)]
pub(super) enum Fault {
    /// What the database, or the way to it, said.
    Sql(tokio_postgres::Error),
    /// No connection, or no answer in time.
    Unreachable(String),
    /// A record that this version cannot read or write.
    Unreadable { record: &'static str, reason: String },
    /// I2.
    KeyTaken { connector: String, owner: String },
    /// A sealed value that cannot be opened.
    Broken(Broken),
}

pub(super) type Rows<T> = Result<T, Fault>;

impl Fault {
    /// Whether another transaction was in the way, which is over now: it undid this one, and the next try sees what
    /// it did.
    pub(super) fn is_a_collision(&self) -> bool {
        let Fault::Sql(error) = self else { return false };
        let Some(said) = error.as_db_error() else { return false };
        match said.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => true,
            &SqlState::UNIQUE_VIOLATION => said.constraint() == Some("one_open_session"),
            _ => false,
        }
    }

    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Fault::Sql(error) => StoreError::Database { place, reason: words(&error) },
            Fault::Unreachable(reason) => StoreError::Database { place, reason },
            Fault::Unreadable { record, reason } => StoreError::Unreadable { record, place, reason },
            Fault::KeyTaken { connector, owner } => StoreError::KeyTaken { connector, owner },
            Fault::Broken(broken) => broken.at(&place),
        }
    }

    /// Whether it is about one record that cannot be read, and must not stop all others.
    pub(super) fn is_of_one_record(&self) -> bool {
        matches!(self, Fault::Unreadable { .. } | Fault::Broken(_))
    }
}

/// What the database said. Its details are left out: they may repeat a row, and rows hold secrets (I7).
fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => match std::error::Error::source(error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Fault::Broken(broken)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<deadpool_postgres::PoolError> for Fault {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        match error {
            PoolError::Backend(error) => Fault::Sql(error),
            PoolError::Timeout(TimeoutType::Wait) => {
                Fault::Unreachable("all connections are busy".to_owned())
            }
            PoolError::Timeout(_) => Fault::Unreachable("it did not answer in time".to_owned()),
            other => Fault::Unreachable(other.to_string()),
        }
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(record: &'static str, json: &[u8]) -> Rows<T> {
    serde_json::from_slice(json).map_err(|e| unreadable(record, &e))
}

pub(super) fn write<T: serde::Serialize>(record: &'static str, value: &T) -> Rows<String> {
    serde_json::to_string(value).map_err(|e| unreadable(record, &e))
}

/// What is wrong with a record, without its words: those may be a customer's, or a secret (I7).
pub(super) fn unreadable(record: &'static str, error: &serde_json::Error) -> Fault {
    let (kind, line, column) = (error.classify(), error.line(), error.column());
    Fault::Unreadable { record, reason: format!("{kind:?} error at line {line} column {column}") }
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

/// PostgreSQL counts in `i64`.
pub(super) fn count(value: u64) -> Rows<i64> {
    i64::try_from(value)
        .map_err(|_| Fault::Unreadable { record: "number", reason: format!("{value} is too large") })
}

pub(super) fn millis(time: Timestamp) -> Rows<i64> {
    count(time.0)
}

/// A number that this store wrote.
pub(super) fn number(value: i64) -> Rows<u64> {
    u64::try_from(value)
        .map_err(|_| Fault::Unreadable { record: "number", reason: format!("{value} is negative") })
}

pub(super) fn time(value: i64) -> Rows<Timestamp> {
    number(value).map(Timestamp)
}

pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
