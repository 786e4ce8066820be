//! The conversations by their ids and sessions, and how many of them there may be.

use std::collections::HashMap;

use crate::{
    conversation::{Conversation, Status},
    feed::Feed,
    opening::Opening,
    refusal::Refusal,
};

pub(crate) struct Book {
    pub(crate) conversations: HashMap<String, Conversation>,
    /// Conversation id by the session it was opened for.
    sessions: HashMap<String, String>,
    /// Whether there are agents.
    pub(crate) open: bool,
    most: usize,
}

impl Book {
    pub(crate) fn new(most: usize) -> Self {
        Self { conversations: HashMap::new(), sessions: HashMap::new(), open: true, most }
    }

    pub(crate) fn begin(
        &mut self,
        opening: Opening,
        although_closed: bool,
        feed: &Feed,
    ) -> Result<(String, Status), Refusal> {
        let session = opening.session_id.clone();
        let known = session.as_ref().and_then(|session| self.sessions.get(session)).unwrap_or(&opening.id);
        if let Some(conversation) = self.conversations.get(known) {
            return Ok((conversation.id().to_owned(), conversation.status));
        }
        if !self.open && !although_closed {
            return Err(Refusal::NoAgents);
        }
        self.make_room()?;
        let mut conversation = Conversation::open(opening);
        conversation.publish(feed);
        let opened = (conversation.id().to_owned(), conversation.status);
        if let Some(session) = session {
            self.sessions.insert(session, opened.0.clone());
        }
        self.conversations.insert(opened.0.clone(), conversation);
        Ok(opened)
    }

    /// All conversations, the oldest first.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Conversation> {
        let mut all: Vec<_> = self.conversations.values().collect();
        all.sort_by(|a, b| (&a.started_at, a.id()).cmp(&(&b.started_at, b.id())));
        all.into_iter()
    }

    fn make_room(&mut self) -> Result<(), Refusal> {
        if self.conversations.len() < self.most {
            return Ok(());
        }
        let ended = |conversation: &&Conversation| {
            conversation.status == Status::Ended && !conversation.carrying && conversation.errands.is_empty()
        };
        let Some(oldest) = self.in_order().find(ended).map(|conversation| conversation.id().to_owned())
        else {
            let most = self.most;
            return Err(Refusal::Full(format!(
                "This desk holds {most} conversations at most, and all of them run"
            )));
        };
        self.sessions.retain(|_, id| *id != oldest);
        self.conversations.remove(&oldest);
        Ok(())
    }
}
