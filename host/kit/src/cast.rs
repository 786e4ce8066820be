//! Who plays: the session, the customer, what they say, and the moment at which all of it happens.

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::delivery::Direction;
use handover_handoff::session::{Control, Marks, Phase, StartAnswer, StartStatus, VendorSide};
use handover_handoff::vendor::{
    Attribute, AuthorKind, Customer, CustomerMessage, StartRequest, TextFormat, Utterance,
};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use uuid::Uuid;

use crate::scenario::Scenario;
use crate::template::Names;

/// What the customer says where nothing else is asked for.
pub(crate) const HELLO: &str = "Does it help to turn it off?";

/// The vendor's id of a live agent's message, for receipts.
pub(crate) const AGENT_MESSAGE: &str = "kit-agent-message-1";

/// The session's id.
pub(crate) const SESSION: Uuid = Uuid::from_u128(0x0193_a5c8_0000_7000_8000_0000_0000_0001);

/// When the scenario plays: now, so that signatures are fresh, but the same moment for all of it.
pub(crate) fn now() -> Timestamp {
    static NOW: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    Timestamp(*NOW.get_or_init(|| u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)))
}

/// A session that the vendor knows nothing of yet.
pub(crate) fn session(scenario: &Scenario, connector: &str) -> Session {
    let customer = &scenario.customer;
    let now = now();
    Session {
        id: SessionId(SESSION),
        conversation: ConversationKey {
            tenant: "kit".to_owned(),
            channel: "msteams".to_owned(),
            conversation: "19:kit".to_owned(),
        },
        connector: connector.to_owned(),
        further: Vec::new(),
        phase: Phase::Requested,
        repetition: None,
        customer: Customer {
            id: customer.id.clone(),
            name: customer.name.clone(),
            email: customer.email.clone(),
            locale: customer.locale.clone(),
            attributes: Vec::new(),
        },
        address: ReturnAddress {
            to_bot: Route::Held,
            to_customer: Route::Held,
            channel: "msteams".to_owned(),
            conversation: "19:kit".to_owned(),
            service_url: "http://127.0.0.1:1/".to_owned(),
            bot: None,
            customer: Account { id: customer.id.clone(), name: customer.name.clone() },
            locale: customer.locale.clone(),
            caller: None,
        },
        answer: StartAnswer::Given(StartStatus::Connected),
        control: Control::Bot,
        problem_told: true,
        vendor: VendorSide::default(),
        agent: None,
        to_vendor: 0,
        to_customer: 0,
        receipts: 0,
        crossed: 0,
        end_told: false,
        delay_told: false,
        in_hand: 0,
        marks: Marks { started: now, customer: now, agent: now },
    }
}

/// What the vendor is asked to begin.
pub(crate) fn start_request(scenario: &Scenario) -> StartRequest {
    let said = |author, name: Option<&str>, text: &str| Utterance {
        author,
        name: name.map(str::to_owned),
        text: text.to_owned(),
        time: Some(now()),
    };
    let attributes = |told: &std::collections::BTreeMap<String, String>| {
        told.iter().map(|(name, value)| Attribute { name: name.clone(), value: value.clone() }).collect()
    };
    let start = &scenario.start;
    StartRequest {
        problem: Some(start.problem.clone()),
        transcript: vec![
            said(AuthorKind::Customer, scenario.customer.name.as_deref(), "Hi"),
            said(AuthorKind::Bot, None, "I will hand you over to a colleague."),
        ],
        attributes: attributes(&start.attributes),
        routing: attributes(&start.routing),
    }
}

/// A message of the customer.
pub(crate) fn message(scenario: &Scenario, text: &str) -> CustomerMessage {
    CustomerMessage {
        author: scenario.customer.name.clone(),
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        time: now(),
    }
}

/// The id of the customer's n-th message.
pub(crate) fn message_id(session: &Session, nth: u64) -> DeliveryId {
    DeliveryId::of(session.id, Direction::ToVendor, nth)
}

/// What the placeholders of a scenario stand for.
pub(crate) fn names(scenario: &Scenario, session: &Session) -> Names {
    let mut names = Names::default();
    let customer = &scenario.customer;
    names.set("session.id", session.id.to_string());
    names.set("customer.id", &customer.id);
    names.set("customer.name", customer.name.clone().unwrap_or_default());
    names.set("customer.email", customer.email.clone().unwrap_or_default());
    names.set("customer.locale", customer.locale.clone().unwrap_or_default());
    names.set("channel", "msteams");
    names.set("problem", &scenario.start.problem);
    names.set("conversation", session.vendor.lookup_keys.first().cloned().unwrap_or_default());
    names.set("callback_url", format!("{}/{}", crate::bench::CALLBACKS, session.connector));
    names.set("text", HELLO);
    names.set("message.id", message_id(session, 1).to_string());
    names.set("receipt.message", AGENT_MESSAGE);
    names.set("typing", "true");
    names
}
