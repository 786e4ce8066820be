//! From the vendor: webhooks of version v2, each an envelope with any number of events.

mod content;
pub mod control;

use handover_connector::event::nth;
use handover_connector::{
    AgentMessage, Answer, CallbackRequest, Context, Delivery, DeliveryStatus, EndReason, Event, Mapped,
    MappedEvent, Participant, Refusal, json, time,
};
use serde_json::{Value, json};

use crate::settings::Settings;
use crate::{MESSAGE_MARK, SESSION_MARK, USER_KEY};

struct Happened<'a> {
    id: Option<&'a str>,
    time: Option<u64>,
    kind: &'a str,
    payload: &'a Value,
}

pub fn map(context: &Context, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let settings = Settings::of(context).map_err(|failure| Refusal::Unmapped(failure.detail))?;
    let envelope = json::callback(&request.body)?;
    let Some(list) = envelope["events"].as_array() else {
        // A version that is not known yet is not lost.
        return Err(Refusal::Unmapped("no envelope of version v2: there are no `events`".to_owned()));
    };
    let happened = list.iter().map(|event| Happened {
        id: json::text(&event["id"]),
        time: event["createdAt"].as_str().and_then(time::from_rfc3339),
        kind: event["type"].as_str().unwrap_or("an event without type"),
        payload: &event["payload"],
    });
    Ok(Mapped {
        events: happened.flat_map(|happened| happened.map(&settings)).collect(),
        answer: None,
        // Conversations that are not ours, or no longer: told once is enough, and a 4xx would tell Zendesk that
        // something is wrong here.
        answer_when_closed: Some(Answer::json(200, &json!({}))),
    })
}

impl Happened<'_> {
    /// What it is to the session; mostly one event.
    fn map(&self, settings: &Settings) -> Vec<MappedEvent> {
        if self.kind == "user:merge" {
            return self.merged();
        }
        // Without a conversation it is nobody's: users and clients come and go.
        let Some(conversation) = self.payload["conversation"]["id"].as_str() else { return Vec::new() };
        let events = self.events(settings);
        let last = events.len().saturating_sub(1);
        // The last event has Zendesk's own id; those before it are told apart.
        let named = |(place, event)| self.named(conversation, self.id.map(|id| nth(id, last - place)), event);
        events.into_iter().enumerate().map(named).collect()
    }

    fn named(&self, lookup_key: &str, dedupe_id: Option<String>, event: Event) -> MappedEvent {
        MappedEvent { lookup_key: lookup_key.to_owned(), dedupe_id, time: self.time, event }
    }

    fn events(&self, settings: &Settings) -> Vec<Event> {
        let payload = self.payload;
        match self.kind {
            "conversation:message" => message(&payload["message"], settings),
            "conversation:typing" => vec![typing(&payload["activity"])],
            "conversation:message:delivery:failure" => vec![failed(payload)],
            "conversation:remove" => vec![Event::ended(EndReason::VendorFailure, self.kind)],
            other if other.starts_with("switchboard:") => vec![control::event(other, payload, settings)],
            other => vec![Event::ignored(other)],
        }
    }

    /// The user of a session is another one from now on, and perhaps so is the conversation.
    fn merged(&self) -> Vec<MappedEvent> {
        let of = |what: &str, which: &str| self.payload[what][which]["id"].as_str().map(str::to_owned);
        let (Some(old), Some(new)) = (of("mergedUsers", "discarded"), of("mergedUsers", "surviving")) else {
            return Vec::new();
        };
        let discarded = of("mergedConversations", "discarded");
        let surviving = of("mergedConversations", "surviving").filter(|id| discarded.as_ref() != Some(id));
        let mut keys = vec![format!("{USER_KEY}{new}")];
        keys.extend(surviving);
        // With `new_conversation` the session is not known by its user.
        let known_by = [Some(format!("{USER_KEY}{old}")), discarded];
        let mut events = Vec::new();
        for (place, key) in known_by.into_iter().flatten().enumerate() {
            let name = |number| self.id.map(|id| format!("{id}/{place}/{number}"));
            events.push(self.named(&key, name(0), Event::Reference(keys.clone())));
            events.push(self.named(&key, name(1), Event::IdentityChanged(new.clone())));
        }
        events
    }
}

fn message(message: &Value, settings: &Settings) -> Vec<Event> {
    let ignored = |why: &str| vec![Event::ignored(why)];
    let mark = &message["metadata"];
    if !mark[MESSAGE_MARK].is_null() || !mark[SESSION_MARK].is_null() {
        return ignored("echo of our own message");
    }
    match message["activity"]["type"].as_str() {
        Some(why @ ("ticket:closed" | "ticket:transfer:email")) => {
            return vec![Event::ended(EndReason::LiveAgent, why)];
        }
        Some(why @ "conversation:endedByUser") => return vec![Event::ended(EndReason::Customer, why)],
        _ => {}
    }
    if message["author"]["type"].as_str() != Some("business") {
        return ignored("the customer wrote by another channel");
    }
    if message["deleted"] == Value::Bool(true) {
        return match message["id"].as_str() {
            Some(id) => vec![Event::MessageDeleted(id.to_owned())],
            None => ignored("a deleted message without id"),
        };
    }
    let content = content::read(&message["content"], settings);
    if content.text.is_empty() && content.attachments.is_empty() {
        return ignored("a message without anything to show");
    }
    let author = author(message);
    let is_agent = author.role.as_deref() == Some("agent");
    let said = AgentMessage {
        id: message["id"].as_str().map(str::to_owned),
        author: author.clone(),
        text: content.text,
        format: content.format,
        attachments: content.attachments,
        reply_to: message["quotedMessage"]["message"]["id"].as_str().map(str::to_owned),
    };
    // Zendesk tells of nobody who joins; whoever writes is there.
    let joined = is_agent.then_some(Event::Joined(author));
    joined.into_iter().chain([Event::Message(said)]).collect()
}

/// Agent Workspace names the agent in the metadata; newer accounts say in `subtypes` what the author is.
fn author(message: &Value) -> Participant {
    let author = &message["author"];
    let is = |kind: &str| json::list(&author["subtypes"]).iter().any(|subtype| subtype == kind);
    let id = json::id(&message["metadata"]["__zendesk_msg.agent.id"]);
    let workspace = message["source"]["type"].as_str() == Some("zd:agentWorkspace");
    let role = if id.is_some() || is("agent") {
        "agent"
    } else if is("bot") || is("AI") {
        "bot"
    } else if is("activity") || !workspace {
        "system"
    } else {
        "agent"
    };
    Participant {
        id,
        name: json::owned(&author["displayName"]),
        role: Some(role.to_owned()),
        avatar_url: json::owned(&author["avatarUrl"]),
    }
}

fn typing(activity: &Value) -> Event {
    let author = &activity["author"];
    if author["type"].as_str() != Some("business") {
        return Event::ignored("the customer types");
    }
    let name = author["displayName"].as_str().map(str::to_owned);
    let author = name.map(|name| Participant { id: None, name: Some(name), role: None, avatar_url: None });
    Event::typing(author, activity["type"].as_str() != Some("typing:stop"))
}

fn failed(payload: &Value) -> Event {
    let Some(id) = payload["message"]["id"].as_str() else {
        return Event::ignored("a failure of no message");
    };
    // The error's message may quote what was written.
    let why = format!("{} ({})", word(&payload["error"]["code"]), word(&payload["destination"]["type"]));
    Event::Delivery(Delivery { message_id: id.to_owned(), status: DeliveryStatus::Failed(why) })
}

/// Zendesk's word; its sentences may quote.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or("unknown").chars().take(100).collect()
}
