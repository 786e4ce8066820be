//! What follows from what a connector found at its vendor: many events at once, and where to look on from.
//!
//! A feed is followed beside the lanes, so that a message may be sent while it is looked at. What it brings counts only
//! for the session that it was looked at for: where cursor, state or tokens have become others meanwhile it is looked at
//! again, and nothing is lost by that, because the cursor has not moved.

use crate::decision::{Decision, Draft};
use crate::ending::end_session;
use crate::event::{self, Told};
use crate::ids::Timestamp;
use crate::outcome::{Update, remember};
use crate::policy::Env;
use crate::session::{EndReason, Session};
use crate::vendor::Event;

/// What a connector found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// What happened, in order, but for what was heard before.
    pub events: Vec<Event>,
    /// Where to look on from.
    pub cursor: String,
    /// What the connector remembers.
    pub update: Update,
}

/// What a connector was given when it looked.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    cursor: Option<String>,
    state: String,
    tokens: Option<String>,
}

impl Given {
    /// With the session as it was then.
    pub fn of(session: &Session) -> Self {
        let vendor = &session.vendor;
        Self { cursor: vendor.cursor.clone(), state: vendor.state.clone(), tokens: vendor.tokens.clone() }
    }

    /// Whether what was found with this can be built upon: nobody has written what it would replace.
    fn fits(&self, session: &Session, update: &Update) -> bool {
        let vendor = &session.vendor;
        self.cursor == vendor.cursor
            && (update.state.is_none() || self.state == vendor.state)
            && (update.tokens.is_none() || self.tokens == vendor.tokens)
    }
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts; the feed goes on.
    Kept,
    /// The session has changed since it was looked: look again.
    Overtaken,
    /// The session is over, and its feed with it.
    Over,
}

/// Decides on what was found at `at`.
pub fn decide(
    session: Option<Session>,
    given: &Given,
    gathered: &Gathered,
    at: Timestamp,
    env: Env<'_>,
) -> Decision<Verdict> {
    let Some(session) = session else { return Decision::nothing(Verdict::Over) };
    if !given.fits(&session, &gathered.update) {
        return Decision::nothing(Verdict::Overtaken);
    }
    let verdict = |session: &Session| match session.phase.is_open() {
        true => Verdict::Kept,
        false => Verdict::Over,
    };
    let moved = session.vendor.cursor.as_ref() != Some(&gathered.cursor);
    if gathered.events.is_empty() && gathered.update == Update::default() && !moved {
        return Decision::nothing(verdict(&session));
    }
    let mut draft = Draft::new(session, env);
    draft.session.vendor.cursor = Some(gathered.cursor.clone());
    remember(&mut draft, gathered.update.clone());
    // Nobody waits for an answer that could say otherwise.
    let told = Told { at, acknowledged: true };
    for event in &gathered.events {
        event::happens(&mut draft, event, told);
    }
    let verdict = verdict(&draft.session);
    draft.finish(verdict)
}

/// The vendor does not know the conversation any more.
pub fn gone(session: Option<Session>, env: Env<'_>) -> Decision<()> {
    let Some(session) = session.filter(|session| session.phase.is_open()) else {
        return Decision::nothing(());
    };
    let mut draft = Draft::new(session, env);
    end_session(&mut draft, EndReason::VendorFailure, true);
    draft.finish(())
}
