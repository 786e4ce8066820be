//! What only the live chat and its gateway know: the webhook's key and the API's.

use std::{fmt, path::Path};

use anyhow::{Context, ensure};
use subtle::ConstantTimeEq;

/// A secret. It is not shown when it is printed, and comparing two takes the same time wherever they differ.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes these bytes, as they are, for the secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Reads a file; all of it but one trailing line break is the secret, as the gateway reads `file:` references.
    ///
    /// # Errors
    /// When the file cannot be read, or holds nothing.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let mut bytes =
            std::fs::read(path).with_context(|| format!("cannot read the secret in {}", path.display()))?;
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        }
        ensure!(!bytes.is_empty(), "there is no secret in {}: the file is empty", path.display());
        Ok(Self(bytes))
    }

    /// The secret itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is what somebody else gave.
    pub fn is(&self, given: &[u8]) -> bool {
        self.0.ct_eq(given).into()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(content: &str) -> anyhow::Result<Secret> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        Secret::read(file.path())
    }

    #[test]
    fn one_line_break_at_the_end_of_the_file_is_not_part_of_it() {
        assert_eq!(read("key").unwrap().bytes(), b"key");
        assert_eq!(read("key\n").unwrap().bytes(), b"key");
        assert_eq!(read("key\r\n").unwrap().bytes(), b"key");
        assert_eq!(read(" key \n\n").unwrap().bytes(), b" key \n");
    }

    #[test]
    fn a_file_without_a_secret_is_an_error_that_names_it() {
        for content in ["", "\n", "\r\n"] {
            assert!(read(content).unwrap_err().to_string().contains("the file is empty"));
        }
        let error = Secret::read(Path::new("/nowhere/key")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/key"));
    }

    #[test]
    fn it_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("key")), "Secret(…)");
    }
}
