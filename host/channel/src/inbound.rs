//! What a request of the bot means: its body read into a turn the domain decides on, or refused.

use handover_handoff::address::ReturnAddress;
use handover_handoff::turn::{Request, Turn};
use handover_handoff::vendor::{Attribute, Customer};
use handover_handoff::{ConversationKey, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::activity::Activity;
use crate::inputs;
use crate::message;
use crate::refusal::{BODY_LIMIT, ID_LIMIT, Refusal, id, none_if_blank, optional_id, required, within};
use crate::return_path::{self, BotSide, Need, has_role};

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// Something for the domain to decide on.
    Turn(Box<Turn>),
    /// The customer is typing. The protocol knows no end of it: it wears off, or a message comes.
    Typing {
        /// Which conversation.
        key: ConversationKey,
        /// Where replies go.
        address: Box<ReturnAddress>,
        /// The response carries the replies.
        inline: bool,
    },
    /// An event of another name. Receivers must ignore those (A5002), and channels send their own through an open
    /// action. But a bot that invokes an action of ours that is none waits for its end: where `to_skill` holds
    /// and no session is open, answer with [`crate::reply::unknown_event`].
    UnknownEvent {
        /// Which.
        name: String,
        /// Which conversation.
        key: ConversationKey,
        /// Where replies go.
        address: Box<ReturnAddress>,
        /// The activity's id, where it has one.
        activity: Option<String>,
        /// The bot addresses this gateway as its skill.
        to_skill: bool,
        /// The response carries the replies.
        inline: bool,
    },
    /// Nothing to do: accepted and forgotten.
    Nothing {
        /// What it was, for a log.
        why: &'static str,
        /// The response carries the replies, which are none.
        inline: bool,
    },
}

impl Inbound {
    /// Where its replies go, where it has any.
    pub fn address_mut(&mut self) -> Option<&mut ReturnAddress> {
        match self {
            Inbound::Turn(turn) => Some(&mut turn.address),
            Inbound::Typing { address, .. } | Inbound::UnknownEvent { address, .. } => Some(address),
            Inbound::Nothing { .. } => None,
        }
    }

    /// Whether the response carries the replies: `{"activities":[…]}` instead of an empty 202.
    pub fn inline(&self) -> bool {
        match self {
            Inbound::Turn(turn) => turn.inline,
            Inbound::Typing { inline, .. }
            | Inbound::UnknownEvent { inline, .. }
            | Inbound::Nothing { inline, .. } => *inline,
        }
    }
}

/// Reads one request's body. `now` is when it was taken in.
pub fn read(body: &[u8], side: &BotSide, now: Timestamp) -> Result<Inbound, Refusal> {
    if body.len() > BODY_LIMIT {
        return Err(Refusal::BodyTooLong);
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let value: Value = serde_json::from_slice(body).map_err(Refusal::NotJson)?;
    if !value.is_object() {
        return Err(Refusal::NotAnObject);
    }
    let mut activity = Activity::deserialize(value).map_err(Refusal::NotJson)?;

    let kind = required(&activity.kind, "type")?.to_owned();
    if kind == "endOfConversation" {
        return Ok(released(activity, side));
    }
    let key = key(&activity, side)?;
    let customer_id = id(&activity.from.as_ref().and_then(|from| from.id.clone()), "from.id")?;
    let name = match kind.as_str() {
        "event" | "invoke" | "command" | "commandResult" => {
            let name = required(&activity.name, "name")?.to_owned();
            within(&name, "name", ID_LIMIT)?;
            name
        }
        _ => String::new(),
    };
    let inline = is_inline(&activity);
    let need = if inline { Need::IfGiven } else { Need::Reply };

    let request = match (kind.as_str(), name.as_str()) {
        ("message", _) => {
            let problem = inputs::problem(activity.value.as_ref())?;
            Request::Message { message: message::read(&mut activity, now)?, problem }
        }
        // Event names are compared as they are, by Copilot Studio's rule and by the protocol's.
        ("event", "startConversation") => {
            let address = return_path::read(&activity, side, need)?;
            let mut customer = customer(&activity, customer_id, &address);
            let start = inputs::start(activity.value.take(), &customer)?;
            customer.name = start.customer_name.or(customer.name);
            customer.email = start.customer_email.or(customer.email);
            return Ok(Inbound::Turn(Box::new(Turn {
                key,
                address,
                customer,
                activity: optional_id(&activity.id, "id")?,
                inline,
                request: Request::Start(start.request),
            })));
        }
        ("event", "endConversation") => Request::End,
        ("event", _) => {
            return Ok(Inbound::UnknownEvent {
                name,
                key,
                address: Box::new(return_path::read(&activity, side, Need::IfGiven)?),
                activity: optional_id(&activity.id, "id")?,
                to_skill: has_role(&activity.recipient, "skill")
                    || none_if_blank(&activity.service_url).is_some_and(|url| side.is_runtime(url)),
                inline,
            });
        }
        ("typing", _) => {
            let address = Box::new(return_path::read(&activity, side, Need::IfGiven)?);
            return Ok(Inbound::Typing { key, address, inline });
        }
        // Unknown types are ignored (A2014). An invoke is answered in its response, whatever its delivery mode.
        ("invoke", _) => {
            return Ok(Inbound::Nothing { why: "no invoke is served", inline: true });
        }
        _ => {
            return Ok(Inbound::Nothing { why: "a type that is not served", inline });
        }
    };

    let address = return_path::read(&activity, side, need)?;
    let customer = customer(&activity, customer_id, &address);
    let activity = optional_id(&activity.id, "id")?;
    Ok(Inbound::Turn(Box::new(Turn { key, address, customer, activity, inline, request })))
}

/// The bot lets go. Copilot Studio checks a skill's health with one of these, and wants a 2xx whatever it names.
fn released(activity: Activity, side: &BotSide) -> Inbound {
    let inline = is_inline(&activity);
    let Ok(key) = key(&activity, side) else {
        return Inbound::Nothing { why: "the end of a conversation that is not named", inline };
    };
    let Ok(address) = return_path::read(&activity, side, Need::Nothing) else {
        return Inbound::Nothing { why: "the end of nobody's conversation", inline };
    };
    let customer = customer(&activity, address.customer.id.clone(), &address);
    let activity = optional_id(&activity.id, "id").unwrap_or_default();
    let request = Request::Release;
    Inbound::Turn(Box::new(Turn { key, address, customer, activity, inline, request }))
}

/// Delivery modes that nobody defined are normal (A3111); emulators send `default`.
fn is_inline(activity: &Activity) -> bool {
    activity.delivery_mode.as_deref().is_some_and(|mode| mode.eq_ignore_ascii_case("expectReplies"))
}

fn key(activity: &Activity, side: &BotSide) -> Result<ConversationKey, Refusal> {
    let conversation = activity.conversation.as_ref().and_then(|conversation| conversation.id.clone());
    Ok(ConversationKey {
        tenant: side.tenant.clone(),
        conversation: id(&conversation, "conversation.id")?,
        channel: id(&activity.channel_id, "channelId")?,
    })
}

fn customer(activity: &Activity, id: String, address: &ReturnAddress) -> Customer {
    let from = activity.from.clone().unwrap_or_default();
    let conversation = activity.conversation.clone().unwrap_or_default();
    let tenant = from.tenant_id.or(conversation.tenant_id).or_else(|| {
        let data = activity.channel_data.as_ref()?;
        data.pointer("/tenant/id")?.as_str().map(str::to_owned)
    });
    let facts = [
        ("channel", activity.channel_id.clone()),
        ("conversationType", conversation.conversation_type),
        ("aadObjectId", from.aad_object_id),
        ("tenantId", tenant),
        ("timezone", activity.local_timezone.clone()),
    ];
    let known = |fact: &Option<String>| {
        none_if_blank(fact).filter(|value| value.len() <= ID_LIMIT).map(str::to_owned)
    };
    Customer {
        id,
        name: address.customer.name.clone(),
        email: known(&from.email),
        locale: address.locale.clone(),
        attributes: facts
            .into_iter()
            .filter_map(|(name, value)| Some(Attribute { name: name.to_owned(), value: known(&value)? }))
            .collect(),
    }
}
