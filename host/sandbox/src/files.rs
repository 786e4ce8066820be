//! The customer's files, which connectors read by the addresses that stand in a message. Who has them is the host's
//! affair.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A file.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its media type, e.g. `image/png`.
    pub content_type: String,
    /// All of it.
    pub body: Vec<u8>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.content_type, self.body.len())
    }
}

/// Why there is no file. The texts are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    /// The address is none that was handed out, or it is no longer good.
    #[error("no such file: {0}")]
    Unknown(String),
    /// The channel does not give it now.
    #[error("the file cannot be had now: {0}")]
    Unavailable(String),
    /// The channel no longer has it.
    #[error("the file is gone: {0}")]
    Gone(String),
    /// Larger than asked for.
    #[error("the file has more than {bound} bytes")]
    TooLarge {
        /// What it may have, in bytes.
        bound: usize,
    },
}

/// What [`Files::read`] returns.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<File, NoFile>> + Send + 'a>>;

/// Who has the customer's files.
pub trait Files: Send + Sync + fmt::Debug {
    /// Reads the file behind an address that was given to this connector; at most `bound` bytes.
    fn read<'a>(&'a self, connector: &'a str, url: &'a str, bound: usize) -> Reading<'a>;
}
