//! The activities that go out: results of actions for the bot, messages and announcements for the customer.

use handover_handoff::Session;
use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::delivery::{ActionResult, Delivery, Parcel, ResultCode};
use handover_handoff::notice::Notice;
use handover_handoff::vendor::{AgentMessage, Attachment, TextFormat};
use serde::Serialize;
use serde_json::json;

use crate::activity::{Activity, ActivityAttachment, ChannelAccount, ConversationAccount};
use crate::limits::{Limits, first_part};
use crate::markdown;
use crate::split::{split, weight};
use crate::wording::Wording;

/// Longest name of a sender that is shown, in characters.
const SENDER_LIMIT: usize = 100;

/// The body of a response that carries the replies: `{"activities":[…]}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExpectedReplies {
    /// In the order they are to be taken.
    pub activities: Vec<Activity>,
}

/// The body for a turn that wants its replies in the response (`expectReplies`). An action's result comes last.
pub fn inline(activities: Vec<Activity>) -> ExpectedReplies {
    ExpectedReplies { activities }
}

/// The result of an action: the bot's topic goes on from there.
pub fn result(address: &ReturnAddress, result: &ActionResult) -> Activity {
    let mut end = end(address, result.to.action.as_str(), result.to.activity.as_deref(), result.code);
    // Named as the manifest names them: whether Copilot Studio minds the case is not known.
    end.value = result
        .started
        .as_ref()
        .map(|(id, status)| json!({ "LiveChatConversationId": id, "Status": status.as_str() }));
    end
}

/// Ends an action that is none of ours, so that the bot does not wait for it for ever.
pub fn unknown_event(address: &ReturnAddress, name: &str, activity: Option<&str>) -> Activity {
    end(address, name, activity, ResultCode::Error)
}

/// Says that the live agent is typing.
pub fn typing(address: &ReturnAddress) -> Activity {
    for_customer(address, "typing")
}

/// Makes the activities of what the domain sends.
#[derive(Debug, Clone, Default)]
pub struct Replies {
    wording: Wording,
    limits: Limits,
}

impl Replies {
    /// With these words, within these limits.
    pub fn new(wording: Wording, limits: Limits) -> Self {
        Self { wording, limits }
    }

    /// The channels' limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What a delivery to the customer, or to the bot, is on the wire: several activities where a text is too long
    /// for one, and none for a parcel that is the vendor's.
    pub fn activities(&self, session: &Session, delivery: &Delivery) -> Vec<Activity> {
        let address = &session.address;
        let mut activities = match &delivery.parcel {
            Parcel::ActionResult(of) => vec![result(address, of)],
            // What crossed the end is known by now.
            Parcel::Notice(Notice::Ended { reason, unseen }) => {
                let unseen = unseen.saturating_add(session.crossed);
                self.notice(address, &Notice::Ended { reason: *reason, unseen })
            }
            Parcel::Notice(notice) => self.notice(address, notice),
            Parcel::AgentMessage(message) => self.agent_message(session, message),
            Parcel::Start(_) | Parcel::Message(_) | Parcel::Receipt { .. } | Parcel::End { .. } => Vec::new(),
        };
        if delivery.maybe_duplicate {
            // Nothing in the protocol says so; whoever keeps a record of the channel can tell by this.
            let mark = json!({ "deliveryId": delivery.id.to_string(), "possibleDuplicate": true });
            for activity in &mut activities {
                activity.channel_data = Some(json!({ "handover": mark }));
            }
        }
        activities
    }

    /// An announcement in the customer's language.
    pub fn notice(&self, address: &ReturnAddress, notice: &Notice) -> Vec<Activity> {
        let text = self.wording.notice(notice, address.locale.as_deref());
        self.messages(address, "", &text)
    }

    fn agent_message(&self, session: &Session, message: &AgentMessage) -> Vec<Activity> {
        let address = &session.address;
        let known = message.author.name.as_ref().filter(|name| !name.trim().is_empty());
        let sender = match known.or(session.agent.as_ref().filter(|_| !message.author.is_machine())) {
            Some(name) => Some(name.chars().take(SENDER_LIMIT).collect()),
            // An announcement of nobody's stands for itself.
            None if message.author.is_machine() => None,
            None => Some(self.wording.agent(address.locale.as_deref())),
        };
        let prefix: Option<String> = sender.map(|name: String| format!("**{}**: ", markdown::name(&name)));
        let prefix = prefix.unwrap_or_default();

        let mut text = match message.format {
            TextFormat::Markdown => markdown::without_html(&message.text),
            TextFormat::Plain => markdown::from_plain(&message.text),
            TextFormat::Html => markdown::from_html(&message.text),
        };
        let mut attachments = Vec::new();
        for file in &message.attachments {
            if is_carried(address, file) {
                attachments.push(ActivityAttachment {
                    content_type: Some(file.content_type.clone()),
                    content_url: Some(file.url.clone()),
                    name: Some(file.name.clone()),
                    content: None,
                });
            } else {
                if !text.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(&markdown::link(&file.name, &file.url));
            }
        }

        let mut messages = self.messages(address, &prefix, &text);
        if let Some(last) = messages.last_mut() {
            last.attachments = attachments;
        }
        messages
    }

    fn messages(&self, address: &ReturnAddress, prefix: &str, text: &str) -> Vec<Activity> {
        let limit = self.limits.of(&address.channel).text_bytes.saturating_sub(weight(prefix));
        let parts = split(text, limit).into_iter();
        parts
            .map(|part| Activity {
                text: Some(format!("{prefix}{part}").trim_end().to_owned()),
                ..for_customer(address, "message")
            })
            .collect()
    }
}

/// Whether the channel takes a file as an attachment. Teams refuses a message with any but pictures; a link always
/// works. Addresses that no browser should be sent to are named only.
fn is_carried(address: &ReturnAddress, file: &Attachment) -> bool {
    let picture = file.content_type.starts_with("image/");
    let fetchable =
        markdown::web_address(&file.url).is_some() || (picture && file.url.starts_with("data:image/"));
    fetchable && (picture || first_part(&address.channel) != "msteams")
}

fn end(address: &ReturnAddress, name: &str, activity: Option<&str>, code: ResultCode) -> Activity {
    Activity {
        kind: Some("endOfConversation".to_owned()),
        name: Some(name.to_owned()),
        channel_id: Some(address.channel.clone()),
        service_url: some(&address.service_url),
        conversation: conversation(address),
        from: address.bot.as_ref().map(account),
        recipient: Some(account(&address.customer)).filter(|customer| customer.id.is_some()),
        reply_to_id: activity.map(str::to_owned),
        locale: address.locale.clone(),
        text: Some(String::new()),
        code: Some(
            match code {
                ResultCode::CompletedSuccessfully => "completedSuccessfully",
                ResultCode::Error => "error",
            }
            .to_owned(),
        ),
        ..Activity::default()
    }
}

/// What the customer sees is addressed to the conversation, not to a person in it.
fn for_customer(address: &ReturnAddress, kind: &str) -> Activity {
    let service_url = match &address.to_customer {
        Route::SkillCallback { base } | Route::ChannelAsBot { base } => base,
        Route::SignedUrl { .. } | Route::Held => &address.service_url,
    };
    Activity {
        kind: Some(kind.to_owned()),
        channel_id: Some(address.channel.clone()),
        service_url: some(service_url),
        conversation: conversation(address),
        from: address.bot.as_ref().map(account),
        ..Activity::default()
    }
}

fn conversation(address: &ReturnAddress) -> Option<ConversationAccount> {
    Some(ConversationAccount { id: Some(address.conversation.clone()), ..Default::default() })
}

fn account(account: &Account) -> ChannelAccount {
    ChannelAccount { id: some(&account.id), name: account.name.clone(), ..Default::default() }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
