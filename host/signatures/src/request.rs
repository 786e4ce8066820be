//! A callback as it came, and how one of its headers is read.

use crate::refusal::Refusal;

/// The longest value of a header that is looked at, in bytes.
pub const LONGEST_HEADER: usize = 4096;

/// A callback as it came. It has no `Debug`: the body is somebody's conversation.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The public address as the vendor used it: scheme, host, port if it was spelled, path, raw query.
    pub url: &'a str,
    /// In any order, repetitions as repetitions.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The raw body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The value of the header that must be there exactly once. Names are compared without regard to case; a value
    /// counts as it is, blanks included.
    pub(crate) fn header(&self, name: &str) -> Result<&'a [u8], Refusal> {
        let mut values = self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let header = || name.to_owned();
        let Some((_, value)) = values.next() else {
            return Err(Refusal::MissingHeader { header: header() });
        };
        if values.next().is_some() {
            return Err(Refusal::DuplicateHeader { header: header() });
        }
        if value.is_empty() {
            return Err(Refusal::EmptyHeader { header: header() });
        }
        if value.len() > LONGEST_HEADER {
            return Err(Refusal::LongHeader { header: header() });
        }
        Ok(value)
    }

    /// The same where only plain ASCII makes sense.
    pub(crate) fn ascii_header(&self, name: &str) -> Result<&'a str, Refusal> {
        let value = self.header(name)?;
        match str::from_utf8(value) {
            Ok(text) if text.is_ascii() => Ok(text),
            _ => Err(Refusal::NotAscii { header: name.to_owned() }),
        }
    }
}
