//! Activities as Copilot Studio sends them, and a session to answer from.

use handover_channel::{BotSide, Inbound, Refusal, read};
use handover_handoff::address::{Account, Action, ActionRef, ReturnAddress, Route};
use handover_handoff::delivery::{Delivery, Direction, Parcel};
use handover_handoff::session::{Control, Marks, Phase, StartAnswer, StartStatus, VendorSide};
use handover_handoff::turn::Turn;
use handover_handoff::vendor::{AgentMessage, Customer, Participant, TextFormat};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use serde_json::{Value, json};

pub const NOW: Timestamp = Timestamp(1_700_000_000_000);
pub const RUNTIME: &str = "https://pvaruntime.us-il102.gateway.prod.island.powerapps.com/api/runtime/bots/0f8fad5b-d9cb-469f-a165-70867728950e/skillsV2/";

/// An activity of Copilot Studio on Teams, without what differs from one kind to the other.
pub fn envelope(kind: &str) -> Value {
    json!({
        "type": kind, "channelId": "msteams", "serviceUrl": RUNTIME,
        "conversation": {"id": "a:1teams", "conversationType": "personal", "tenantId": "t-1"},
        "from": {"id": "29:user", "name": "Jane Doe", "aadObjectId": "oid-1", "role": "user"},
        "recipient": {"id": "28:agent", "name": "Contoso Agent", "role": "bot"},
        "locale": "en-US", "channelData": {}
    })
}

/// The object with these members put over its own.
pub fn with(mut activity: Value, members: Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        activity[name] = value.clone();
    }
    activity
}

pub fn start(value: Value) -> Value {
    with(envelope("event"), json!({"name": "startConversation", "value": value}))
}

pub fn side() -> BotSide {
    BotSide::new("contoso")
}

pub fn local() -> BotSide {
    BotSide { local: true, ..side() }
}

pub fn read_at(side: &BotSide, activity: &Value) -> Result<Inbound, Refusal> {
    read(activity.to_string().as_bytes(), side, NOW)
}

pub fn turn(activity: &Value) -> Turn {
    match read_at(&local(), activity) {
        Ok(Inbound::Turn(turn)) => *turn,
        other => panic!("no turn: {other:?}"),
    }
}

pub fn refusal(side: &BotSide, activity: &Value) -> String {
    match read_at(side, activity) {
        Err(refusal) => refusal.to_string(),
        Ok(inbound) => panic!("not refused: {inbound:?}"),
    }
}

/// The bot's side on this machine.
pub fn on_this_machine() -> BotSide {
    BotSide { local: true, ..BotSide::new("contoso") }
}

/// A running handover of the customer on Teams.
pub fn session(to_bot: Route, to_customer: Route) -> Session {
    let action = ActionRef { action: Action::SendMessage, activity: Some("act-2".to_owned()) };
    Session {
        id: SessionId(uuid::Uuid::from_u128(7)),
        conversation: ConversationKey {
            tenant: "contoso".to_owned(),
            channel: "msteams".to_owned(),
            conversation: "a:1teams".to_owned(),
        },
        connector: "contoso".to_owned(),
        further: Vec::new(),
        phase: Phase::Active,
        customer: Customer { id: "29:user".to_owned(), ..Customer::default() },
        address: ReturnAddress {
            to_bot,
            to_customer,
            channel: "msteams".to_owned(),
            conversation: "a:1teams".to_owned(),
            service_url: RUNTIME.to_owned(),
            bot: account("28:agent", "Contoso Agent"),
            customer: account("29:user", "Jane Doe").expect("an account"),
            locale: Some("en-US".to_owned()),
            caller: None,
        },
        answer: StartAnswer::Given(StartStatus::Connected),
        control: Control::Skill { action },
        problem_told: true,
        repetition: None,
        vendor: VendorSide { lookup_keys: vec!["3f9a1".to_owned()], ..VendorSide::default() },
        agent: None,
        to_vendor: 1,
        to_customer: 1,
        receipts: 0,
        crossed: 0,
        end_told: false,
        delay_told: false,
        in_hand: 0,
        marks: Marks { started: NOW, customer: NOW, agent: NOW },
    }
}

pub fn account(id: &str, name: &str) -> Option<Account> {
    Some(Account { id: id.to_owned(), name: Some(name.to_owned()) })
}

pub fn delivery(session: &Session, parcel: Parcel) -> Delivery {
    Delivery {
        id: DeliveryId::of(session.id, Direction::ToCustomer, 1),
        session: session.id,
        direction: parcel.direction(),
        seq: 1,
        parcel,
        attempt: 1,
        created: NOW,
        due: NOW,
        deadline: NOW.plus(120_000),
        maybe_duplicate: false,
    }
}

pub fn agent_message(text: &str, format: TextFormat) -> AgentMessage {
    AgentMessage {
        id: Some("m-1".to_owned()),
        author: Participant { name: Some("Contoso Support".to_owned()), ..Participant::default() },
        text: text.to_owned(),
        format,
        attachments: Vec::new(),
        reply_to: None,
    }
}
