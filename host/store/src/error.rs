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
    /// Values are sealed with keys that are not configured; nothing was changed.
    #[error(
        "{place} holds values that are sealed with keys that are not configured: {}. Configure them to be read; a key \
         can be left out once nothing is sealed with it any more",
        named(keys)
    )]
    KeysMissing {
        /// Which database.
        place: String,
        /// Their ids.
        keys: Vec<String>,
    },
    /// A key goes by the id of another one.
    #[error(
        "key `{key}` is not the one that values in {place} are sealed with under this id: configure the one that was \
         used before; a new key takes a new id"
    )]
    KeyWrong {
        /// Which database.
        place: String,
        /// The id.
        key: String,
    },
    /// One value is sealed with a key that is not configured; it stays as it is.
    #[error("{of} in {place} is sealed with key `{key}`, which is not configured: configure it to be read")]
    KeyMissing {
        /// Which value.
        of: String,
        /// Which database.
        place: String,
        /// The id of its key.
        key: String,
    },
    /// One value is not what was sealed in its place; it stays as it is.
    #[error(
        "{of} in {place} cannot be opened with key `{key}`: it was altered, cut off, or put in another one's place; \
         restore it from a backup"
    )]
    Altered {
        /// Which value.
        of: String,
        /// Which database.
        place: String,
        /// The id of the key that it names.
        key: String,
    },
    /// The store has shut down.
    #[error("the store has shut down")]
    Closed,
}

fn named(keys: &[String]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    quoted.join(", ")
}
