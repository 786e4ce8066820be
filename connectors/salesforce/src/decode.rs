//! One entry of the conversation, as events. The shapes are those of the vendor's Interaction Service schema
//! (`AbstractEntry` and its kinds).

use handover_connector::event::nth;
use handover_connector::json::{self, list};
use handover_connector::{
    AgentMessage, Delivery, DeliveryStatus, EndReason, Ended, Event, Item, Participant, QueueStatus,
    RoutingResult, TextFormat, Transfer,
};
use serde_json::Value;

use crate::content;

/// An entry: what the stream and the list have in common.
pub struct Entry {
    /// Unique; chosen by whoever made the entry.
    pub id: String,
    /// When the vendor had it.
    pub time: Option<u64>,
    sender: Sender,
    kind: String,
    payload: Value,
}

struct Sender {
    role: String,
    participant: Participant,
}

impl Entry {
    /// None where it has no name: it could not be told from another.
    pub fn of(mut entry: Value) -> Option<Self> {
        let id = entry["identifier"].as_str().filter(|id| !id.is_empty())?.to_owned();
        // In the stream the payload is JSON within a text, in the list it may be an object.
        let payload = match entry.get_mut("entryPayload").map(Value::take).unwrap_or_default() {
            Value::String(text) => json::read(&text),
            other => other,
        };
        let kind =
            payload["entryType"].as_str().or(entry["entryType"].as_str()).unwrap_or_default().to_owned();
        let time = entry["transcriptedTimestamp"].as_u64().or(entry["clientTimestamp"].as_u64());
        let role = text(&entry["sender"]["role"]).unwrap_or_default();
        let participant = participant(&entry["sender"], text(&entry["senderDisplayName"]));
        Some(Self { id, time, sender: Sender { role, participant }, kind, payload })
    }
}

/// What happened, in order. The first is named by the entry alone.
pub fn items(entry: &Entry) -> Vec<Item> {
    let named = |(place, event)| Item { dedupe_id: nth(&entry.id, place), time: entry.time, event };
    events(entry).into_iter().enumerate().map(named).collect()
}

fn events(entry: &Entry) -> Vec<Event> {
    let payload = &entry.payload;
    let of_customer = entry.sender.role == "EndUser";
    let author = || entry.sender.participant.clone();
    let one = match entry.kind.as_str() {
        "Message" if of_customer => Event::ignored("the customer's own message"),
        "Message" => match message(&payload["abstractMessage"], &entry.id, author()) {
            Some(message) => Event::Message(message),
            None => Event::ignored("a message without anything to read"),
        },
        "MessageUpdated" if !of_customer => {
            let updated = &payload["updatedMessage"];
            let id = text(&updated["id"]).unwrap_or_default();
            match message(updated, &id, author()) {
                Some(message) if !id.is_empty() => Event::MessageEdited(message),
                _ => Event::ignored("an update without anything to read"),
            }
        }
        "TypingStartedIndicator" | "TypingStoppedIndicator" if !of_customer => {
            Event::typing(Some(author()), entry.kind == "TypingStartedIndicator")
        }
        "ParticipantChanged" => {
            return list(&payload["entries"]).iter().map(changed).collect();
        }
        "RoutingResult" => return routed(payload),
        "QueuePosition" => Event::Queued(QueueStatus {
            position: number(&payload["position"]).filter(|position| *position > 0),
            wait_seconds: None,
            text: None,
        }),
        "DeliveryAcknowledgement" | "ReadAcknowledgement" if !of_customer => {
            let status = match entry.kind.as_str() {
                "ReadAcknowledgement" => DeliveryStatus::Read,
                _ => DeliveryStatus::Delivered,
            };
            fate(&payload["acknowledgedConversationEntryIdentifier"], status)
        }
        "MessageDeliveryFailed" => {
            let why = text(&payload["errorCode"]).unwrap_or_else(|| "no reason was given".to_owned());
            fate(&payload["failedConversationEntryIdentifier"], DeliveryStatus::Failed(why))
        }
        "SessionStatusChanged" => match payload["sessionStatus"].as_str() {
            Some("Ended") => ended(payload),
            status => Event::ignored(format!("the session is {}", word(status.unwrap_or_default()))),
        },
        "CloseConversation" => Event::Ended(Ended { by: EndReason::Customer, detail: None }),
        other => Event::ignored(format!("an entry of type {}", word(other))),
    };
    vec![one]
}

fn message(message: &Value, id: &str, author: Participant) -> Option<AgentMessage> {
    let content = content::read(message)?;
    Some(AgentMessage {
        id: Some(id.to_owned()),
        author,
        text: content.text,
        format: TextFormat::Plain,
        attachments: content.attachments,
        reply_to: text(&message["inReplyToMessageId"]),
    })
}

/// Only people come and go: bots, routers and the customer are always somewhere.
fn changed(change: &Value) -> Event {
    let who = participant(&change["participant"], text(&change["displayName"]));
    let role = change["participant"]["role"].as_str().unwrap_or_default();
    match (change["operation"].as_str(), role) {
        (Some("add"), "Agent" | "Supervisor") => Event::Joined(who),
        (Some("remove"), "Agent" | "Supervisor") => Event::Left(who),
        _ => Event::ignored(format!("a change of the participant {}", word(role))),
    }
}

fn routed(result: &Value) -> Vec<Event> {
    let failure = result["failureType"].as_str().filter(|failure| *failure != "None");
    let first = result["routingType"].as_str().is_none_or(|kind| kind == "Initial");
    match failure {
        None if first => {
            let wait = number(&result["estimatedWaitTime"]["estimatedWaitTimeInSeconds"]);
            let wait = wait.or_else(|| number(&result["estimatedWaitTime"])).filter(|seconds| *seconds > 0);
            let queued = QueueStatus { position: None, wait_seconds: wait, text: None };
            let accepted = std::iter::once(Event::Routed(RoutingResult::Accepted));
            accepted.chain(wait.map(|_| Event::Queued(queued))).collect()
        }
        None if result["routingType"] == "Transfer" => {
            vec![Event::Transferred(Transfer { from_participant: None, to_participant: None, queue: None })]
        }
        None => vec![Event::ignored("a further routing")],
        // A transfer that fails leaves the rep where they are; a cancelled one is followed by the session's end.
        Some(failure) if !first || failure == "Cancelled" => {
            vec![Event::ignored(format!("a routing: {}", word(failure)))]
        }
        Some(failure) => {
            let reason = text(&result["failureReason"]).or_else(|| text(&result["errorMessages"][0]));
            vec![Event::Routed(unrouted(&reason.unwrap_or_else(|| failure.to_owned())))]
        }
    }
}

/// The reason is a text of the vendor's or of the organization's own flow; those that say why are known by their words.
fn unrouted(reason: &str) -> RoutingResult {
    let letters: String = reason.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    let letters = letters.as_bytes();
    let says = |words: &[&str]| {
        words.iter().any(|word| letters.windows(word.len()).any(|found| found == word.as_bytes()))
    };
    if says(&["noagent", "noreps", "norepresentative", "agentsunavailable"]) {
        RoutingResult::NoAgents
    } else if says(&["outsidebusinesshours", "outofhours", "businesshours", "outofoffice"]) {
        RoutingResult::OutOfHours
    } else {
        RoutingResult::Failed(reason.to_owned())
    }
}

fn fate(id: &Value, status: DeliveryStatus) -> Event {
    match text(id) {
        Some(message_id) => Event::Delivery(Delivery { message_id, status }),
        None => Event::ignored("an acknowledgement of nothing"),
    }
}

fn ended(status: &Value) -> Event {
    let role = status["sessionEndedByRole"].as_str().unwrap_or_default();
    let by = match role {
        "EndUser" => EndReason::Customer,
        // What ends by itself ends because the customer was silent.
        "System" => EndReason::CustomerInactivity,
        _ => EndReason::LiveAgent,
    };
    Event::Ended(Ended { by, detail: (!role.is_empty()).then(|| format!("ended by {}", word(role))) })
}

fn participant(participant: &Value, name: Option<String>) -> Participant {
    let role = participant["role"].as_str().map(|role| match role {
        "Chatbot" => "bot".to_owned(),
        other => other.to_ascii_lowercase(),
    });
    Participant { id: text(&participant["subject"]), name, role, avatar_url: None }
}

/// One word of the vendor's, for the operator; nothing else is repeated.
fn word(word: &str) -> &str {
    let plain = (1..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { word } else { "unknown" }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| number.try_into().ok())
}
