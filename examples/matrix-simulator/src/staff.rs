//! The staff: agents in a room of their own.

use agent_desk::fresh_id;
use serde_json::{Value, json};

use crate::{
    Homeserver,
    book::User,
    room::{Draft, Room},
};

impl Homeserver {
    /// Makes the staff's room; its id. The application service's user is there already, and invited to it.
    pub(crate) fn gather(&self) -> String {
        let id = format!("!{}:{}", fresh_id(), self.registration.server_name);
        let users: Vec<String> = self.staff.iter().map(|name| self.user(name)).collect();
        let own = self.registration.own();
        self.book(|book| {
            book.users.insert(own.clone(), User::default());
            let mut room = Room::new(id.clone());
            let mut state = |kind: &str, key: &str, content: Value| {
                let sender = users.first().unwrap_or(&own);
                room.add(Draft { id: None, kind, sender, state_key: Some(key), content });
            };
            state("m.room.create", "", json!({ "room_version": "11" }));
            for user in &users {
                state("m.room.member", user, book.member(user, "join"));
            }
            state("m.room.join_rules", "", json!({ "join_rule": "invite" }));
            state("m.room.name", "", json!({ "name": "Support" }));
            state("m.room.member", &own, book.member(&own, "invite"));
            book.rooms.insert(id.clone(), room);
        });
        id
    }

    /// Whether this is one of the agents.
    pub(crate) fn is_staff(&self, user: &str) -> bool {
        self.staff.iter().any(|name| self.user(name) == user)
    }
}
