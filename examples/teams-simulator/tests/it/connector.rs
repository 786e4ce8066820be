//! The Bot Connector's answers, in Teams' shapes.
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::world::{World, agent_says, eventually};

async fn assert_error(response: Response, status: u16, code: &str) {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["error"]["code"], code);
    assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
}

async fn ask(world: &World, method: Method, path: &str, body: Option<&str>) -> Response {
    let request = world.http.request(method, world.url(path));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_owned()),
        None => request,
    };
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn messages_are_created_and_typing_is_accepted() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let sent = jane.connector("/activities", agent_says("one")).await;
    assert_eq!(sent.status(), 201);
    let sent: Value = sent.json().await.expect("JSON");
    assert_eq!(sent.as_object().map(serde_json::Map::len), Some(1));
    assert!(sent["id"].is_string());
    let reply = jane.connector("/activities/0b5c", agent_says("two")).await;
    assert_eq!(reply.status(), 201);

    let typing = jane.connector("/activities", json!({ "type": "typing" })).await;
    assert_eq!(typing.status(), 202);
    assert_eq!(jane.state().await["typing"], "Contoso Support");
    jane.connector("/activities", agent_says("three")).await;
    assert_eq!(jane.state().await["typing"], Value::Null, "who has written types no more");
    let named = json!({ "type": "typing", "from": { "name": "Anna" } });
    jane.connector("/activities", named).await;
    assert_eq!(jane.state().await["typing"], "Anna");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_as_teams_says_it() {
    let world = World::new().await;
    let jane = world.customer().await;
    let activities = format!("/teams/v3/conversations/{}/activities", jane.id);
    let unknown = "/teams/v3/conversations/a%3Anobody/activities";
    let valid = r#"{"type":"message","text":"hello"}"#;
    let big = json!({ "type": "message", "text": "x".repeat(29 * 1024) }).to_string();
    for (method, path, body, status, code) in [
        (Method::POST, unknown, Some(valid), 404, "ConversationNotFound"),
        (Method::POST, &activities, Some("{"), 400, "BadSyntax"),
        (Method::POST, &activities, Some("[]"), 400, "BadSyntax"),
        (Method::POST, &activities, Some(r#"{"type":"message"}"#), 400, "BadSyntax"),
        (Method::POST, &activities, Some("{}"), 400, "BadArgument"),
        (Method::POST, &activities, Some(r#"{"type":"endOfConversation"}"#), 400, "BadArgument"),
        (Method::POST, &activities, Some(r#"{"type":"message","text":7}"#), 400, "BadArgument"),
        (Method::POST, &activities, Some(&big), 413, "MessageSizeTooBig"),
        (Method::GET, &activities, None, 405, "MethodNotAllowed"),
        (Method::PATCH, &format!("{activities}/1"), Some(valid), 405, "MethodNotAllowed"),
        (Method::PUT, &format!("{activities}/1"), Some(valid), 404, "ActivityNotFoundInConversation"),
        (Method::DELETE, &format!("{activities}/1"), None, 404, "ActivityNotFoundInConversation"),
        (Method::POST, "/teams/v3/somewhere", Some(valid), 404, "NotFound"),
    ] {
        assert_error(ask(&world, method, path, body).await, status, code).await;
    }
    assert_eq!(jane.transcript().await.len(), 1, "the greeting alone");
}

#[tokio::test]
async fn messages_can_be_edited_and_deleted() {
    let world = World::new().await;
    let jane = world.customer().await;
    let sent: Value = jane.connector("/activities", agent_says("helo")).await.json().await.expect("JSON");
    let id = sent["id"].as_str().expect("an id");
    let path = format!("/teams/v3/conversations/{}/activities/{id}", jane.id);
    let new = agent_says("hello").to_string();
    let edited = ask(&world, Method::PUT, &path, Some(&new)).await;
    assert_eq!(edited.status(), 200);
    let line = jane.reads("**Contoso Support**: hello").await;
    assert_eq!((&line["edited"], &line["activityId"]), (&json!(true), &json!(id)));
    assert!(line["revision"].as_u64() > line["seq"].as_u64());
    assert_eq!(ask(&world, Method::DELETE, &path, None).await.status(), 200);
    let line = jane.reads("").await;
    assert_eq!((&line["deleted"], &line["activityId"]), (&json!(true), &json!(id)));
    assert_error(ask(&world, Method::DELETE, &path, None).await, 404, "ActivityNotFoundInConversation").await;
}

#[tokio::test]
async fn the_customer_is_the_member() {
    let world = World::new().await;
    let jane = world.arrives(json!({ "name": "Jane" })).await;
    let id = jane.id.replace(':', "%3A");
    let members = world.get(&format!("/teams/v3/conversations/{id}/members")).await;
    assert_eq!(members.as_array().map(Vec::len), Some(1));
    assert_eq!(members[0]["name"], "Jane");
    assert!(members[0]["id"].as_str().is_some_and(|id| id.starts_with("29:")));
}

#[tokio::test]
async fn teams_limits_are_enforced_when_asked_to() {
    let world = World::with(|config| config.switches.enforce_teams_limits = true).await;
    let (jane, john) = (world.customer().await, world.customer().await);
    // More than fit into any window, however slow the machine.
    let mut refused = None;
    for n in 0..61 {
        let response = jane.connector("/activities", agent_says(&n.to_string())).await;
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("one too many");
    let wait = refused.headers()["retry-after"].to_str().expect("text").to_owned();
    assert!(wait.parse::<u64>().is_ok_and(|seconds| seconds >= 1), "{wait}");
    assert_error(refused, 429, "Throttled").await;
    assert_eq!(john.connector("/activities", agent_says("hi")).await.status(), 201);
}

#[tokio::test]
async fn what_was_asked_is_on_record() {
    let world = World::new().await;
    let jane = world.customer().await;
    let url = world.url(&format!("/teams/v3/conversations/{}/activities", jane.id));
    let request = world.http.post(url).bearer_auth("a-token").json(&agent_says("hi"));
    request.send().await.expect("an answer");
    let record = eventually("a record", || async {
        let wire = jane.wire().await;
        wire.first().cloned().ok_or_else(|| json!(wire))
    })
    .await;
    assert_eq!((&record["route"], &record["method"]), (&json!("connector"), &json!("POST")));
    assert_eq!(record["headers"]["authorization"], "Bearer a-token");
    assert_eq!(record["body"], agent_says("hi"));
    assert_eq!(record["answer"]["status"], 201);
}
