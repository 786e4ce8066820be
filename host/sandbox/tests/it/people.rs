//! Who talks, and what they say.

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::delivery::Direction;
use handover_handoff::outcome::Outcome;
use handover_handoff::session::{Control, Marks, Phase, StartAnswer, StartStatus, VendorSide};
use handover_handoff::vendor::{Attribute, Customer, CustomerMessage, TextFormat};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use handover_sandbox::{CallError, CallbackRequest, Generation};
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp(1_763_846_645_120);

pub fn session() -> Session {
    Session {
        id: SessionId(Uuid::from_u128(7)),
        conversation: ConversationKey {
            tenant: "default".to_owned(),
            channel: "msteams".to_owned(),
            conversation: "19:abc".to_owned(),
        },
        connector: "echo".to_owned(),
        further: Vec::new(),
        phase: Phase::Active,
        customer: Customer {
            id: "29:jane".to_owned(),
            name: Some("Jäne 王 🙂".to_owned()),
            email: None,
            locale: Some("de-CH".to_owned()),
            attributes: vec![Attribute { name: "aadObjectId".to_owned(), value: "42".to_owned() }],
        },
        address: ReturnAddress {
            to_bot: Route::Held,
            to_customer: Route::Held,
            channel: "msteams".to_owned(),
            conversation: "19:abc".to_owned(),
            service_url: "http://127.0.0.1:1/".to_owned(),
            bot: None,
            customer: Account { id: "29:jane".to_owned(), name: None },
            locale: None,
            caller: None,
        },
        answer: StartAnswer::Given(StartStatus::Connected),
        control: Control::Bot,
        problem_told: true,
        repetition: None,
        vendor: VendorSide {
            lookup_keys: vec!["vendor-1".to_owned()],
            state: "before".to_owned(),
            tokens: Some("visitor-token".to_owned()),
            progress: None,
            ..VendorSide::default()
        },
        agent: None,
        to_vendor: 0,
        to_customer: 0,
        receipts: 0,
        crossed: 0,
        end_told: false,
        delay_told: false,
        in_hand: 0,
        marks: Marks { started: NOW, customer: NOW, agent: NOW },
    }
}

pub fn message(text: &str) -> CustomerMessage {
    CustomerMessage {
        author: Some("Jäne".to_owned()),
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        time: NOW,
    }
}

pub fn delivery() -> DeliveryId {
    DeliveryId::of(session().id, Direction::ToVendor, 1)
}

/// The customer says something; what comes back is the state that the connector leaves behind.
pub async fn say(connector: &Generation, text: &str) -> Result<String, CallError> {
    let session = session();
    let sent = connector.send(&session, delivery(), &message(text), 1, NOW).await?;
    let Outcome::Done(update) = sent else { panic!("{sent:?} is no outcome of a message") };
    Ok(update.state.unwrap_or_default())
}

pub fn callback(body: &str) -> CallbackRequest {
    CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/echo/events?x=1".to_owned(),
        path: "events".to_owned(),
        headers: vec![("x-note".to_owned(), "ünicode".to_owned())],
        body: body.as_bytes().to_vec(),
        received: NOW,
    }
}
