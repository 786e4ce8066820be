//! Values that may be sealed, as rows hold them: in the clear they are TEXT, sealed they are BLOBs.

use std::ops::Deref;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::records::{self, RowError, Rows};
use crate::seal::{Keys, Place};

/// The database, with the keys of what is sealed in it.
pub(super) struct Database<'a> {
    connection: &'a Connection,
    pub(super) keys: &'a Keys,
}

impl<'a> Database<'a> {
    pub(super) fn new(connection: &'a Connection, keys: &'a Keys) -> Self {
        Self { connection, keys }
    }

    /// A record as it is to be written.
    pub(super) fn seal<T: Serialize>(&self, record: &'static str, of: &Place, value: &T) -> Rows<Value> {
        let sealed = self.keys.seal(of, |bytes| {
            serde_json::to_writer(bytes, value).map_err(|e| records::unreadable(record, &e))
        })?;
        match sealed {
            Some(sealed) => Ok(Value::Blob(sealed)),
            None => records::write(record, value).map(Value::Text),
        }
    }

    /// The record in this column.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        record: &'static str,
        of: &Place,
        row: &Row<'_>,
        column: usize,
    ) -> Rows<T> {
        match row.get_ref(column)? {
            ValueRef::Blob(sealed) => records::read(record, &self.keys.open(of, sealed.to_vec())?),
            ValueRef::Text(clear) => records::read(record, clear),
            _ => Err(RowError::Unreadable { record, reason: format!("{of} is neither text nor bytes") }),
        }
    }
}

impl Deref for Database<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}
