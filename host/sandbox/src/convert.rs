//! Between the contract's words and the domain's.

use handover_handoff::delivery::{self, FailureReason, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::{self, Session};
use handover_handoff::vendor::{self, Event};
use handover_handoff::{DeliveryId, Timestamp};

use crate::bindings::exports::handover::connector::{callback, handoff, signals};
use crate::bindings::handover::connector::types as wit;
use crate::generation::{Answer, CallbackRequest, Happening, Mapped, MappedEvent};

/// Texts of guests that end in errors and records are cut to so many characters.
const DETAIL: usize = 1_000;

pub(crate) fn short(text: &str) -> String {
    text.chars().take(DETAIL).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(crate) fn new_session(
    session: &Session,
    request: &vendor::StartRequest,
    attempt: u32,
) -> handoff::NewSession {
    handoff::NewSession {
        id: session.id.to_string(),
        tenant: session.conversation.tenant.clone(),
        customer: customer(&session.customer),
        channel: session.conversation.channel.clone(),
        problem: request.problem.clone(),
        transcript: request.transcript.iter().map(turn).collect(),
        attributes: attributes(&request.attributes),
        routing: attributes(&request.routing),
        attempt,
        progress: session.vendor.progress.clone(),
        tokens: session.vendor.tokens.clone(),
    }
}

pub(crate) fn session(session: &Session) -> wit::Session {
    wit::Session {
        id: session.id.to_string(),
        tenant: session.conversation.tenant.clone(),
        lookup_keys: session.vendor.lookup_keys.clone(),
        customer: customer(&session.customer),
        state: session.vendor.state.clone(),
        tokens: session.vendor.tokens.clone(),
    }
}

pub(crate) fn message(id: DeliveryId, message: &vendor::CustomerMessage, attempt: u32) -> wit::Message {
    wit::Message {
        id: id.to_string(),
        attempt,
        author: message.author.clone(),
        text: message.text.clone(),
        format: match message.format {
            vendor::TextFormat::Plain => wit::TextFormat::Plain,
            vendor::TextFormat::Markdown => wit::TextFormat::Markdown,
            vendor::TextFormat::Html => wit::TextFormat::Html,
        },
        attachments: message
            .attachments
            .iter()
            .map(|file| wit::Attachment {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                url: file.url.clone(),
                size: file.size,
            })
            .collect(),
        reply_to: None,
        time: message.time.0,
    }
}

pub(crate) fn receipt(message: &str, receipt: &delivery::Receipt) -> signals::Receipt {
    signals::Receipt {
        message_id: message.to_owned(),
        outcome: match receipt {
            delivery::Receipt::Delivered => signals::Outcome::Delivered,
            delivery::Receipt::NotDelivered(why) => signals::Outcome::NotDelivered(why.clone()),
        },
    }
}

pub(crate) fn request(request: CallbackRequest) -> callback::Request {
    callback::Request {
        method: request.method,
        url: request.url,
        path: request.path,
        headers: request.headers.into_iter().map(|(name, value)| wit::Attribute { name, value }).collect(),
        body: request.body,
        received: request.received.0,
    }
}

pub(crate) fn end_reason(reason: session::EndReason) -> wit::EndReason {
    match reason {
        session::EndReason::Customer => wit::EndReason::Customer,
        session::EndReason::LiveAgent => wit::EndReason::LiveAgent,
        session::EndReason::CustomerInactivity => wit::EndReason::CustomerInactivity,
        session::EndReason::AgentInactivity => wit::EndReason::AgentInactivity,
        session::EndReason::QueueTimeout => wit::EndReason::QueueTimeout,
        session::EndReason::VendorFailure => wit::EndReason::VendorFailure,
        session::EndReason::Operator => wit::EndReason::Operator,
        session::EndReason::Bot => wit::EndReason::Bot,
    }
}

fn customer(customer: &vendor::Customer) -> wit::Customer {
    wit::Customer {
        id: customer.id.clone(),
        name: customer.name.clone(),
        email: customer.email.clone(),
        locale: customer.locale.clone(),
        attributes: attributes(&customer.attributes),
    }
}

pub(crate) fn attributes(attributes: &[vendor::Attribute]) -> Vec<wit::Attribute> {
    attributes.iter().map(|a| wit::Attribute { name: a.name.clone(), value: a.value.clone() }).collect()
}

fn turn(turn: &vendor::Utterance) -> wit::Turn {
    wit::Turn {
        author: match turn.author {
            vendor::AuthorKind::Customer => wit::AuthorKind::Customer,
            vendor::AuthorKind::Bot => wit::AuthorKind::Bot,
            vendor::AuthorKind::LiveAgent => wit::AuthorKind::LiveAgent,
            vendor::AuthorKind::System => wit::AuthorKind::System,
        },
        name: turn.name.clone(),
        text: turn.text.clone(),
        time: turn.time.map(|time| time.0),
    }
}

/// What a start came to.
pub(crate) fn start_outcome(outcome: handoff::StartOutcome, schema: u32) -> Outcome {
    let (started, proved) = match outcome {
        handoff::StartOutcome::Started(started) => (started, true),
        handoff::StartOutcome::Accepted(started) => (started, false),
        handoff::StartOutcome::Continue(progress) => {
            return Outcome::Progressed { progress: progress.state, tokens: progress.tokens };
        }
    };
    let events = started.events.into_iter().filter_map(|happened| match happening(happened) {
        Happening::Event(event) => Some(*event),
        Happening::Typing(_) => None,
    });
    Outcome::Started {
        lookup_keys: started.lookup_keys,
        update: Update { state: Some(started.state), tokens: started.tokens, schema: Some(schema) },
        events: events.collect(),
        proved,
        problem_told: started.problem_told,
    }
}

/// What a callback says.
pub(crate) fn mapped(mapped: callback::Mapped) -> Mapped {
    let events = mapped.events.into_iter().map(|item| MappedEvent {
        lookup_key: item.lookup_key,
        dedupe_id: item.dedupe_id,
        happening: happening(item.event),
    });
    Mapped {
        events: events.collect(),
        answer: mapped.answer.map(answer),
        answer_when_closed: mapped.answer_when_closed.map(answer),
    }
}

fn answer(answer: callback::Answer) -> Answer {
    let headers = answer.headers.into_iter().map(|header| (header.name, header.value));
    Answer { status: answer.status, headers: headers.collect(), body: answer.body }
}

pub(crate) fn happening(event: wit::Event) -> Happening {
    Happening::Event(Box::new(match event {
        wit::Event::Typing(typing) => return Happening::Typing(typing.on),
        wit::Event::Message(message) => Event::Message(agent_message(message)),
        wit::Event::MessageEdited(message) => Event::MessageEdited(agent_message(message)),
        wit::Event::MessageDeleted(id) => Event::MessageDeleted(id),
        wit::Event::Joined(participant) => Event::Joined(self::participant(participant)),
        wit::Event::Left(participant) => Event::Left(self::participant(participant)),
        wit::Event::Transferred(transfer) => Event::Transferred {
            to: transfer.to_participant.and_then(|participant| participant.name),
            queue: transfer.queue,
        },
        wit::Event::Queued(status) => Event::Queued(vendor::QueueStatus {
            position: status.position,
            wait_seconds: status.wait_seconds,
            text: status.text,
        }),
        wit::Event::Routed(result) => Event::Routed(match result {
            wit::RoutingResult::Accepted => vendor::Routing::Accepted,
            wit::RoutingResult::NoAgents => vendor::Routing::NoAgents,
            wit::RoutingResult::OutOfHours => vendor::Routing::OutOfHours,
            wit::RoutingResult::Failed(why) => vendor::Routing::Failed(short(&why)),
        }),
        wit::Event::Delivery(delivery) => Event::Delivery {
            message: delivery.message_id,
            fate: match delivery.status {
                wit::DeliveryStatus::Delivered => vendor::MessageFate::Delivered,
                wit::DeliveryStatus::Read => vendor::MessageFate::Read,
                wit::DeliveryStatus::Failed(why) => vendor::MessageFate::Failed(short(&why)),
            },
        },
        wit::Event::Ended(ended) => {
            Event::Ended { by: ended_by(ended.by), detail: ended.detail.as_deref().map(short) }
        }
        wit::Event::ControlReturned(_) => Event::ControlReturned,
        wit::Event::Reference(keys) => Event::Reference(keys),
        wit::Event::IdentityChanged(id) => Event::IdentityChanged(id),
        wit::Event::Ignored(why) => Event::Ignored(short(&why)),
    }))
}

fn ended_by(reason: wit::EndReason) -> session::EndReason {
    match reason {
        wit::EndReason::Customer => session::EndReason::Customer,
        wit::EndReason::LiveAgent => session::EndReason::LiveAgent,
        wit::EndReason::CustomerInactivity => session::EndReason::CustomerInactivity,
        wit::EndReason::AgentInactivity => session::EndReason::AgentInactivity,
        wit::EndReason::QueueTimeout => session::EndReason::QueueTimeout,
        wit::EndReason::VendorFailure => session::EndReason::VendorFailure,
        wit::EndReason::Operator => session::EndReason::Operator,
        wit::EndReason::Bot => session::EndReason::Bot,
    }
}

fn agent_message(message: wit::AgentMessage) -> vendor::AgentMessage {
    vendor::AgentMessage {
        id: message.id,
        author: participant(message.author),
        text: message.text,
        format: match message.format {
            wit::TextFormat::Plain => vendor::TextFormat::Plain,
            wit::TextFormat::Markdown => vendor::TextFormat::Markdown,
            wit::TextFormat::Html => vendor::TextFormat::Html,
        },
        attachments: message
            .attachments
            .into_iter()
            .map(|file| vendor::Attachment {
                name: file.name,
                content_type: file.content_type,
                url: file.url,
                size: file.size,
            })
            .collect(),
        reply_to: message.reply_to,
    }
}

fn participant(participant: wit::Participant) -> vendor::Participant {
    vendor::Participant {
        id: participant.id,
        name: participant.name,
        role: participant.role,
        avatar_url: participant.avatar_url,
    }
}

/// A guest's word for why it failed.
pub(crate) fn failure(failure: wit::Failure) -> delivery::Failure {
    delivery::Failure {
        reason: match failure.reason {
            wit::FailureReason::Rejected => FailureReason::Rejected,
            wit::FailureReason::RateLimited => FailureReason::RateLimited,
            wit::FailureReason::Unavailable => FailureReason::Unavailable,
            wit::FailureReason::NoAgents => FailureReason::NoAgents,
            wit::FailureReason::ConversationGone => FailureReason::ConversationGone,
            wit::FailureReason::TooLarge => FailureReason::TooLarge,
            wit::FailureReason::Unsupported => FailureReason::Unsupported,
            wit::FailureReason::Moved(to) => FailureReason::Moved(short(&to)),
            wit::FailureReason::Misconfigured(key) => FailureReason::Misconfigured(short(&key)),
        },
        retry: match failure.retry {
            wit::RetryAdvice::Never => RetryAdvice::Never,
            wit::RetryAdvice::Safe(after) => RetryAdvice::Safe(after),
            wit::RetryAdvice::UnknownOutcome => RetryAdvice::UnknownOutcome,
        },
        detail: short(&failure.detail),
    }
}

/// The time, for a generation's record.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
