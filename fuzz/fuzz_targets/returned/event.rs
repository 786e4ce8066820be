//! Events as a guest tells them, and texts that may be long although the input is short.

use arbitrary::Arbitrary;
use handover_sandbox::fuzzing::imports::types as wit;

#[derive(Debug, Default, Arbitrary)]
pub struct Text<'a> {
    text: &'a str,
    times: u8,
}

impl Text<'_> {
    pub fn whole(&self) -> String {
        // Once in most inputs; else up to some hundred KiB.
        let times = if self.times < 128 { 1 } else { usize::from(self.times - 126) * 64 };
        self.text.repeat(times.min((256 << 10) / self.text.len().max(1)))
    }
}

#[derive(Debug, Arbitrary)]
pub enum Happened<'a> {
    Message {
        edited: bool,
        ids: [Option<Text<'a>>; 3],
        text: Text<'a>,
        file: Option<Text<'a>>,
        author: Text<'a>,
    },
    Deleted(Text<'a>),
    Typing(bool),
    Joined {
        left: bool,
        id: Option<Text<'a>>,
        name: Option<Text<'a>>,
    },
    Transferred {
        to: Option<Text<'a>>,
        queue: Option<Text<'a>>,
    },
    Queued(Option<Text<'a>>),
    Routed(Option<Text<'a>>),
    Delivery {
        message: Text<'a>,
        failed: Option<Text<'a>>,
    },
    Ended(Option<Text<'a>>),
    ControlReturned(Option<Text<'a>>),
    Reference(Vec<Text<'a>>),
    IdentityChanged(Text<'a>),
    Ignored(Text<'a>),
}

impl Happened<'_> {
    pub fn told(&self) -> wit::Event {
        let maybe = |text: &Option<Text<'_>>| text.as_ref().map(Text::whole);
        let who = |id: Option<String>, name| wit::Participant { id, name, role: None, avatar_url: None };
        match self {
            Self::Message { edited, ids: [id, author_id, reply_to], text, file, author } => {
                let file = file.as_ref().map(|url| wit::Attachment {
                    name: "a".to_owned(),
                    content_type: "text/plain".to_owned(),
                    url: url.whole(),
                    size: None,
                });
                let message = wit::AgentMessage {
                    id: maybe(id),
                    author: who(maybe(author_id), Some(author.whole())),
                    text: text.whole(),
                    format: wit::TextFormat::Plain,
                    attachments: file.into_iter().collect(),
                    reply_to: maybe(reply_to),
                };
                if *edited { wit::Event::MessageEdited(message) } else { wit::Event::Message(message) }
            }
            Self::Deleted(id) => wit::Event::MessageDeleted(id.whole()),
            Self::Typing(on) => wit::Event::Typing(wit::Typing { author: None, on: *on }),
            Self::Joined { left: false, id, name } => wit::Event::Joined(who(maybe(id), maybe(name))),
            Self::Joined { left: true, id, name } => wit::Event::Left(who(maybe(id), maybe(name))),
            Self::Transferred { to, queue } => wit::Event::Transferred(wit::Transfer {
                from_participant: None,
                to_participant: Some(who(None, maybe(to))),
                queue: maybe(queue),
            }),
            Self::Queued(text) => {
                wit::Event::Queued(wit::QueueStatus { position: None, wait_seconds: None, text: maybe(text) })
            }
            Self::Routed(None) => wit::Event::Routed(wit::RoutingResult::NoAgents),
            Self::Routed(Some(why)) => wit::Event::Routed(wit::RoutingResult::Failed(why.whole())),
            Self::Delivery { message, failed } => wit::Event::Delivery(wit::Delivery {
                message_id: message.whole(),
                status: match failed {
                    Some(why) => wit::DeliveryStatus::Failed(why.whole()),
                    None => wit::DeliveryStatus::Read,
                },
            }),
            Self::Ended(detail) => {
                wit::Event::Ended(wit::Ended { by: wit::EndReason::LiveAgent, detail: maybe(detail) })
            }
            Self::ControlReturned(why) => wit::Event::ControlReturned(maybe(why)),
            Self::Reference(keys) => wit::Event::Reference(keys.iter().map(Text::whole).collect()),
            Self::IdentityChanged(id) => wit::Event::IdentityChanged(id.whole()),
            Self::Ignored(why) => wit::Event::Ignored(why.whole()),
        }
    }
}
