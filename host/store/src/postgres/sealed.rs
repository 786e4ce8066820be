//! Values that may be sealed, as rows hold them: in the clear they are JSON, sealed they are BASE64 behind a word that
//! JSON cannot begin with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;

use super::fault::{self, Rows};
use crate::seal::{Broken, Keys, Place};

const SEALED: &str = "sealed:";

/// A record as it is to be written.
pub(super) fn seal<T: Serialize>(keys: &Keys, record: &'static str, of: &Place, value: &T) -> Rows<String> {
    let sealed = keys
        .seal(of, |bytes| serde_json::to_writer(bytes, value).map_err(|e| fault::unreadable(record, &e)))?;
    match sealed {
        Some(sealed) => Ok(text(&sealed)),
        None => fault::write(record, value),
    }
}

/// A sealed value as text.
pub(super) fn text(sealed: &[u8]) -> String {
    let mut text = String::with_capacity(SEALED.len() + sealed.len().div_ceil(3) * 4);
    text.push_str(SEALED);
    STANDARD_NO_PAD.encode_string(sealed, &mut text);
    text
}

/// The record in this column.
pub(super) fn open<T: DeserializeOwned>(
    keys: &Keys,
    record: &'static str,
    of: &Place,
    row: &Row,
    column: usize,
) -> Rows<T> {
    let text: &str = row.try_get(column)?;
    match text.starts_with(SEALED) {
        true => fault::read(record, &clear(keys, of, text)?),
        false => fault::read(record, text.as_bytes()),
    }
}

/// What a text says, sealed or not.
pub(super) fn clear(keys: &Keys, of: &Place, text: &str) -> Result<Vec<u8>, Broken> {
    let Some(sealed) = text.strip_prefix(SEALED) else { return Ok(text.into()) };
    let sealed = sealed.as_bytes();
    let bytes = STANDARD_NO_PAD.decode(sealed).unwrap_or_else(|_| {
        // Of what was altered, its beginning may still tell whose key it was.
        let begin = (sealed.len() / 4 * 4).min(48);
        STANDARD_NO_PAD.decode(&sealed[..begin]).unwrap_or_default()
    });
    keys.open(of, bytes)
}
