//! A gateway that shares a secret with the live chat can tell the live chat's posts from anybody else's.

use contoso_live_chat::{Config, Secret};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::{
    gateway::{Gateway, Letter},
    house::House,
};

const KEY: &str = "the key of this webhook";

async fn signing_house() -> House {
    let gateway = Gateway::start().await;
    let config =
        Config { webhook_url: gateway.url(), webhook_secret: Some(Secret::new(KEY)), ..Config::default() };
    House::configured(gateway, config).await
}

fn header<'a>(letter: &'a Letter, name: &str) -> Option<&'a str> {
    letter.headers.get(name).map(|value| value.to_str().unwrap())
}

fn timestamp(letter: &Letter) -> i64 {
    header(letter, "X-Contoso-Timestamp").expect("a timestamp").parse().expect("whole seconds")
}

/// Whether this key made the signature, by other code than the live chat's.
fn is_signed_with(key: &str, letter: &Letter) -> bool {
    let signature = header(letter, "X-Contoso-Signature").expect("a signature");
    let digits = signature.strip_prefix("sha256=").expect("the name of the hash");
    let mut hash = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    hash.update(format!("{}.", timestamp(letter)).as_bytes());
    hash.update(&letter.body);
    let wanted: String = hash.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    digits == wanted
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn all_that_the_webhook_is_told_is_signed_at_its_time() {
    let house = signing_house().await;
    let before = now();
    let id = house.start().await;
    house.accept(&id).await;
    assert_eq!(house.send(&id, "grüezi").await.status, 200);
    let of = json!({ "conversationId": id });
    house.post("/api/chat/agent-typing", of.clone()).await;
    house.gateway.event("typing").await;
    house.post("/api/chat/leave", of.clone()).await;
    house.post("/api/chat/close", of).await;
    house.gateway.event("ended").await;
    let after = now();

    let letters = house.gateway.letters();
    assert_eq!(letters.len(), 5, "joined, the message, typing, left, ended");
    for letter in &letters {
        assert!(is_signed_with(KEY, letter), "{letter:?}");
        assert!((before..=after).contains(&timestamp(letter)));
    }
}

#[tokio::test]
async fn another_key_body_or_time_does_not_fit_the_signature() {
    let house = signing_house().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    let letter = house.gateway.letters().remove(0);
    assert!(is_signed_with(KEY, &letter));

    assert!(!is_signed_with("another key", &letter));
    let body = [&letter.body, b" ".as_slice()].concat().into();
    assert!(!is_signed_with(KEY, &Letter { body, ..letter.clone() }));
    let mut later = letter.clone();
    later.headers.insert("X-Contoso-Timestamp", (timestamp(&letter) + 1).into());
    assert!(!is_signed_with(KEY, &later));
}

#[tokio::test]
async fn each_attempt_is_signed_anew_with_its_own_time() {
    let house = signing_house().await;
    let id = house.start().await;
    house.gateway.will_answer(&[(429, "slower"), (429, "slower")]);
    house.post("/api/chat/close", json!({ "conversationId": id })).await;
    house.gateway.told_until(|told| told.len() == 3).await;
    let letters = house.gateway.letters();
    assert!(letters.iter().all(|letter| is_signed_with(KEY, letter)));
    assert!(letters.iter().all(|letter| letter.body == letters[0].body), "the same event each time");
    // The webhook asked for a second between them.
    assert!(letters.is_sorted_by(|one, next| timestamp(one) < timestamp(next)), "{letters:?}");
}

#[tokio::test]
async fn a_message_sent_again_by_the_agent_is_signed_anew() {
    let house = signing_house().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.gateway.will_answer(&[(502, "channel is down")]);
    assert_eq!(house.send(&id, "hello").await.status, 502);
    house.running.set_webhook_secret(Some(Secret::new("the next key")));
    let message = house.messages(&id).await[0]["id"].clone();
    let retry = json!({ "conversationId": id, "messageId": message });
    assert_eq!(house.post("/api/chat/retry", retry).await.status, 200);
    let letters = house.gateway.letters();
    assert_eq!(letters[1].body, letters[2].body);
    assert!(is_signed_with(KEY, &letters[1]));
    assert!(is_signed_with("the next key", &letters[2]));
}

#[tokio::test]
async fn without_a_secret_nothing_is_signed() {
    let house = House::open().await;
    let id = house.start().await;
    house.accept(&id).await;
    house.gateway.event("joined").await;
    house.running.set_webhook_secret(Some(Secret::new(KEY)));
    assert_eq!(house.send(&id, "signed").await.status, 200);
    house.running.set_webhook_secret(None);
    assert_eq!(house.send(&id, "unsigned").await.status, 200);
    let signed: Vec<_> = house
        .gateway
        .letters()
        .iter()
        .map(|letter| letter.headers.keys().filter(|name| name.as_str().starts_with("x-contoso-")).count())
        .collect();
    assert_eq!(signed, [0, 2, 0]);
}
