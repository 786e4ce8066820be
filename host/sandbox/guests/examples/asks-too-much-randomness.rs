//! Wants more random bytes at once than there are to be had.

use handover_connector::{Context, Failure, Message, Sent, Session};
use sandbox_guests::{Guest, sent};

struct AsksTooMuchRandomness;

impl Guest for AsksTooMuchRandomness {
    /// The text is how many.
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        let length = message.text.parse().unwrap_or(u32::MAX);
        Ok(sent(format!("has {} bytes", random(length).len())))
    }
}

#[cfg(target_arch = "wasm32")]
fn random(length: u32) -> Vec<u8> {
    handover_connector::bindings::connector::handover::connector::random::bytes(length)
}

#[cfg(not(target_arch = "wasm32"))]
fn random(_: u32) -> Vec<u8> {
    Vec::new()
}

sandbox_guests::sin!(AsksTooMuchRandomness);
