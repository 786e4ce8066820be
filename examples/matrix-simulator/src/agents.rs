//! What agents do with their client, as events of the room.

use agent_desk::{AgentAction, Attachment, Deed, Failure, Format, Message, Recipient, Skill, Vendor};
use serde_json::{Value, json};

use crate::{
    Homeserver,
    book::{Book, Media, User},
    room::{Draft, Room, event_id},
};

impl Vendor for Homeserver {
    fn name(&self) -> &str {
        "Matrix simulated"
    }

    fn colour(&self) -> &str {
        "#0b6e4f"
    }

    /// Nobody can say a place in a queue: there are none.
    fn skills(&self) -> &'static [Skill] {
        &[Skill::Typing, Skill::Read, Skill::Leave, Skill::Transfer, Skill::Attachments]
    }

    async fn act(&self, deed: Deed) -> Result<(), Failure> {
        let (room, agent) = (deed.conversation.as_str(), self.user(&deed.agent));
        match deed.action {
            AgentAction::Accept => self.taken(self.join(room, &agent)?).await,
            AgentAction::Say(message) => {
                self.join(room, &agent)?;
                self.taken(self.say(room, &agent, &message)?).await;
            }
            AgentAction::Typing(on) => {
                self.join(room, &agent)?;
                self.types(room, &agent, on);
            }
            AgentAction::Read(event) => self.has_read(room, &agent, &event),
            AgentAction::Leave => self.taken(self.leave(room, &agent)).await,
            // The colleague comes first: a room without agents would be an end.
            AgentAction::Transfer(Recipient::Agent(name)) => {
                self.join(room, &self.user(&name))?;
                self.taken(self.leave(room, &agent)).await;
            }
            AgentAction::Transfer(Recipient::Queue(_)) => {
                self.taken(self.leave(room, &agent)).await;
            }
            AgentAction::End => {
                self.join(room, &agent)?;
                let content = json!({ "msgtype": "m.text", "body": self.end_command });
                self.write(room, &agent, None, content);
                let agents = self.book(|book| {
                    let joined = book.rooms.get(room).into_iter().flat_map(|known| known.joined());
                    joined.map(|(user, _)| user.to_owned()).collect::<Vec<_>>()
                });
                let agents = agents.iter().filter(|user| !self.registration.owns(user));
                let last = agents.map(|user| self.leave(room, user)).max();
                self.taken(last.unwrap_or_default()).await;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Homeserver {
    /// The user that an agent of this name is; whoever is new is made.
    pub(crate) fn user(&self, name: &str) -> String {
        let local: String = name
            .to_lowercase()
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
                b' ' => ".".to_owned(),
                _ => format!("={byte:02x}"),
            })
            .collect();
        let user = format!("@{local}:{}", self.registration.server_name);
        self.book(|book| {
            let known = book.users.entry(user.clone());
            known.or_insert_with(|| User { name: Some(name.to_owned()), ..User::default() });
        });
        user
    }

    async fn taken(&self, number: u64) {
        self.outbox.is_taken(number).await;
    }

    /// Comes, unless there already. Whom nobody has invited, an administrator lets in (Synapse, "Edit Room Membership
    /// API").
    fn join(&self, room: &str, user: &str) -> Result<u64, Failure> {
        self.book(|book| {
            let known = book.rooms.get(room).ok_or_else(|| forbidden("There is no such room"))?;
            match known.membership(user) {
                "join" => return Ok(0),
                "ban" => return Err(forbidden("They are banned from the room")),
                _ => {}
            }
            let content = book.member(user, "join");
            Ok(self.change(book, room, user, content))
        })
    }

    fn leave(&self, room: &str, user: &str) -> u64 {
        self.types(room, user, false);
        self.book(|book| {
            if !book.rooms.get(room).is_some_and(|known| known.is_joined(user)) {
                return 0;
            }
            let content = book.member(user, "leave");
            self.change(book, room, user, content)
        })
    }

    fn change(&self, book: &mut Book, room: &str, user: &str, content: Value) -> u64 {
        let draft = Draft { id: None, kind: "m.room.member", sender: user, state_key: Some(user), content };
        self.add(book, room, draft).map_or(0, |(_, number)| number)
    }

    /// Says something; the number of the event. The same event again is none.
    fn write(&self, room: &str, user: &str, id: Option<&str>, content: Value) -> u64 {
        self.types(room, user, false);
        self.book(|book| {
            let said = |known: &Room| {
                known.timeline.iter().any(|one| id.is_some() && one["event_id"].as_str() == id)
            };
            if book.rooms.get(room).is_some_and(said) {
                return 0;
            }
            let id = id.map(str::to_owned);
            let draft = Draft { id, kind: "m.room.message", sender: user, state_key: None, content };
            self.add(book, room, draft).map_or(0, |(_, number)| number)
        })
    }

    /// Each file is an event of its own.
    fn say(&self, room: &str, user: &str, message: &Message) -> Result<u64, Failure> {
        let mut contents = Vec::new();
        if !message.text.trim().is_empty() {
            contents.push(text(message));
        }
        for file in &message.attachments {
            contents.push(self.upload(file)?);
        }
        let mut last = 0;
        for (nth, content) in contents.into_iter().enumerate() {
            let id = if nth == 0 { message.sent_as.clone() } else { event_id() };
            self.book(|book| book.messages.insert(id.clone(), message.id.clone()));
            last = self.write(room, user, Some(&id), content).max(last);
        }
        Ok(last)
    }

    /// The desk's id of the message that an event belongs to.
    pub(crate) fn message_of(&self, event: &str) -> String {
        self.book(|book| book.messages.get(event).cloned()).unwrap_or_else(|| event.to_owned())
    }

    fn upload(&self, file: &Attachment) -> Result<Value, Failure> {
        let content = self.desk.kept_file(&file.url);
        let content =
            content.ok_or_else(|| forbidden("The file is not at the desk: a client uploads its bytes"))?;
        let size = content.len();
        let media = Media { name: file.name.clone(), content_type: file.content_type.clone(), content };
        let uri = self.keep(media).map_err(|_| forbidden("The file is too large for this homeserver"))?;
        let kind = match file.content_type.split('/').next() {
            Some("image") => "m.image",
            Some("audio") => "m.audio",
            Some("video") => "m.video",
            _ => "m.file",
        };
        Ok(json!({
            "msgtype": kind,
            "body": file.name,
            "filename": file.name,
            "url": uri,
            "info": { "mimetype": file.content_type, "size": size },
        }))
    }
}

fn text(message: &Message) -> Value {
    let mut content = json!({ "msgtype": "m.text", "body": message.text });
    if message.format == Format::Html {
        content["format"] = json!("org.matrix.custom.html");
        content["formatted_body"] = json!(message.text);
    }
    content
}

fn forbidden(why: &str) -> Failure {
    Failure::Forbidden(why.to_owned())
}
