//! What goes wrong below an operation, and whether doing it again helps.

use handover_handoff::Timestamp;
use tokio_postgres::error::SqlState;

use crate::StoreError;

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
        }
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

pub(super) fn read<T: serde::de::DeserializeOwned>(record: &'static str, text: &str) -> Rows<T> {
    serde_json::from_str(text).map_err(|e| Fault::Unreadable { record, reason: e.to_string() })
}

pub(super) fn write<T: serde::Serialize>(record: &'static str, value: &T) -> Rows<String> {
    serde_json::to_string(value).map_err(|e| Fault::Unreadable { record, reason: e.to_string() })
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
