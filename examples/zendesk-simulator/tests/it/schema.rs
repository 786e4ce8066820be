//! The vendor's own schema as a second pair of eyes. It names no licence and is not part of this repository: these
//! tests want `ZENDESK_SCHEMA` to be the path of `openapi.yaml` of `zendesk/sunshine-conversations-api-spec`.

use std::path::PathBuf;
use std::sync::Arc;

use agent_desk::{Recipient, Words};
use serde_json::{Value, json};
use zendesk_simulator::{Config, Schema};

use crate::world::{World, code, says};

fn path() -> PathBuf {
    let given = std::env::var_os("ZENDESK_SCHEMA");
    given.expect("ZENDESK_SCHEMA is not set: it must be the path of the vendor's openapi.yaml").into()
}

#[test]
#[ignore = "needs the vendor's schema: ZENDESK_SCHEMA=<openapi.yaml>, and --include-ignored"]
fn it_bites_for_every_operation() {
    let schema = Schema::read(&path()).unwrap();
    let message = |content: Value| json!({ "author": { "type": "business" }, "content": content });
    let bad = [
        ("CreateUser", json!({ "externalId": "" })),
        ("CreateUser", json!({ "profile": { "givenName": "x".repeat(129) } })),
        ("CreateConversation", json!({ "participants": [] })),
        ("CreateConversation", json!({ "type": "group" })),
        ("PostMessage", json!({ "content": { "type": "text", "text": "no author" } })),
        ("PostMessage", json!({ "author": { "type": "business" } })),
        ("PostMessage", json!({ "author": { "type": "robot" }, "content": { "type": "text", "text": "a" } })),
        ("PostMessage", message(json!({ "type": "text", "text": "x".repeat(4097) }))),
        ("PostMessage", message(json!({ "text": "no type" }))),
        ("PostMessage", message(json!({ "type": "hologram" }))),
        ("PostMessage", message(json!({ "type": "image", "altText": "no address" }))),
        (
            "PostMessage",
            message(json!({ "type": "file", "mediaUrl": "https://a.example/", "altText": "x".repeat(129) })),
        ),
        ("PostActivity", json!({ "type": "conversation:read" })),
        ("PostActivity", json!({ "author": { "type": "user" }, "type": "typing" })),
        ("PassControl", json!({ "metadata": {} })),
        ("OfferControl", json!({ "switchboardIntegration": 5 })),
        ("ReleaseControl", json!({ "metadata": "text" })),
        ("AcceptControl", json!({ "metadata": [] })),
        ("UploadAttachment", json!({})),
    ];
    for (operation, body) in &bad {
        assert!(!schema.problems(operation, body).is_empty(), "{operation} takes {body}");
    }
    let user = json!({ "type": "user", "userId": "u" });
    let good = [
        (
            "CreateUser",
            json!({ "externalId": "a", "profile": { "givenName": "J", "surname": null, "email": "j@example.com" } }),
        ),
        (
            "CreateConversation",
            json!({ "type": "personal", "participants": [{ "userId": "u", "subscribeSDKClient": false }] }),
        ),
        (
            "PostMessage",
            json!({ "author": user, "content": { "type": "text", "text": "a" }, "metadata": null }),
        ),
        (
            "PostMessage",
            message(json!({ "type": "image", "mediaUrl": "https://a.example/b.png", "altText": "b" })),
        ),
        ("PostActivity", json!({ "author": user, "type": "conversation:read" })),
        ("PassControl", json!({ "switchboardIntegration": "next", "metadata": { "a": 1 } })),
        ("OfferControl", json!({ "switchboardIntegration": "next" })),
        ("ReleaseControl", json!({})),
        ("AcceptControl", json!({})),
        ("UploadAttachment", json!({ "source": "binary" })),
    ];
    for (operation, body) in &good {
        assert_eq!(schema.problems(operation, body), Vec::<String>::new(), "{operation}");
    }
}

#[test]
#[ignore = "needs the vendor's schema: ZENDESK_SCHEMA=<openapi.yaml>, and --include-ignored"]
fn paths_and_queries_are_held_against_it_as_well() {
    let schema = Schema::read(&path()).unwrap();
    let problems = |method: &str, path: &str, query: &[(&str, &str)]| {
        let query: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        schema.request_problems(method, &format!("/sc/v2/apps/a{path}"), &query, &Value::Null)
    };
    let good: [(_, _, &[_], _); 6] = [
        ("GET", "/users/a%3Ab", &[], "GetUser"),
        ("GET", "/conversations", &[("filter[userId]", "u"), ("page[size]", "100")], "ListConversations"),
        ("GET", "/conversations/c", &[], "GetConversation"),
        ("GET", "/conversations/c/messages", &[("page[before]", "5f8d7c6b5a49382716050413")], "ListMessages"),
        ("POST", "/attachments", &[("access", "public"), ("for", "message")], "UploadAttachment"),
        ("POST", "/conversations/c/releaseControl", &[], "ReleaseControl"),
    ];
    for (method, path, query, operation) in good {
        assert_eq!(problems(method, path, query), (operation, Vec::new()), "{method} {path}");
    }
    let bad: [(_, _, &[_]); 9] = [
        ("GET", "/users", &[]),
        ("GET", "/users/", &[]),
        ("PUT", "/conversations/c", &[]),
        ("GET", "/conversations", &[]),
        ("GET", "/conversations", &[("filter[userId]", "u"), ("page[size]", "many")]),
        ("GET", "/conversations", &[("filter[user]", "u")]),
        ("GET", "/conversations/c", &[("a", "b")]),
        ("GET", "/conversations/c/messages", &[("page", "1")]),
        ("POST", "/attachments", &[("for", "message")]),
    ];
    for (method, path, query) in bad {
        assert!(!problems(method, path, query).1.is_empty(), "{method} {path} {query:?}");
    }
}

async fn checked() -> World {
    World::with(Config { schema: Some(Arc::new(Schema::read(&path()).unwrap())), ..Config::default() }).await
}

#[tokio::test]
#[ignore = "needs the vendor's schema: ZENDESK_SCHEMA=<openapi.yaml>, and --include-ignored"]
async fn requests_are_counted_and_what_is_wrong_is_refused_and_kept() {
    let world = checked().await;
    let (user, id) = world.handed_over().await;
    let path = format!("/conversations/{id}/messages");
    world.make(&path, &says(&user, "Hi")).await;
    let schema = world.simulator.schema().unwrap();
    assert_eq!(schema.violations(), []);
    let refused = world.post(&path, &json!({ "content": { "type": "text", "text": "Hi" } })).await;
    assert_eq!(code(&refused), (400, "bad_request"));
    let [violation] = schema.violations().try_into().unwrap();
    assert_eq!(violation.operation, "PostMessage");
    assert!(violation.problem.contains("author"), "{}", violation.problem);
    let counts = schema.counts();
    assert_eq!((counts["PostMessage"].valid, counts["PostMessage"].invalid), (2, 1));
    assert_eq!((counts["PassControl"].valid, counts["OfferControl"].valid), (2, 1));
}

#[tokio::test]
#[ignore = "needs the vendor's schema: ZENDESK_SCHEMA=<openapi.yaml>, and --include-ignored"]
async fn what_the_simulator_tells_is_as_the_vendors_schema_says() {
    let world = checked().await;
    let (user, id) = world.handed_over().await;
    let desk = world.simulator.desk();
    world.make(&format!("/conversations/{id}/messages"), &says(&user, "Hi")).await;
    desk.read(&id, None).unwrap();
    desk.agent_types(&id, None, true).unwrap();
    let (_, report) = desk.say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    report.await.unwrap().unwrap();
    world.simulator.merge_user(&id).unwrap();
    world.simulator.fail_delivery(&id, "m-1", "unauthorized").unwrap();
    desk.transfer(&id, Some("Ann"), Recipient::Queue("email".to_owned())).unwrap();
    world.told("switchboard:releaseControl", 1).await;
    world.told("conversation:typing", 1).await;
    let schema = world.simulator.schema().unwrap();
    let events = world.events();
    for event in &events {
        assert_eq!(schema.event_problems(event), Vec::<String>::new(), "{event}");
    }
    let mut kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 8, "{kinds:?}");
}

/// The operation of a recorded request, and its body; none for what has no body.
fn operation(request: &Value) -> Option<(&'static str, Value)> {
    let path = request["path"].as_str().unwrap().split('?').next().unwrap();
    let operation = match path.rsplit('/').next().unwrap() {
        _ if request["method"] == "GET" => return None,
        "users" => "CreateUser",
        "conversations" => "CreateConversation",
        "messages" => "PostMessage",
        "activity" => "PostActivity",
        "passControl" => "PassControl",
        "offerControl" => "OfferControl",
        "releaseControl" => "ReleaseControl",
        "attachments" => {
            assert!(request["form"][1].as_str().unwrap().contains("name=\"source\""));
            return Some(("UploadAttachment", json!({ "source": "binary" })));
        }
        other => panic!("{other}"),
    };
    Some((operation, request["body"].clone()))
}

#[test]
#[ignore = "needs the vendor's schema: ZENDESK_SCHEMA=<openapi.yaml>, and --include-ignored"]
fn the_connectors_recorded_requests_are_as_the_vendors_schema_says() {
    let schema = Schema::read(&path()).unwrap();
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/zendesk/tests/fixtures");
    let mut operations = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let record: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for exchange in record["exchanges"].as_array().unwrap() {
            if let Some((operation, body)) = operation(&exchange["request"]) {
                assert_eq!(schema.problems(operation, &body), Vec::<String>::new(), "{}", file.display());
                operations.push(operation);
            }
        }
    }
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), 8, "each is recorded: {operations:?}");
}

#[test]
fn a_file_that_is_not_the_schema_is_refused_by_name() {
    let error = Schema::read(std::path::Path::new("/nowhere/openapi.yaml")).err().unwrap();
    assert!(error.to_string().contains("/nowhere/openapi.yaml"), "{error}");
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(Schema::read(&here).is_err());
}
