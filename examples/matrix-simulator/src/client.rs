//! The agents' client: what it shows of a room at the desk.

use agent_desk::{Attachment, Customer, Format, Incoming, Opening, Party, SYSTEM};
use serde_json::Value;

use crate::Homeserver;

impl Homeserver {
    /// An agent is asked to come: the room shows at the desk, with what was said in it.
    pub(crate) fn ring(&self, room: &str) {
        let found = self.book(|book| {
            let known = book.rooms.get_mut(room).filter(|known| !known.at_desk)?;
            known.at_desk = true;
            let creator = known.timeline.first()?["sender"].as_str()?.to_owned();
            let name = known.state("m.room.member", &creator)?["displayname"].as_str().map(str::to_owned);
            let topic = known.text("m.room.topic", "topic").filter(|topic| !topic.is_empty());
            let opening = Opening {
                customer: Customer { id: Some(creator), name, ..Customer::default() },
                problem: topic.or_else(|| known.text("m.room.name", "name")).map(str::to_owned),
                ..Opening::new(room)
            };
            Some((opening, known.timeline.clone()))
        });
        let Some((opening, timeline)) = found else { return };
        if self.desk.begin(opening).is_ok() {
            timeline.iter().for_each(|event| self.show(room, event));
        }
    }

    /// A message of the application service's users shows at the desk; notices as lines without an author.
    pub(crate) fn show(&self, room: &str, event: &Value) {
        let sender = event["sender"].as_str().unwrap_or_default();
        if event["type"] != "m.room.message" || !self.registration.owns(sender) {
            return;
        }
        let name = self.book(|book| {
            let known = book.rooms.get(room).filter(|known| known.at_desk)?;
            Some(known.state("m.room.member", sender)?["displayname"].as_str().unwrap_or(sender).to_owned())
        });
        let Some(name) = name else { return };
        let content = &event["content"];
        let field = |name: &str| content[name].as_str().unwrap_or_default();
        let file = self.file(content);
        let (text, format) = match (&file, content.get("formatted_body")) {
            (Some(_), _) => ("", Format::Plain),
            (None, Some(_)) => (field("formatted_body"), Format::Html),
            (None, None) => (field("body"), Format::Plain),
        };
        let notice = content["msgtype"] == "m.notice";
        // Ended at the desk already, or full: the room has it all the same.
        let _ = self.desk.receive(
            room,
            Incoming {
                text: text.to_owned(),
                format,
                attachments: file.into_iter().collect(),
                sender: Some(if notice { SYSTEM.to_owned() } else { name }),
                message_id: event["event_id"].as_str().map(str::to_owned),
                ..Incoming::default()
            },
        );
    }

    /// The client fetches what it shows.
    fn file(&self, content: &Value) -> Option<Attachment> {
        let media = self.media(content["url"].as_str()?)?;
        let name = content["filename"].as_str().unwrap_or(&media.name);
        self.desk.keep_file(name, &media.content_type, media.content).ok()
    }

    /// The customer's side has gone: nobody of it is left in the room.
    pub(crate) fn is_left(&self, room: &str) {
        let left = self.book(|book| {
            let known = book.rooms.get(room)?;
            Some(!known.joined().any(|(user, _)| self.registration.owns(user)))
        });
        if left == Some(true) {
            // Agents may never have been asked.
            let _ = self.desk.end(room, Party::Customer, None);
        }
    }
}
