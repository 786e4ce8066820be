//! What a call hands back, held against what there may be: in sum, in number, and piece by piece.

use crate::bindings::exports::handover::connector::{callback, feed, handoff};
use crate::bindings::handover::connector::types as wit;
use crate::config::Limits;
use crate::error::CallError;
use crate::weight;

/// The largest `session.state`, in bytes; see `wit/types.wit`.
const STATE: usize = 64 << 10;

/// The longest lookup key, dedupe id or vendor's id, in bytes: stores keep them in an index, and PostgreSQL's rows of
/// an index have less than 2704 bytes.
const KEY: usize = 512;

/// Lookup keys of one session, learnt at once.
const KEYS: usize = 32;

/// Headers of an answer to a callback.
const HEADERS: usize = 64;

/// One answer of the connector.
pub(crate) struct Bounds<'a>(pub(crate) &'a Limits);

impl Bounds<'_> {
    pub(crate) fn start(&self, outcome: &handoff::StartOutcome) -> Result<(), CallError> {
        match outcome {
            handoff::StartOutcome::Started(started) | handoff::StartOutcome::Accepted(started) => {
                self.sum(weight::started(started))?;
                state(&started.state)?;
                self.events(started.events.len())?;
                keys(&started.lookup_keys)?;
                started.events.iter().try_for_each(event)
            }
            handoff::StartOutcome::Continue(progress) => {
                self.sum(weight::progress(progress))?;
                state(&progress.state)
            }
        }
    }

    pub(crate) fn sent(&self, sent: &handoff::Sent) -> Result<(), CallError> {
        self.sum(weight::sent(sent))?;
        key("vendor's message id", sent.vendor_message_id.as_deref())?;
        sent.update.state.as_deref().map_or(Ok(()), state)
    }

    pub(crate) fn update(&self, update: &wit::Update) -> Result<(), CallError> {
        self.sum(weight::update(update))?;
        update.state.as_deref().map_or(Ok(()), state)
    }

    pub(crate) fn mapped(&self, mapped: &callback::Mapped) -> Result<(), CallError> {
        self.sum(weight::mapped(mapped))?;
        self.events(mapped.events.len())?;
        for item in &mapped.events {
            key("lookup key", Some(&item.lookup_key))?;
            key("dedupe id", item.dedupe_id.as_deref())?;
            event(&item.event)?;
        }
        for answer in mapped.answer.iter().chain(&mapped.answer_when_closed) {
            if answer.headers.len() > HEADERS {
                return Err(over("an answer", answer.headers.len(), HEADERS, "headers"));
            }
        }
        Ok(())
    }

    pub(crate) fn migrated(&self, made: &str) -> Result<(), CallError> {
        self.sum(made.len())?;
        state(made)
    }

    pub(crate) fn batch(&self, batch: &feed::Batch) -> Result<(), CallError> {
        self.sum(weight::batch(batch))?;
        self.events(batch.items.len())?;
        for item in &batch.items {
            key("dedupe id", Some(&item.dedupe_id))?;
            event(&item.event)?;
        }
        if batch.cursor.len() > STATE {
            return Err(over("a cursor", batch.cursor.len(), STATE, "bytes"));
        }
        batch.update.state.as_deref().map_or(Ok(()), state)
    }

    fn sum(&self, bytes: usize) -> Result<(), CallError> {
        let bound = self.0.result;
        if bytes > bound {
            return Err(CallError::OverLimit(format!(
                "to hand back {bytes} bytes, where it may hand back {bound}"
            )));
        }
        Ok(())
    }

    fn events(&self, count: usize) -> Result<(), CallError> {
        let bound = self.0.events;
        if count > bound {
            return Err(CallError::OverLimit(format!(
                "to tell {count} events at once, where it may tell {bound}"
            )));
        }
        Ok(())
    }
}

fn state(state: &str) -> Result<(), CallError> {
    if state.len() > STATE {
        return Err(CallError::OverLimit(format!(
            "a state of {} bytes, where the contract gives it {STATE}",
            state.len()
        )));
    }
    Ok(())
}

fn event(event: &wit::Event) -> Result<(), CallError> {
    let id = |id: Option<&str>| key("vendor's id", id);
    match event {
        wit::Event::Message(message) | wit::Event::MessageEdited(message) => {
            id(message.id.as_deref())?;
            id(message.author.id.as_deref())?;
            id(message.reply_to.as_deref())
        }
        wit::Event::MessageDeleted(which) | wit::Event::IdentityChanged(which) => id(Some(which)),
        wit::Event::Joined(who) | wit::Event::Left(who) => id(who.id.as_deref()),
        wit::Event::Delivery(delivery) => id(Some(&delivery.message_id)),
        wit::Event::Reference(found) => keys(found),
        wit::Event::Typing(_)
        | wit::Event::Transferred(_)
        | wit::Event::Queued(_)
        | wit::Event::Routed(_)
        | wit::Event::Ended(_)
        | wit::Event::ControlReturned(_)
        | wit::Event::Ignored(_) => Ok(()),
    }
}

fn keys(found: &[String]) -> Result<(), CallError> {
    if found.len() > KEYS {
        return Err(over("a session", found.len(), KEYS, "lookup keys at once"));
    }
    found.iter().try_for_each(|each| key("lookup key", Some(each)))
}

fn key(what: &str, text: Option<&str>) -> Result<(), CallError> {
    match text.map(str::len) {
        Some(length) if length > KEY => Err(over(&format!("a {what}"), length, KEY, "bytes")),
        _ => Ok(()),
    }
}

fn over(what: &str, has: usize, may: usize, of: &str) -> CallError {
    CallError::OverLimit(format!("{what} with {has} {of}, where there may be {may}"))
}
