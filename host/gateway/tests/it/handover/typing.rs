//! Typing, both ways: shown while it lasts, kept nowhere.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn the_agents_typing_shows_in_the_channel() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let (status, _) =
        house.desk.post("/api/chat/agent-typing", json!({ "conversationId": live, "typing": true })).await;
    assert_eq!(status, 204);
    let typing = house.bot.gets("a:1jane", "typing", |post| post.is("typing")).await;
    assert_eq!(typing.service, crate::bot::Service::Teams);
    assert!(typing.body.get("text").is_none(), "{}", typing.body);
    // For a conversation that nobody knows, or that has ended, there is none.
    let unknown = json!({ "type": "typing", "conversationId": "3f9a1", "typing": true });
    assert_eq!(house.call_back("/api/livechat/messages", &unknown).await.0, 404);
    jane.ends(&live).await;
    let ended = json!({ "type": "typing", "conversationId": live, "typing": true });
    assert_eq!(house.call_back("/api/livechat/messages", &ended).await.0, 410);
}

#[tokio::test]
async fn the_customers_typing_shows_at_the_live_chat() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let mut events = house.http.get(house.desk.url("/api/events")).send().await.expect("a stream");
    let mut seen = String::new();
    let greeting = events.chunk().await.expect("a stream").expect("a greeting");
    seen.push_str(&String::from_utf8_lossy(&greeting));
    jane.sends(&jane.activity("typing")).await;
    let typing = async {
        while !(seen.contains("event: typing") && seen.contains(&live)) {
            let chunk = events.chunk().await.expect("a stream").expect("more of it");
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    let came = tokio::time::timeout(std::time::Duration::from_secs(60), typing).await;
    assert!(came.is_ok(), "typing did not reach the live chat: {seen}");
    assert!(seen.contains(r#""from":"customer""#), "{seen}");
}

#[tokio::test]
async fn the_customers_typing_stops_with_the_message_and_with_silence() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let mut events = house.http.get(house.desk.url("/api/events")).send().await.expect("a stream");
    let mut seen = String::new();
    for says_something in [true, false] {
        for typing in ["\"typing\":true", "\"typing\":false"] {
            if typing.ends_with("true") {
                jane.sends(&jane.activity("typing")).await;
            } else if says_something {
                jane.says("there").await;
            }
            let comes = async {
                while !(seen.contains(typing) && seen.contains(&live)) {
                    let chunk = events.chunk().await.expect("a stream").expect("more of it");
                    seen.push_str(&String::from_utf8_lossy(&chunk));
                }
            };
            let came = tokio::time::timeout(std::time::Duration::from_secs(60), comes).await;
            assert!(came.is_ok(), "{typing} did not reach the live chat: {seen}");
            seen.clear();
        }
    }
}
