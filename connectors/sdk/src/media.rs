//! Files of the customer's messages, for vendors that take uploads.

use crate::bindings::connector::handover::connector::media as host;
use crate::{Failure, FailureReason, RetryAdvice};

pub use host::{Error, File};

/// The whole file behind `attachment.url` of the message at hand.
///
/// # Errors
/// Where there is none, or none now. Nothing has gone to the vendor by then.
pub fn read(url: &str) -> Result<File, Failure> {
    by_host(url).map_err(|error| {
        let (reason, retry, detail) = match error {
            Error::Unavailable(why) => (FailureReason::Unavailable, RetryAdvice::Safe(None), why),
            Error::TooLarge(why) => (FailureReason::TooLarge, RetryAdvice::Never, why),
            Error::Unknown(why) | Error::Gone(why) => (FailureReason::Rejected, RetryAdvice::Never, why),
        };
        Failure { reason, retry, detail: format!("an attachment could not be read: {detail}") }
    })
}

#[cfg(target_arch = "wasm32")]
fn by_host(url: &str) -> Result<File, Error> {
    host::read(url)
}

#[cfg(not(target_arch = "wasm32"))]
fn by_host(url: &str) -> Result<File, Error> {
    crate::testing::file(url)
}
