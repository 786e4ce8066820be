//! What the homeserver knows: users, rooms, aliases, media, and which transactions it has answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::{
    access::Registration,
    outbox::Outbox,
    room::{Draft, Room},
};

/// A user of this homeserver.
#[derive(Default)]
pub(crate) struct User {
    pub(crate) name: Option<String>,
    pub(crate) devices: BTreeSet<String>,
}

/// An uploaded file.
#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) content: Bytes,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) rooms: HashMap<String, Room>,
    /// Room ids by alias.
    pub(crate) aliases: HashMap<String, String>,
    pub(crate) media: HashMap<String, Media>,
    /// Event ids by who sent what under which transaction.
    pub(crate) answered: HashMap<String, String>,
    /// The desk's ids of agents' messages, by event id.
    pub(crate) messages: HashMap<String, String>,
    /// Signs of typing so far.
    pub(crate) signs: u64,
}

impl Book {
    /// Adds an event to a room, and hands it on where the application service is concerned; its number in the outbox.
    /// None where there is no such room.
    pub(crate) fn add(
        &mut self,
        registration: &Registration,
        outbox: &Outbox,
        room: &str,
        draft: Draft<'_>,
    ) -> Option<(Value, u64)> {
        let room = self.rooms.get_mut(room)?;
        let event = room.add(draft);
        // Whoever leaves learns of it; a room's first event is there before anybody is.
        let sent = event["sender"].as_str().is_some_and(|user| registration.owns(user));
        let concerned = sent || room.people().any(|(user, _)| registration.owns(user));
        let number = if concerned { outbox.push(event.clone(), &registration.prefix) } else { 0 };
        Some((event, number))
    }

    /// The content of a member event with the user's name.
    pub(crate) fn member(&self, user: &str, membership: &str) -> Value {
        let name = self.users.get(user).and_then(|user| user.name.as_deref());
        json!({ "membership": membership, "displayname": name })
    }
}
