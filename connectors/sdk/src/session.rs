//! What a connector asks of a session and of the customer's messages.

use crate::{Attachment, AuthorKind, Message, NewSession, Session, Turn};

impl Session {
    /// The first of its lookup keys, the vendor's conversation id; empty where there is none.
    pub fn lookup_key(&self) -> &str {
        self.lookup_keys.first().map_or("", String::as_str)
    }
}

impl NewSession {
    /// Names and values of the bot's inputs, then of the operator's routing rules: what comes later wins.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.attributes.iter().chain(&self.routing);
        all.map(|attribute| (attribute.name.as_str(), attribute.value.as_str()))
    }

    /// What the customer needs, without blanks around it; empty where nothing was said.
    pub fn need(&self) -> &str {
        self.problem.as_deref().unwrap_or_default().trim()
    }

    /// What an agent reads first: where the customer comes from, what the bot knows, what was said.
    pub fn story(&self, customer: &str) -> String {
        let mut story = format!("{customer} ({})", self.channel);
        for attribute in &self.attributes {
            story.push_str(&format!("\n{}: {}", attribute.name, attribute.value));
        }
        for turn in &self.transcript {
            story.push_str(&format!("\n\n{}: {}", turn.who(customer), turn.text));
        }
        story
    }
}

impl AuthorKind {
    /// What agents read for somebody without a name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Bot => "Bot",
            Self::LiveAgent => "Agent",
            Self::System => "System",
        }
    }
}

impl Turn {
    /// Who said it; `customer` is what a customer without a name is called.
    pub fn who<'a>(&'a self, customer: &'a str) -> &'a str {
        let usual = if self.author == AuthorKind::Customer { customer } else { self.author.word() };
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(usual)
    }
}

impl Message {
    /// Who wrote it, where that is not the session's customer: in a group chat, which vendors do not know.
    pub fn other_author(&self, session: &Session) -> Option<&str> {
        let name = session.customer.name.as_deref();
        self.author.as_deref().filter(|author| Some(*author) != name)
    }
}

impl Attachment {
    /// Its name, for vendors that refuse a file without one.
    pub fn file_name(&self) -> &str {
        let name = self.name.trim();
        if name.is_empty() { "file" } else { name }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::{Attribute, testing};

    #[test]
    fn the_story_names_everybody() {
        let mut session = testing::new_session();
        session.attributes = vec![Attribute { name: "order".to_owned(), value: "17".to_owned() }];
        let turn = |author, name: Option<&str>, text: &str| Turn {
            author,
            name: name.map(str::to_owned),
            text: text.to_owned(),
            time: None,
        };
        session.transcript = vec![
            turn(AuthorKind::Customer, None, "Help"),
            turn(AuthorKind::Bot, Some(""), "Hello"),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Yes?"),
        ];
        assert_eq!(
            session.story("Jane"),
            "Jane (msteams)\norder: 17\n\nJane: Help\n\nBot: Hello\n\nAnn: Yes?"
        );
        session.routing = vec![Attribute { name: "order".to_owned(), value: "18".to_owned() }];
        assert_eq!(session.given().last(), Some(("order", "18")));
    }
}
