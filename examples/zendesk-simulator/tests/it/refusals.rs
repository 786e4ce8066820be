//! What is refused: at least one case per operation.

use reqwest::Method;
use serde_json::{Value, json};
use zendesk_simulator::Config;

use crate::world::{World, answer, business, code, says};

const BAD: (u16, &str) = (400, "bad_request");

async fn refused(world: &World, path: &str, bodies: &[(&str, Value)]) {
    for (what, body) in bodies {
        let answer = world.post(path, body).await;
        assert_eq!(code(&answer), BAD, "{what}");
    }
}

#[tokio::test]
async fn users_that_make_no_sense_or_are_there() {
    let world = World::new().await;
    let cases = [
        ("an empty external id", json!({ "externalId": "" })),
        ("a long external id", json!({ "externalId": "x".repeat(1025) })),
        ("an empty name", json!({ "externalId": "a", "profile": { "givenName": "" } })),
        ("a long name", json!({ "externalId": "a", "profile": { "surname": "x".repeat(129) } })),
        ("no email", json!({ "externalId": "a", "profile": { "email": "jane" } })),
        ("a nested metadata", json!({ "externalId": "a", "metadata": { "a": { "b": 1 } } })),
        ("a large metadata", json!({ "externalId": "a", "metadata": { "a": "x".repeat(4096) } })),
    ];
    refused(&world, "/users", &cases).await;
    world.make("/users", &json!({ "externalId": "jane" })).await;
    assert_eq!(code(&world.post("/users", &json!({ "externalId": "jane" })).await), (409, "conflict"));
    assert_eq!(code(&world.get("/users/nobody").await), (404, "user_not_found"));
    assert_eq!(world.get("/users/jane").await.0, 200, "by the external id");
}

#[tokio::test]
async fn conversations_without_their_one_participant() {
    let world = World::new().await;
    let (user, id) = world.conversation().await;
    let with = |participants: Value| json!({ "type": "personal", "participants": participants });
    let cases = [
        ("no type", json!({ "participants": [{ "userId": user }] })),
        ("nobody", with(json!([]))),
        ("two", with(json!([{ "userId": user }, { "userId": user }]))),
        ("both ids", with(json!([{ "userId": user, "userExternalId": "jane" }]))),
        ("neither id", with(json!([{ "subscribeSDKClient": false }]))),
        ("a second one, without multi-conversations", with(json!([{ "userId": user }]))),
    ];
    refused(&world, "/conversations", &cases).await;
    let stranger = with(json!([{ "userId": "nobody" }]));
    assert_eq!(code(&world.post("/conversations", &stranger).await), (404, "user_not_found"));
    for path in [
        "/conversations".to_owned(),
        format!("/conversations?filter[userId]={user}&filter[userExternalId]=jane"),
        format!("/conversations?filter[userId]={user}&page[size]=101"),
        format!("/conversations?userId={user}"),
    ] {
        assert_eq!(code(&world.get(&path).await), BAD, "{path}");
    }
    let (_, list) = world.get(&format!("/conversations?filter[userId]={user}")).await;
    assert_eq!(list["conversations"][0]["id"], json!(id));
    assert_eq!(code(&world.get("/conversations/nowhere").await), (404, "conversation_not_found"));
}

#[tokio::test]
async fn with_multi_conversations_there_may_be_a_second_one() {
    let world = World::with(Config { multi_conversations: true, ..Config::default() }).await;
    let (user, first) = world.conversation().await;
    let body = json!({ "type": "personal", "participants": [{ "userExternalId": "jane" }] });
    let second = world.make("/conversations", &body).await;
    assert_eq!(second["conversation"]["isDefault"], json!(false));
    let (_, list) = world.get(&format!("/conversations?filter[userId]={user}&page[size]=1")).await;
    assert_eq!(list["conversations"][0]["id"], json!(first));
    assert_eq!(list["meta"]["hasMore"], json!(true));
}

#[tokio::test]
async fn messages_of_nobody_or_of_nothing() {
    let world = World::new().await;
    let (user, id) = world.conversation().await;
    let other = world.make("/users", &json!({ "externalId": "joe" })).await;
    let by = |author: Value| json!({ "author": author, "content": { "type": "text", "text": "Hi" } });
    let of = |content: Value| json!({ "author": { "type": "user", "userId": user }, "content": content });
    let text = |text: String| of(json!({ "type": "text", "text": text }));
    let cases = [
        ("no author", json!({ "content": { "type": "text", "text": "Hi" } })),
        ("another author", by(json!({ "type": "agent" }))),
        ("a user without id", by(json!({ "type": "user" }))),
        ("a business with a user's id", by(json!({ "type": "business", "userId": user }))),
        ("a stranger", by(json!({ "type": "user", "userId": other["user"]["id"] }))),
        ("no content", json!({ "author": { "type": "business" } })),
        ("no text", text(String::new())),
        ("a blank text", text(" \n".to_owned())),
        ("a long text", text("x".repeat(4097))),
        ("a text too long in UTF-16", text("💥".repeat(2049))),
        ("two formats", of(json!({ "type": "text", "htmlText": "<b>a</b>", "markdownText": "a" }))),
        ("an image without address", of(json!({ "type": "image" }))),
        ("a file whose address is none", of(json!({ "type": "file", "mediaUrl": "here" }))),
        (
            "what is read-only",
            of(json!({ "type": "file", "mediaUrl": "https://a.example/", "mediaSize": 1 })),
        ),
        ("an unknown content", of(json!({ "type": "hologram" }))),
        (
            "a nested metadata",
            json!({ "author": { "type": "business" }, "content": { "type": "text", "text": "a" }, "metadata": { "a": [] } }),
        ),
    ];
    refused(&world, &format!("/conversations/{id}/messages"), &cases).await;
    let nowhere = world.post("/conversations/nowhere/messages", &business("Hi")).await;
    assert_eq!(code(&nowhere), (404, "conversation_not_found"));
    let taken = text(format!("{}💥", "x".repeat(4094)));
    world.make(&format!("/conversations/{id}/messages"), &taken).await;
}

#[tokio::test]
async fn a_conversation_that_is_full_is_locked() {
    let world = World::with(Config { message_limit: 1, ..Config::default() }).await;
    let (user, id) = world.conversation().await;
    let path = format!("/conversations/{id}/messages");
    world.make(&path, &says(&user, "One")).await;
    assert_eq!(code(&world.post(&path, &says(&user, "Two")).await), (423, "locked"));
}

#[tokio::test]
async fn lists_of_messages_with_a_wrong_cursor() {
    let world = World::new().await;
    let (_, id) = world.conversation().await;
    for query in ["page[before]=nothing", "page[size]=5"] {
        assert_eq!(code(&world.get(&format!("/conversations/{id}/messages?{query}")).await), BAD);
    }
    assert_eq!(code(&world.get("/conversations/nowhere/messages").await), (404, "conversation_not_found"));
}

#[tokio::test]
async fn customers_who_type() {
    let world = World::new().await;
    let (user, id) = world.conversation().await;
    let path = format!("/conversations/{id}/activity");
    let customer = json!({ "type": "user", "userId": user });
    let cases = [
        ("typing", json!({ "author": customer, "type": "typing:start" })),
        ("no type", json!({ "author": customer })),
        ("no author", json!({ "type": "conversation:read" })),
    ];
    refused(&world, &path, &cases).await;
    world.make(&path, &json!({ "author": customer, "type": "conversation:read" })).await;
    world.make(&path, &json!({ "author": { "type": "business" }, "type": "typing:start" })).await;
}

#[tokio::test]
async fn control_without_target_or_for_what_is_not_there() {
    let world = World::new().await;
    let (_, id) = world.conversation().await;
    for action in ["passControl", "offerControl"] {
        let path = format!("/conversations/{id}/{action}");
        refused(
            &world,
            &path,
            &[("no target", json!({})), ("an empty one", json!({ "switchboardIntegration": "" }))],
        )
        .await;
        let unknown = world.post(&path, &json!({ "switchboardIntegration": "nobody" })).await;
        assert_eq!(code(&unknown), (400, "switchboard_integration_not_found"));
        let nested = json!({ "switchboardIntegration": "handover", "metadata": { "a": {} } });
        refused(&world, &path, &[("a nested metadata", nested)]).await;
        let nowhere = world
            .post(
                &format!("/conversations/nowhere/{action}"),
                &json!({ "switchboardIntegration": "handover" }),
            )
            .await;
        assert_eq!(code(&nowhere), (404, "conversation_not_found"));
    }
    let place = format!("/conversations/{id}");
    refused(&world, &format!("{place}/acceptControl"), &[("nothing was offered", json!({}))]).await;
    world.make(&format!("{place}/passControl"), &json!({ "switchboardIntegration": "handover" })).await;
    let own = [("the active one", json!({ "switchboardIntegration": "handover" }))];
    refused(&world, &format!("{place}/offerControl"), &own).await;
    refused(
        &world,
        &format!("{place}/releaseControl"),
        &[("a nested metadata", json!({ "metadata": { "a": {} } }))],
    )
    .await;
    let nowhere = world.post("/conversations/nowhere/releaseControl", &json!({})).await;
    assert_eq!(code(&nowhere), (404, "conversation_not_found"));
    let (status, _) = answer(world.request(Method::POST, &format!("{place}/releaseControl"))).await;
    assert_eq!(status, 200, "its body may be left out");
}

fn form(name: &str, head: &str, body: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n{body}\r\n--b--\r\n")
}

#[tokio::test]
async fn uploads_that_are_no_files() {
    let world = World::new().await;
    let (_, id) = world.conversation().await;
    let file = "; filename=\"a.txt\"\r\nContent-Type: text/plain";
    let upload = |query: String, kind: &'static str, body: String| {
        let request = world.request(Method::POST, &format!("/attachments?{query}"));
        answer(request.header("content-type", kind).body(body))
    };
    let kind = "multipart/form-data; boundary=b";
    let good = format!("access=public&for=message&conversationId={id}");
    let (status, made) = upload(good.clone(), kind, form("source", file, "Hello")).await;
    assert_eq!((status, &made["attachment"]["mediaType"]), (201, &json!("text/plain")));
    for (what, query, kind, body, expected) in [
        ("no access", "for=message".to_owned(), kind, form("source", file, "a"), BAD),
        ("private access", "access=private".to_owned(), kind, form("source", file, "a"), BAD),
        ("another container", "access=public&for=user".to_owned(), kind, form("source", file, "a"), BAD),
        ("no source", good.clone(), kind, form("file", file, "a"), BAD),
        ("no name", good.clone(), kind, form("source", "", "a"), BAD),
        ("nothing in it", good.clone(), kind, form("source", file, ""), BAD),
        ("no form", good.clone(), "text/plain", "a".to_owned(), (415, "unsupported_media_type")),
        (
            "no conversation",
            "access=public&conversationId=x".to_owned(),
            kind,
            form("source", file, "a"),
            (404, "conversation_not_found"),
        ),
    ] {
        assert_eq!(code(&upload(query, kind, body).await), expected, "{what}");
    }
    let url = made["attachment"]["mediaUrl"].as_str().unwrap();
    let path = url.split_once("/sc").unwrap().1;
    assert_eq!(answer(world.nobody(path)).await.0, 401, "attachments are private");
    let fetched =
        world.nobody(path).basic_auth("app_simulated", Some("simulated-secret")).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "text/plain");
    assert_eq!(fetched.text().await.unwrap(), "Hello");
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large() {
    let world = World::new().await;
    let send = |kind: &'static str, body: String| {
        answer(world.request(Method::POST, "/users").header("content-type", kind).body(body))
    };
    assert_eq!(code(&send("text/plain", "{}".to_owned()).await), (415, "unsupported_media_type"));
    assert_eq!(code(&send("application/json", "{".to_owned()).await), BAD);
    assert_eq!(code(&send("application/json", "[]".to_owned()).await), BAD);
    let large = json!({ "externalId": "a", "metadata": { "a": "x".repeat(110_000) } }).to_string();
    assert_eq!(code(&send("application/json", large).await), (413, "payload_too_large"));
    assert_eq!(code(&world.get("/nothing").await), (404, "not_found"));
}
