//! Who chats: the conversation of each user, and what the last request of each conversation was, for callbacks to repeat.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

/// A record's id: 32 hexadecimal digits.
pub fn sys_id() -> String {
    agent_desk::fresh_id().replace('-', "")
}

/// What callbacks of a conversation repeat.
#[derive(Clone, Debug)]
pub struct Last {
    pub user: String,
    pub request: Map<String, Value>,
    pub interaction: String,
    at: Instant,
}

#[derive(Default)]
pub struct Users(Mutex<Book>);

#[derive(Default)]
struct Book {
    /// Conversation by user.
    current: HashMap<String, String>,
    /// By conversation.
    last: HashMap<String, Last>,
}

impl Users {
    /// The conversation that this user has.
    pub fn conversation(&self, user: &str) -> Option<String> {
        self.with(|book| book.current.get(user).cloned())
    }

    /// This user has a new conversation.
    pub fn begin(&self, user: &str, conversation: &str, request: &Map<String, Value>) {
        let (user, request) = (user.to_owned(), request.clone());
        self.with(|book| {
            book.current.insert(user.clone(), conversation.to_owned());
            let last = Last { user, request, interaction: sys_id(), at: Instant::now() };
            book.last.insert(conversation.to_owned(), last);
        });
    }

    /// The user was heard of.
    pub fn heard(&self, conversation: &str, request: &Map<String, Value>) {
        self.with(|book| {
            if let Some(last) = book.last.get_mut(conversation) {
                (last.request, last.at) = (request.clone(), Instant::now());
            }
        });
    }

    /// The user has no conversation any more.
    pub fn end(&self, conversation: &str) {
        self.with(|book| book.current.retain(|_, current| current != conversation));
    }

    pub fn last(&self, conversation: &str) -> Option<Last> {
        self.with(|book| book.last.get(conversation).cloned())
    }

    /// Running conversations whose user has not been heard of for so long.
    pub fn idle(&self, longer_than: Duration) -> Vec<String> {
        self.with(|book| {
            let is_idle =
                |id: &&String| book.last.get(*id).is_some_and(|last| last.at.elapsed() >= longer_than);
            book.current.values().filter(is_idle).cloned().collect()
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
