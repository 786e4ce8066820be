//! The Contoso connector as it is installed, against a live chat that answers like Contoso's.

use std::path::Path;
use std::sync::Arc;

use handover_handoff::delivery::{FailureReason, Receipt, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::EndReason;
use handover_handoff::vendor::{Event, QueueStatus, StartRequest, TextFormat};
use handover_sandbox::{Happening, MapError, Sandbox};
use serde_json::{Value, json};

use crate::house::{House, serving};
use crate::people::{NOW, callback, delivery, message, session};
use crate::vendor::{Asked, Vendor};

pub fn installed() -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/installed/contoso.wasm");
    std::fs::read(file).unwrap()
}

fn live_chat(asked: &Asked) -> Option<(u16, String)> {
    let body: Value = serde_json::from_str(&asked.body).ok()?;
    let known = body["conversationId"] == "c-1";
    let (status, answer) = match asked.path.trim_start_matches("/below") {
        "/api/chat/start" if body["problem"] == "closed" => {
            (503, json!({ "error": "closed", "code": "no-agents" }))
        }
        "/api/chat/start" => {
            (200, json!({ "conversationId": "c-1", "status": "waiting", "problemShown": true }))
        }
        _ if !known => (404, json!({ "error": "unknown conversation" })),
        "/api/chat/receive" => (200, json!({ "messageId": "m-1" })),
        _ => (200, json!({})),
    };
    Some((status, answer.to_string()))
}

async fn open() -> (House, Arc<Sandbox>, Vendor) {
    open_with(&installed()).await
}

/// Another component that speaks for the same vendor.
async fn open_with(component: &[u8]) -> (House, Arc<Sandbox>, Vendor) {
    let vendor = Vendor::answering(live_chat).await;
    let mut house = House::new();
    house.grant("contoso", &vendor.base);
    house.put("contoso.wasm", component);
    let sandbox = house.open().await;
    (house, sandbox, vendor)
}

#[tokio::test]
async fn a_conversation_goes_from_start_to_end() {
    conversation(&installed()).await;
}

/// From start to end with this component.
pub async fn conversation(component: &[u8]) {
    let (_house, sandbox, vendor) = open_with(component).await;
    let contoso = serving(&sandbox, "contoso");
    assert!(contoso.description().capabilities.signals);
    let request = StartRequest { problem: Some("Drücker klemmt".to_owned()), ..Default::default() };
    let mut session = session();
    let Outcome::Started { lookup_keys, update, events, proved: true, problem_told: true } =
        contoso.start(&session, &request, 1, NOW).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(lookup_keys, ["c-1"]);
    assert_eq!(events, [Event::Queued(QueueStatus::default())]);
    session.vendor.lookup_keys = lookup_keys;
    session.vendor.state = update.state.unwrap();

    let done = Ok(Outcome::Done(Update::default()));
    assert_eq!(contoso.send(&session, delivery(), &message("hallo 🙂"), 1, NOW).await, done);
    assert_eq!(contoso.typing(&session, true, NOW).await, Ok(()));
    let receipt = Receipt::NotDelivered("left".to_owned());
    assert_eq!(contoso.report(&session, "a-1", &receipt, NOW).await, done);
    assert_eq!(contoso.end(&session, EndReason::Customer, NOW).await, done);
    session.vendor.lookup_keys = vec!["c-gone".to_owned()];
    assert_eq!(contoso.end(&session, EndReason::Customer, NOW).await, done, "what is gone has ended");

    let asked = vendor.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.trim_start_matches("/below/api/chat/")).collect();
    assert_eq!(paths, ["start", "receive", "typing", "receipt", "end", "end"]);
    let bodies: Vec<Value> = asked.iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    assert_eq!(bodies[0]["problem"], "Drücker klemmt");
    assert_eq!(bodies[0]["customer"]["name"], "Jäne 王 🙂");
    assert_eq!(bodies[1]["message"], "hallo 🙂");
    assert_eq!(bodies[1]["id"], delivery().to_string());
    assert_eq!(bodies[2]["typing"], true);
    assert_eq!(bodies[3]["reason"], "left");
    assert!(asked.iter().all(|asked| asked.header("content-type") == Some("application/json")));
}

#[tokio::test]
async fn what_contoso_refuses_is_told_with_its_reason() {
    let (_house, sandbox, _vendor) = open().await;
    let contoso = serving(&sandbox, "contoso");
    let request = StartRequest { problem: Some("closed".to_owned()), ..Default::default() };
    let failure = contoso.start(&session(), &request, 1, NOW).await.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::NoAgents, RetryAdvice::Never));
    let lost = contoso.send(&session(), delivery(), &message("hallo"), 1, NOW).await;
    let failure = lost.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::ConversationGone, RetryAdvice::Never));
}

#[tokio::test]
async fn the_samples_own_webhook_is_read() {
    callbacks(&installed()).await;
}

/// What the vendor calls with, read by this component.
pub async fn callbacks(component: &[u8]) {
    let (_house, sandbox, vendor) = open_with(component).await;
    let contoso = serving(&sandbox, "contoso");
    let body = json!({
        "ConversationId": "c-1", "Id": "a-1", "Message": "Grüezi *Jäne*", "Sender": "Ann",
        "Timestamp": "2025-11-22T21:24:05.12Z",
    });
    let mapped = contoso.map(callback(&body.to_string())).await.unwrap();
    let Happening::Event(event) = &mapped.events[0].happening else { panic!("{mapped:?}") };
    let Event::Message(said) = event.as_ref() else { panic!("{mapped:?}") };
    assert_eq!((said.text.as_str(), said.format), ("Grüezi *Jäne*", TextFormat::Markdown));
    assert_eq!((said.id.as_deref(), said.author.name.as_deref()), (Some("a-1"), Some("Ann")));
    assert_eq!(mapped.events[0].lookup_key, "c-1");
    let answer: Value = serde_json::from_slice(&mapped.answer.unwrap().body).unwrap();
    assert_eq!(answer["message"], "Message received successfully");
    assert_eq!(answer["receivedFrom"], "Ann");

    let refused = contoso.map(callback("no json")).await;
    assert!(matches!(refused, Err(MapError::Malformed(_))), "{refused:?}");
    let refused = contoso.map(callback(r#"{"conversationId":"c-1","type":"danced"}"#)).await;
    assert!(matches!(refused, Err(MapError::Unmapped(_))), "{refused:?}");
    assert_eq!(vendor.asked().len(), 0);
}
