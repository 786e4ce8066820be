//! Why the store could not do it.

/// Why the store could not do it. Nothing of it took effect, but for [`StoreError::Database`], where a connection that
/// breaks during a commit leaves it open.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database {place} failed: {reason}")]
    Database {
        /// Which.
        place: String,
        /// What it said.
        reason: String,
    },
    /// A record cannot be read: it was written by something else.
    #[error("the {record} in {place} cannot be read: {reason}")]
    Unreadable {
        /// Which kind of record.
        record: &'static str,
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// A vendor named a session by a key that another open session goes by (I2).
    #[error(
        "the vendor of connector `{connector}` named this conversation as it names session {owner}, which is open"
    )]
    KeyTaken {
        /// Whose vendor.
        connector: String,
        /// The open session that has the key.
        owner: String,
    },
    /// The database was made by a newer version of Handover.
    #[error(
        "{place} has schema {found}, this version knows up to {known}: start the version that made it, or a newer one"
    )]
    Newer {
        /// Which.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The store has shut down.
    #[error("the store has shut down")]
    Closed,
}
