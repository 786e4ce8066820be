//! All conversations, and the one lock under which they change and are told of.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::{
    conversation::{Conversation, Opening, Status},
    feed::Feed,
    refusal::Refusal,
};

/// The conversations and those who watch them.
#[derive(Default)]
pub(crate) struct Desk {
    book: Mutex<Book>,
    feed: Feed,
}

#[derive(Default)]
struct Book {
    conversations: HashMap<String, Conversation>,
    /// Conversation id by the session it was opened for.
    sessions: HashMap<String, String>,
}

impl Desk {
    pub(crate) fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Opens a conversation, or finds the one that was opened for the same session; its id and status. Known
    /// sessions are found also when no agents are there, so that a repeated request gets the same answer.
    pub(crate) fn open(&self, opening: Opening, closed: bool) -> Result<(String, Status), Refusal> {
        let mut book = self.lock();
        let session = opening.session_id.clone();
        let known = session.as_ref().and_then(|session| book.sessions.get(session));
        if let Some(conversation) = known.and_then(|id| book.conversations.get(id)) {
            return Ok((conversation.id.clone(), conversation.status));
        }
        if closed {
            return Err(Refusal::no_agents());
        }
        let mut conversation = Conversation::open(opening);
        conversation.publish(&self.feed);
        let opened = (conversation.id.clone(), conversation.status);
        if let Some(session) = session {
            book.sessions.insert(session, conversation.id.clone());
        }
        book.conversations.insert(conversation.id.clone(), conversation);
        Ok(opened)
    }

    /// Changes one conversation and tells the consoles, so that they hear of changes in the order they happened.
    pub(crate) fn change<T>(
        &self,
        id: &str,
        change: impl FnOnce(&mut Conversation) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut book = self.lock();
        let conversation = book.conversations.get_mut(id).ok_or_else(Refusal::unknown_conversation)?;
        let result = change(conversation);
        conversation.publish(&self.feed);
        result
    }

    /// Looks at one conversation.
    pub(crate) fn look<T>(&self, id: &str, look: impl FnOnce(&Conversation) -> T) -> Option<T> {
        self.lock().conversations.get(id).map(look)
    }

    /// All conversations, the oldest first.
    pub(crate) fn summaries(&self) -> Vec<Value> {
        let book = self.lock();
        let mut all: Vec<_> = book.conversations.values().collect();
        all.sort_by(|a, b| (&a.started_at, &a.id).cmp(&(&b.started_at, &b.id)));
        all.into_iter().map(Conversation::summary).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
