//! From the vendor: webhooks of version v2, each an envelope with any number of events.

mod content;
mod control;

use handover_connector::{
    AgentMessage, Answer, CallbackRequest, Context, Delivery, DeliveryStatus, EndReason, Ended, Event,
    Mapped, MappedEvent, Participant, Refusal, Typing, time,
};
use serde_json::Value;

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
    let envelope: Value = serde_json::from_slice(&request.body)
        .map_err(|e| Refusal::Malformed(format!("no JSON (line {}, column {})", e.line(), e.column())))?;
    let Some(list) = envelope["events"].as_array() else {
        // A version that is not known yet is not lost.
        return Err(Refusal::Unmapped("no envelope of version v2: there are no `events`".to_owned()));
    };
    let happened = list.iter().map(|event| Happened {
        id: event["id"].as_str().filter(|id| !id.is_empty()),
        time: event["createdAt"].as_str().and_then(time::from_rfc3339),
        kind: event["type"].as_str().unwrap_or("an event without type"),
        payload: &event["payload"],
    });
    let events = happened.flat_map(|happened| happened.map(&settings)).collect();
    Ok(Mapped {
        events,
        answer: None,
        // Conversations that are not ours, or no longer: told once is enough, and a 4xx would tell Zendesk that
        // something is wrong here.
        answer_when_closed: Some(Answer { status: 200, headers: Vec::new(), body: b"{}".to_vec() }),
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
        let count = events.len();
        let named = |(number, event)| MappedEvent {
            lookup_key: conversation.to_owned(),
            dedupe_id: self.name(count - 1 - number),
            time: self.time,
            event,
        };
        events.into_iter().enumerate().map(named).collect()
    }

    /// The last event has Zendesk's own id; those before it are told apart.
    fn name(&self, before: usize) -> Option<String> {
        let id = self.id?;
        Some(if before == 0 { id.to_owned() } else { format!("{id}/{before}") })
    }

    fn events(&self, settings: &Settings) -> Vec<Event> {
        let payload = self.payload;
        match self.kind {
            "conversation:message" => message(&payload["message"], settings),
            "conversation:typing" => vec![typing(&payload["activity"])],
            "conversation:message:delivery:failure" => vec![failed(payload)],
            "conversation:remove" => {
                let detail = Some(self.kind.to_owned());
                vec![Event::Ended(Ended { by: EndReason::VendorFailure, detail })]
            }
            other if other.starts_with("switchboard:") => vec![control::event(other, payload, settings)],
            other => vec![Event::Ignored(other.to_owned())],
        }
    }

    /// The user of a session is another one from now on, and perhaps so is the conversation.
    fn merged(&self) -> Vec<MappedEvent> {
        let payload = self.payload;
        let of = |what: &str, which: &str| payload[what][which]["id"].as_str().map(str::to_owned);
        let (Some(old), Some(new)) = (of("mergedUsers", "discarded"), of("mergedUsers", "surviving")) else {
            return Vec::new();
        };
        let conversation = of("mergedConversations", "surviving")
            .filter(|id| of("mergedConversations", "discarded").as_ref() != Some(id));
        // With `new_conversation` the session is not known by its user.
        let by_conversation = of("mergedConversations", "discarded");
        let mut keys = vec![format!("{USER_KEY}{new}")];
        keys.extend(conversation);
        let key = format!("{USER_KEY}{old}");
        let mut events = Vec::new();
        for (place, lookup_key) in [Some(key), by_conversation].into_iter().flatten().enumerate() {
            for (number, event) in
                [Event::Reference(keys.clone()), Event::IdentityChanged(new.clone())].into_iter().enumerate()
            {
                events.push(MappedEvent {
                    lookup_key: lookup_key.clone(),
                    dedupe_id: self.id.map(|id| format!("{id}/{place}/{number}")),
                    time: self.time,
                    event,
                });
            }
        }
        events
    }
}

fn message(message: &Value, settings: &Settings) -> Vec<Event> {
    let ignored = |why: &str| vec![Event::Ignored(why.to_owned())];
    let mark = &message["metadata"];
    if !mark[MESSAGE_MARK].is_null() || !mark[SESSION_MARK].is_null() {
        return ignored("echo of our own message");
    }
    let ended = |by, why: &str| vec![Event::Ended(Ended { by, detail: Some(why.to_owned()) })];
    match message["activity"]["type"].as_str() {
        Some(why @ ("ticket:closed" | "ticket:transfer:email")) => return ended(EndReason::LiveAgent, why),
        Some(why @ "conversation:endedByUser") => return ended(EndReason::Customer, why),
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
    if content.text.trim().is_empty() && content.attachments.is_empty() {
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
    let is = |kind: &str| author["subtypes"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind));
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let agent = &message["metadata"]["__zendesk_msg.agent.id"];
    let id = text(agent).or_else(|| agent.as_u64().map(|id| id.to_string()));
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
        name: text(&author["displayName"]),
        role: Some(role.to_owned()),
        avatar_url: text(&author["avatarUrl"]),
    }
}

fn typing(activity: &Value) -> Event {
    let author = &activity["author"];
    if author["type"].as_str() != Some("business") {
        return Event::Ignored("the customer types".to_owned());
    }
    let name = author["displayName"].as_str().map(str::to_owned);
    let author = name.map(|name| Participant { id: None, name: Some(name), role: None, avatar_url: None });
    Event::Typing(Typing { author, on: activity["type"].as_str() != Some("typing:stop") })
}

fn failed(payload: &Value) -> Event {
    let Some(id) = payload["message"]["id"].as_str() else {
        return Event::Ignored("a failure of no message".to_owned());
    };
    let word = |value: &Value| value.as_str().unwrap_or("unknown").chars().take(100).collect::<String>();
    // The error's message may quote what was written.
    let why = format!("{} ({})", word(&payload["error"]["code"]), word(&payload["destination"]["type"]));
    Event::Delivery(Delivery { message_id: id.to_owned(), status: DeliveryStatus::Failed(why) })
}
