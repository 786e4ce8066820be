//! All that the relay needs of the outside: time, chance, and somebody who carries and reads.

use std::future::Future;
use std::pin::Pin;

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::vendor::Event;
use handover_handoff::{Session, Timestamp};
use handover_store::{Callback, Claim};

use crate::intake::Happened;

/// What is still to come.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One thing that happened at a vendor, as a feed tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// Names it among all that the vendor tells of this session, in feeds and callbacks.
    pub name: String,
    /// What happened.
    pub event: Event,
}

/// What a look at a feed brought, or a frame of its stream.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// In order.
    pub items: Vec<Item>,
    /// Whether the live agent types, where it says so: passed on at once or not at all.
    pub typing: Option<bool>,
    /// Where to look on from.
    pub cursor: String,
    /// What the connector remembers.
    pub update: Update,
    /// Until the next look, in milliseconds, where the connector says.
    pub delay: Option<u64>,
}

/// A frame of a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The event's name, where it has one.
    pub name: Option<String>,
    /// The event's id, where it has one.
    pub id: Option<String>,
    /// What it carries.
    pub data: Vec<u8>,
}

/// An open stream; dropped, it is closed.
pub trait Stream: Send {
    /// The next frame; nothing is lost where nobody waits to the end.
    ///
    /// # Errors
    /// Why there is none: it has ended, fallen silent, or broken.
    fn next(&mut self) -> Later<'_, Result<Frame, Failure>>;
}

/// The world around the relay.
pub trait Outside: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// From 0 up to 1, by chance.
    fn chance(&self) -> f64;

    /// Makes one attempt to carry a delivery.
    fn carry<'a>(&'a self, claim: &'a Claim) -> Later<'a, Outcome>;

    /// The connectors that serve, each with the digest of the version that does.
    fn connectors(&self) -> Vec<(String, String)>;

    /// Reads a callback that was kept, with the version that serves now.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read<'a>(&'a self, callback: &'a Callback) -> Later<'a, Result<Vec<Happened>, String>>;

    /// Whether a connector tells live agents what became of their messages; where it cannot, nothing is kept for it.
    fn takes_reports(&self, connector: &str) -> bool {
        let _ = connector;
        true
    }

    /// The connectors whose vendors are asked what has happened, each with what changes with its versions.
    fn feeds(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Asks what has happened in a session since its cursor.
    ///
    /// # Errors
    /// Why nobody can say.
    fn poll<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Batch, Failure>> {
        let _ = session;
        Box::pin(async { Err(no_feed()) })
    }

    /// Opens the stream of a session's feed; none where there is none.
    ///
    /// # Errors
    /// Why it does not open.
    fn open<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Option<Box<dyn Stream>>, Failure>> {
        let _ = session;
        Box::pin(async { Ok(None) })
    }

    /// Reads a frame of a session's stream.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read_frame<'a>(&'a self, session: &'a Session, frame: Frame) -> Later<'a, Result<Batch, Failure>> {
        let _ = (session, frame);
        Box::pin(async { Err(no_feed()) })
    }

    /// The live agent types, or stops.
    fn shows_typing(&self, session: &Session, on: bool) {
        let _ = (session, on);
    }
}

fn no_feed() -> Failure {
    Failure {
        reason: FailureReason::Unsupported,
        retry: RetryAdvice::Never,
        detail: "there is no feed".to_owned(),
    }
}
