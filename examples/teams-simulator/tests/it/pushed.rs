//! What happens is pushed to the page, and goes on where it broke off.
use serde_json::{Value, json};

use crate::world::{Customer, World, agent_says};

struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn of(world: &World, customer: &Customer<'_>, last: Option<&str>) -> Self {
        let path = format!("/api/conversations/{}/events", customer.id);
        let mut request = world.http.get(world.url(&path));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event of a kind: its id and data.
    async fn next(&mut self, kind: &str) -> (String, Value) {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim_start().to_owned()
                };
                let (met, id, data) = (field("event:"), field("id:"), field("data:"));
                self.text = rest.to_owned();
                if met == kind {
                    return (id, serde_json::from_str(&data).expect("JSON"));
                }
            }
            let chunk = self.response.chunk().await.expect("a stream").expect("more to come");
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }
}

#[tokio::test]
async fn lines_states_and_typing_are_pushed() {
    let world = World::new().await;
    let jane = world.customer().await;
    let mut events = Events::of(&world, &jane, None).await;
    let (_, greeting) = events.next("entry").await;
    assert_eq!(greeting["from"], "bot");
    assert_eq!(events.next("state").await.1["bot"], "idle");
    jane.escalates().await;
    while events.next("state").await.1["parked"] != true {}
    jane.connector("/activities", json!({ "type": "typing", "from": { "name": "Anna" } })).await;
    assert_eq!(events.next("typing").await.1["name"], "Anna");
    jane.connector("/activities", agent_says("hi")).await;
    assert_eq!(events.next("entry").await.1["from"], "agent");
    assert_eq!(events.next("state").await.1["agent"], "Contoso Support");
}

#[tokio::test]
async fn a_reconnect_brings_what_was_missed_and_nothing_else() {
    let world = World::new().await;
    let jane = world.customer().await;
    let mut events = Events::of(&world, &jane, None).await;
    let (last, _) = events.next("entry").await;
    drop(events);
    let sent: Value = jane.connector("/activities", agent_says("one")).await.json().await.expect("JSON");
    jane.connector("/activities", agent_says("two")).await;
    let mut events = Events::of(&world, &jane, Some(&last)).await;
    let (_, one) = events.next("entry").await;
    assert_eq!(one["activityId"], sent["id"]);
    let (last, two) = events.next("entry").await;
    assert_eq!(two["text"], "**Contoso Support**: two");
    drop(events);

    // An edit is news too, of the same line.
    let id = sent["id"].as_str().expect("an id");
    let url = world.url(&format!("/teams/v3/conversations/{}/activities/{id}", jane.id));
    world.http.put(url).json(&agent_says("ONE")).send().await.expect("an answer");
    let mut events = Events::of(&world, &jane, Some(&last)).await;
    let (_, edited) = events.next("entry").await;
    assert_eq!((&edited["seq"], &edited["text"]), (&one["seq"], &json!("**Contoso Support**: ONE")));
}

#[tokio::test]
async fn an_unknown_conversation_has_no_events() {
    let world = World::new().await;
    let response = world.http.get(world.url("/api/conversations/a:nobody/events")).send().await;
    assert_eq!(response.expect("an answer").status(), 404);
}
