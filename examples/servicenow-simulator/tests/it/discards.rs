//! What is answered with success and does not count; and what is refused at the door.

use serde_json::{Value, json};

use crate::instance::{Answer, Instance, PATH, agent_request, read, said};

#[tokio::test]
async fn what_lacks_something_or_has_the_wrong_shape_is_discarded_and_says_why() {
    let instance = Instance::open().await;
    let with = |name: &str, value: Value| {
        let mut body = agent_request();
        body[name] = value;
        body
    };
    let turn = |name: &str, value: Value| {
        let mut body = agent_request();
        body["history"][0][name] = value;
        body
    };
    let file = |name: &str, value: Value| {
        let mut file = json!({ "contentType": "image/png", "fileName": "a", "url": "https://a.example/a" });
        file[name] = value;
        with("message", json!({ "attachment": file }))
    };
    for (operation, body) in [
        // AGENT
        ("discarded.user", with("userId", Value::Null)),
        ("discarded.user", with("userId", json!(""))),
        ("discarded.text", with("message", json!({ "typed": true }))),
        ("discarded.text", with("message", json!({ "text": " ", "typed": true }))),
        ("discarded.action", with("action", json!("HUMAN"))),
        ("discarded.action", with("action", json!(7))),
        ("discarded.shape", json!([])),
        ("discarded.shape", with("message", json!("hi"))),
        ("discarded.shape", with("message", json!({ "text": 7 }))),
        ("discarded.shape", with("message", json!({ "text": "hi", "typed": "yes" }))),
        ("discarded.shape", with("requestId", json!(7))),
        ("discarded.shape", with("timestamp", json!("1588824102"))),
        ("discarded.shape", with("contextVariables", json!([]))),
        ("discarded.shape", with("clientVariables", json!("x"))),
        ("discarded.shape", with("history", json!({}))),
        ("discarded.shape", turn("isBotMessage", json!("true"))),
        ("discarded.shape", turn("type", json!("html"))),
        ("discarded.shape", turn("timestamp", json!(1_739_866_290_393_u64))),
        ("discarded.shape", turn("timestamp", json!("1739866290"))),
        ("discarded.shape", file("contentType", json!("image/tiff"))),
        ("discarded.shape", file("fileName", Value::Null)),
        ("discarded.shape", file("url", json!("a"))),
        // END_CONVERSATION, FAULT_CONVERSATION, SEND_HISTORY, UPDATE_MESSAGES, TYPING, no action
        ("discarded.text", said(json!({ "action": "END_CONVERSATION", "message": { "text": "bye" } }))),
        ("discarded.shape", said(json!({ "action": "FAULT_CONVERSATION" }))),
        ("discarded.shape", said(json!({ "action": "SEND_HISTORY" }))),
        (
            "discarded.shape",
            said(json!({ "action": "UPDATE_MESSAGES", "message": { "id": "a", "status": "sent_to_user" } })),
        ),
        (
            "discarded.shape",
            said(json!({ "action": "UPDATE_MESSAGES", "message": [{ "id": "a", "status": "read" }] })),
        ),
        ("discarded.user", json!({ "action": "TYPING", "clientSessionId": "s-1" })),
        ("discarded.text", said(json!({}))),
    ] {
        let (met, why) = instance.discarded(body.clone()).await;
        assert_eq!(met, operation, "{body}: {why}");
    }
    assert!(instance.conversations().is_empty());
    assert!(instance.gateway.callbacks().is_empty());
}

#[tokio::test]
async fn what_is_no_json_or_no_post_is_refused_in_the_platforms_words() {
    let instance = Instance::open().await;
    let send = |body: &'static str, kind: &'static str| {
        instance.request(PATH).header("content-type", kind).body(body).send()
    };
    let told =
        |answer: &Answer| answer.body["error"]["message"].is_string() && answer.body["status"] == "failure";
    for (body, kind, status) in
        [("{", "application/json", 400), ("{}", "text/plain", 415), ("{}", "application/json", 200)]
    {
        let answer = read(send(body, kind).await.unwrap()).await;
        assert_eq!(answer.status, status, "{body} {kind}");
        assert!(status == 200 || told(&answer), "{answer:?}");
    }
    let url = format!("{}{PATH}", instance.running.url());
    let answer = read(instance.client.get(url).send().await.unwrap()).await;
    assert!(answer.status == 405 && told(&answer), "{answer:?}");
}

#[tokio::test]
async fn faults_meet_operations_by_their_names() {
    let instance = Instance::open().await;
    instance.running.desk().set_faults([agent_desk::Fault::status("start", 503).times(1)]).unwrap();
    let answer = instance.post(&agent_request()).await;
    assert_eq!((answer.status, &answer.body["status"]), (503, &json!("failure")));
    assert!(instance.conversations().is_empty());
    instance.tell(agent_request()).await;
}

#[tokio::test]
async fn files_from_elsewhere_are_not_fetched() {
    let config = servicenow_simulator::Config {
        trusted_domains: vec!["files.example".to_owned()],
        ..servicenow_simulator::Config::default()
    };
    let instance = Instance::with(config).await;
    let id = instance.start().await;
    for host in ["files.example", "elsewhere.example"] {
        let file =
            json!({ "contentType": "text/plain", "fileName": "a", "url": format!("https://{host}/a") });
        instance.tell(said(json!({ "message": { "text": "Look", "attachment": file } }))).await;
    }
    assert_eq!(instance.conversation(&id)["messages"].as_array().unwrap().len(), 1);
    assert!(instance.running.syslog().pop().unwrap().why.contains("trusted domains"));
}
