//! Consoles hear of every change without asking.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::house::House;

/// A console's stream of events.
struct Stream {
    response: Response,
    buffer: String,
}

impl Stream {
    /// Opens the stream and waits until nothing is missed any more.
    async fn open(house: &House) -> Self {
        let response = house.client.get(house.url("/api/events")).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { response, buffer: String::new() };
        assert_eq!(stream.next().await.unwrap().0, "hello");
        stream
    }

    /// The next event, none when the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                let field =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let (Some(event), Some(data)) = (field("event:"), field("data:")) {
                    return Some((event.to_owned(), serde_json::from_str(data).unwrap()));
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let chunk = chunk.await.expect("no event came in time").unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event of this name.
    async fn until(&mut self, name: &str) -> Value {
        loop {
            let (event, data) = self.next().await.expect("the stream ended");
            if event == name {
                return data;
            }
        }
    }
}

#[tokio::test]
async fn every_console_hears_of_every_change() {
    let house = House::open().await;
    let mut consoles = [Stream::open(&house).await, Stream::open(&house).await];
    let id = house.start_with(json!({ "problem": "Charged twice" })).await;
    house.receive(&id, "hello").await;
    house.send(&id, "hi").await;
    house.post("/api/chat/close", json!({ "conversationId": id })).await;

    for console in &mut consoles {
        let opened = console.until("conversation").await;
        assert_eq!((&opened["id"], &opened["status"]), (&json!(id), &json!("waiting")));
        assert_eq!(opened["problem"], "Charged twice");

        let message = console.until("message").await;
        assert_eq!(message["conversationId"], json!(id));
        assert_eq!(message["message"]["message"], "hello");
        assert_eq!(console.until("conversation").await["unread"], 1);

        let sending = console.until("message").await;
        assert_eq!(sending["message"]["status"], "sending");
        assert_eq!(console.until("conversation").await["status"], "active");
        let accepted = console.until("message").await;
        assert_eq!(accepted["message"]["status"], "accepted");
        assert_eq!(accepted["message"]["id"], sending["message"]["id"]);
        assert!(accepted["revision"].as_u64() > sending["revision"].as_u64());

        let ended = console.until("conversation").await;
        assert_eq!((&ended["status"], &ended["endedBy"]), (&json!("ended"), &json!("agent")));
    }
}

#[tokio::test]
async fn typing_is_pushed_from_both_sides() {
    let house = House::open().await;
    let mut console = Stream::open(&house).await;
    let id = house.start_with(json!({ "customer": { "name": "Amira" } })).await;
    let typing = |typing: bool| json!({ "conversationId": id, "typing": typing });
    assert_eq!(house.post("/api/chat/typing", typing(true)).await.status, 204);
    let pushed = console.until("typing").await;
    assert_eq!(pushed, json!({ "conversationId": id, "from": "customer", "name": "Amira", "typing": true }));
    house.post("/api/chat/agent-typing", typing(false)).await;
    let pushed = console.until("typing").await;
    assert_eq!(
        pushed,
        json!({ "conversationId": id, "from": "agent", "name": "Contoso Support", "typing": false })
    );

    let unknown = json!({ "conversationId": "unknown", "typing": true });
    assert_eq!(house.post("/api/chat/typing", unknown).await.status, 404);
    house.post("/api/chat/end", json!({ "conversationId": id })).await;
    assert_eq!(house.post("/api/chat/typing", typing(true)).await.status, 410);
}

#[tokio::test]
async fn the_stream_ends_when_the_server_stops() {
    let house = House::open().await;
    let mut console = Stream::open(&house).await;
    let House { running, stop, .. } = house;
    drop(stop);
    running.join().await.unwrap();
    assert!(console.next().await.is_none());
}
