//! The webhook as the sample's live chat calls it, on its own addresses and on the connector's.

use serde_json::{Value, json};

use crate::house::House;

const ADDRESSES: [&str; 3] = ["/api/livechat/messages", "/api/messages/proactive", "/api/callbacks/contoso"];

fn body(live: &str, id: &str, message: &str) -> Value {
    json!({
        "ConversationId": live,
        "Id": id,
        "Message": message,
        "Sender": "Contoso Support",
        "Timestamp": "2025-11-05T15:21:01.1234567Z",
    })
}

#[tokio::test]
async fn the_samples_body_is_taken_on_every_address() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    for address in ADDRESSES {
        let (status, answer) =
            house.call_back(address, &body(&live, address, &format!("by {address}"))).await;
        assert_eq!(status, 200, "{address}: {answer}");
        assert_eq!(answer["message"], "Message received successfully");
        assert_eq!(answer["receivedFrom"], "Contoso Support");
        assert!(answer["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{answer}");
        assert_eq!(answer.as_object().map(|fields| fields.len()), Some(3), "{answer}");
        house.bot.shows("a:1jane", &format!("**Contoso Support**: by {address}")).await;
    }
}

#[tokio::test]
async fn names_are_matched_without_regard_to_case() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    for body in [
        json!({ "conversationId": live, "message": "camel", "sender": "Ann", "timestamp": "2025-11-05T15:21:01Z" }),
        json!({ "CONVERSATIONID": live, "mEsSaGe": "odd", "SENDER": "Ann", "extra": { "ignored": true } }),
        json!({ "conversationid": live, "message": "low", "sender": "Ann", "id": null, "timestamp": null }),
    ] {
        let (status, answer) = house.call_back("/api/livechat/messages", &body).await;
        assert_eq!((status, &answer["receivedFrom"]), (200, &json!("Ann")), "{body}");
    }
    house.bot.shows("a:1jane", "**Ann**: low").await;
    let shown = house.bot.shown("a:1jane");
    let said: Vec<_> = shown.iter().filter(|text| text.starts_with("**Ann**")).collect();
    assert_eq!(said, ["**Ann**: camel", "**Ann**: odd", "**Ann**: low"]);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let shown = house.bot.posts().len();
    for address in ADDRESSES {
        let (status, answer) = house.call_back(address, &body("3f9a1", "1", "hello")).await;
        assert_eq!(status, 404, "an unknown conversation: {answer}");
        let text = |body: Value| body.to_string();
        for malformed in [
            String::new(),
            "hello".to_owned(),
            "{".to_owned(),
            text(json!(null)),
            text(json!([])),
            text(json!({})),
            text(json!({ "conversationId": live })),
            text(json!({ "message": "hello" })),
            text(json!({ "conversationId": null, "message": "hello" })),
            text(json!({ "conversationId": live, "message": null })),
            text(json!({ "conversationId": live, "message": "" })),
            text(json!({ "conversationId": live, "message": "  " })),
            text(json!({ "conversationId": "", "message": "hello" })),
            text(json!({ "conversationId": 7, "message": "hello" })),
        ] {
            let (status, answer) = house.call_back_with(address, malformed.as_str()).await;
            assert_eq!(status, 400, "{address}: {malformed}: {answer}");
            assert!(answer["error"].is_string(), "{malformed}: {answer}");
        }
        assert_eq!(house.get(address).await.0, 405, "{address}");
    }
    assert_eq!(house.get("/api/callbacks/nobody").await.0, 404);
    let (status, _) = house.call_back("/api/callbacks/contoso/below", &body(&live, "1", "hello")).await;
    assert_eq!(status, 404);
    house.desk.says(&live, "the chat goes on").await;
    house.bot.shows("a:1jane", "**Contoso Support**: the chat goes on").await;
    let news: Vec<_> = house.bot.posts()[shown..].iter().map(|post| post.text().to_owned()).collect();
    assert!(!news.iter().any(|text| text.ends_with("hello")), "{news:?}");
}

#[tokio::test]
async fn an_ended_conversation_is_gone() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.ends(&live).await;
    house.bot.ends("a:1jane", "endConversation").await;
    for address in ADDRESSES {
        let (status, answer) = house.call_back(address, &body(&live, address, "too late")).await;
        assert_eq!(status, 410, "{address}: {answer}");
    }
    assert!(!house.bot.shown("a:1jane").iter().any(|text| text.contains("too late")));
}

#[tokio::test]
async fn what_comes_twice_is_taken_twice_and_shown_once() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let once = body(&live, "c0ffee", "once");
    let both = tokio::join!(
        house.call_back("/api/livechat/messages", &once),
        house.call_back("/api/callbacks/contoso", &once),
    );
    assert_eq!((both.0.0, both.1.0), (200, 200), "{both:?}");
    assert_eq!(house.call_back("/api/messages/proactive", &once).await.0, 200);
    house.desk.says(&live, "then").await;
    house.bot.shows("a:1jane", "**Contoso Support**: then").await;
    let shown = house.bot.shown("a:1jane");
    assert_eq!(shown.iter().filter(|text| text.ends_with(": once")).count(), 1, "{shown:?}");
}
