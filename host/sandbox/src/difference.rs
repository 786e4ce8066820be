//! What a component asks for and the operator's configuration does not give, one thing at a time: so that each can be
//! mended where it is written.

use std::fmt;

use serde::Serialize;

use crate::convert::short;

/// One thing that is not as the component wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The key of the configuration, e.g. `connectors.zendesk.credentials.api`.
    pub key: String,
    /// What is wrong with it. Never its value.
    pub what: String,
    /// What belongs there, and where at the vendor it is found, as the component says it; may be empty.
    pub fix: String,
}

impl Difference {
    /// `help` is the component's own text.
    pub(crate) fn new(key: String, what: String, help: &str) -> Self {
        Self { key, what, fix: short(help) }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.key, self.what)?;
        if self.fix.is_empty() { Ok(()) } else { write!(f, " ({})", self.fix) }
    }
}
