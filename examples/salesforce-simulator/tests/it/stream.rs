//! The stream: who may open it, where it goes on, and how it ends.

use std::time::Duration;

use reqwest::Method;
use salesforce_simulator::Config;
use serde_json::{Value, json};

use crate::house::{House, read};

#[tokio::test]
async fn it_goes_on_after_the_last_event_that_was_seen() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let mut stream = house.stream(&token, Some("0")).await;
    house.say(&token, &id, "one").await;
    let first = stream.until("CONVERSATION_MESSAGE").await;
    house.say(&token, &id, "two").await;
    let second = stream.until("CONVERSATION_MESSAGE").await;
    assert!(second.id.parse::<u64>().unwrap() > first.id.parse::<u64>().unwrap());
    let mut again = house.stream(&token, Some(&first.id)).await;
    assert_eq!(again.until("CONVERSATION_MESSAGE").await.entry(), second.entry());
    // Without a last event it begins now.
    let mut fresh = house.stream(&token, None).await;
    let third = house.say(&token, &id, "three").await;
    assert_eq!(fresh.until("CONVERSATION_MESSAGE").await.entry(), third);
}

#[tokio::test]
async fn it_begins_where_the_token_says_and_holds_this_visitors_events_only() {
    let house = House::open().await;
    let (other, elsewhere) = house.begin().await;
    let (token, id) = house.begin().await;
    house.say(&other, &elsewhere, "not yours").await;
    house.say(&token, &id, "yours").await;
    let mut stream = house.stream(&token, Some("0")).await;
    let event = stream.until("CONVERSATION_MESSAGE").await;
    assert_eq!(event.data["conversationId"], json!(id));
    assert!(event.data["conversationEntry"]["entryPayload"].is_string(), "JSON within a text");
}

#[tokio::test]
async fn a_silent_stream_pings() {
    let house = House::with(Config { ping: Duration::from_millis(20), ..Config::default() }).await;
    let token = house.guest().await;
    let mut stream = house.stream(&token, None).await;
    for _ in 0..2 {
        let ping = stream.next().await.unwrap();
        assert_eq!((ping.name.as_str(), &ping.data, ping.id.as_str()), ("ping", &json!(0), ""));
    }
}

#[tokio::test]
async fn it_is_refused_without_token_organization_or_the_right_type() {
    let house = House::open().await;
    let token = house.guest().await;
    let open = async |token: &str, organization: &str, accept: &str, after: &str| {
        let request = house
            .request(Method::GET, token, "/eventrouter/v1/sse")
            .header("x-org-id", organization)
            .header("accept", accept)
            .header("last-event-id", after);
        read(request.send().await.unwrap()).await
    };
    let (short, sse) = ("00Dxx0000001gEr", "text/event-stream");
    for (answer, status) in [
        (open("", short, sse, "0").await, 401),
        (open("nonsense", short, sse, "0").await, 401),
        (open(&token, "00Dxx0000001gErEAI", sse, "0").await, 401),
        (open(&token, short, "application/json", "0").await, 406),
        (open(&token, short, sse, "x").await, 400),
    ] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.body["path"], "/eventrouter/v1/sse");
        assert_eq!(answer.body["message"], Value::Null, "the event router's errors look different");
    }
}

#[tokio::test]
async fn it_ends_when_the_token_expires() {
    // Tokens count whole seconds: of two at least one is left when the stream opens.
    let life = Duration::from_secs(2);
    let house = House::with(Config { token_life: life, ..Config::default() }).await;
    let token = house.guest().await;
    let mut stream = house.stream(&token, None).await;
    assert!(stream.next().await.is_none());
}
