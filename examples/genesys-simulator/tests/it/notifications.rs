//! What is posted to the gateway.

use std::time::Duration;

use agent_desk::{Attachment, Words};
use genesys_simulator::Config;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::house::{CUSTOMER, House, Notification, said};

/// As the documentation says, by other code: base64, not hexadecimal digits.
fn is_signed(notification: &Notification, secret: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(&notification.bytes);
    let bytes = mac.finalize().into_bytes();
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("sha256=");
    for three in bytes.chunks(3) {
        let word =
            three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        (0..=three.len()).for_each(|n| text.push(char::from(digits[(word >> (18 - 6 * n) & 63) as usize])));
        (three.len()..3).for_each(|_| text.push('='));
    }
    notification.headers["x-hub-signature-256"] == text
}

#[tokio::test]
async fn what_an_agent_writes_is_posted_and_signed() {
    let house = House::open().await;
    let id = house.begin().await;
    let (message, posted) = house.running.desk().say(&id, Some("Ann"), Words::plain("Grüße 👋")).unwrap();
    posted.await.unwrap().unwrap();
    let [notification] = house.notifications(1).await.try_into().unwrap();
    assert!(is_signed(&notification, b"simulated-webhook-secret"));
    assert!(!is_signed(&notification, b"another-webhook-secret"));
    let body = notification.body();
    for (pointer, value) in [
        ("/id", json!(message.id)),
        ("/type", json!("Text")),
        ("/text", json!("Grüße 👋")),
        ("/direction", json!("Outbound")),
        ("/conversationId", json!(id)),
        ("/channel/id", json!(house.config.integration_id)),
        ("/channel/to", json!({ "id": CUSTOMER, "idType": "Opaque" })),
        ("/channel/platform", json!("Open")),
    ] {
        assert_eq!(body.pointer(pointer), Some(&value), "{pointer}");
    }
    assert!(!body.to_string().contains("Ann"), "the webhook does not tell who writes");
}

#[tokio::test]
async fn each_file_is_a_notification_of_its_own() {
    let house = House::open().await;
    let id = house.begin().await;
    let file = |name: &str, content_type: &str| Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        url: format!("https://files.example/{name}"),
    };
    let words = Words {
        attachments: vec![file("a.png", "image/png"), file("b.txt", "text/plain")],
        ..Words::plain("See")
    };
    let (_, posted) = house.running.desk().say(&id, None, words).unwrap();
    posted.await.unwrap().unwrap();
    let bodies: Vec<Value> = house.notifications(2).await.iter().map(Notification::body).collect();
    assert_eq!((bodies[0]["text"].as_str(), bodies[1].get("text")), (Some("See"), None));
    assert_eq!(bodies[0]["content"][0]["attachment"]["mediaType"], "Image");
    assert_eq!(bodies[1]["content"][0]["attachment"]["url"], "https://files.example/b.txt");
    assert_ne!(bodies[0]["id"], bodies[1]["id"]);
}

#[tokio::test]
async fn typing_begins_and_never_stops() {
    let house = House::open().await;
    let id = house.begin().await;
    house.running.desk().agent_types(&id, Some("Ann"), true).unwrap();
    house.running.desk().agent_types(&id, Some("Ann"), false).unwrap();
    let body = house.notifications(1).await[0].body();
    assert_eq!((body["type"].as_str(), &body["events"][0]["typing"]["type"]), (Some("Event"), &json!("On")));
    let (_, posted) = house.running.desk().say(&id, None, Words::plain("Done")).unwrap();
    posted.await.unwrap().unwrap();
    assert_eq!(house.notifications(2).await[1].body()["type"], "Text", "nothing else was between them");
}

#[tokio::test]
async fn the_platform_tells_that_a_message_was_delivered_where_it_is_meant_to() {
    let house = House::with(Config::default()).await;
    let sent = house.message(&said("m-1", "Hello")).await.body;
    let body = house.notifications(1).await[0].body();
    assert_eq!((&body["id"], body["status"].as_str()), (&sent["id"], Some("Delivered")));
    assert_eq!(
        (&body["channel"]["from"]["id"], &body["channel"]["messageId"]),
        (&json!(CUSTOMER), &json!("m-1"))
    );
}

#[tokio::test]
async fn what_was_not_taken_comes_again_five_times_and_refusals_are_final() {
    let house = House::open().await;
    let id = house.begin().await;
    for (statuses, attempts, taken) in [
        (vec![429, 500, 503], 4, true),
        (vec![502; 6], 6, false),
        (vec![404], 1, false),
        (vec![401], 1, false),
    ] {
        house.gateway.taken.lock().unwrap().clear();
        house.gateway.statuses.lock().unwrap().clone_from(&statuses);
        let (_, posted) = house.running.desk().say(&id, None, Words::plain("Hello")).unwrap();
        assert_eq!(posted.await.unwrap().is_ok(), taken, "{statuses:?}");
        let came = house.gateway.taken.lock().unwrap().clone();
        assert_eq!(came.len(), attempts, "{statuses:?}");
        assert!(came.iter().all(|one| one.bytes == came[0].bytes), "the same each time");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_none() {
    let house =
        House::with(Config { timeout: Duration::from_millis(50), receipts: false, ..Config::default() })
            .await;
    let id = house.begin().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    house.running.set_webhook_url(&format!("http://{}/", silent.local_addr().unwrap()));
    let (_, posted) = house.running.desk().say(&id, None, Words::plain("Hello")).unwrap();
    let why = posted.await.unwrap().unwrap_err().to_string();
    assert!(why.contains("did not answer within"), "{why}");
}
