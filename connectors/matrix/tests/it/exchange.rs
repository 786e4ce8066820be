//! Recorded exchanges: what must be asked, in order, and what Synapse 1.163 answers.

use std::collections::VecDeque;
use std::path::Path;

use handover_connector::http::{Method, Request};
use handover_connector::{Context, Message, NewSession, Session, TextFormat, testing};
use matrix::Matrix;
use serde_json::{Value, json};

pub const ROOM: &str = "!KfWEx0:example.org";
pub const GHOST: &str = "@_handover_msteams.29=3ajane:example.org";

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Makes a call while the homeserver answers as recorded, and holds what was asked against the record.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let exchanges = record["exchanges"].as_array().unwrap().clone();
    let mut answers: VecDeque<Value> = exchanges.iter().map(|one| one["answer"].clone()).collect();
    let (outcome, asked) = testing::with_vendor(
        move |upstream, _| {
            assert_eq!(upstream, "homeserver");
            let answer = answers.pop_front().expect("another request than recorded");
            testing::json(answer["status"].as_u64().unwrap().try_into().unwrap(), &answer["body"])
        },
        call,
    );
    for (asked, recorded) in asked.iter().zip(&exchanges) {
        let wanted = &recorded["request"];
        let line = format!("{} {}", method(asked), asked.path);
        assert_eq!(line, wanted["line"].as_str().unwrap(), "{name}");
        if !wanted["body"].is_null() {
            assert_eq!(body(asked), wanted["body"], "{name}: {line}");
        }
        assert!(asked.host.is_none());
    }
    assert_eq!(asked.len(), exchanges.len(), "{name}: as many requests");
    outcome
}

/// Makes a call while the homeserver answers everything in this way.
pub fn answered<T>(status: u16, said: &Value, call: impl FnOnce() -> T) -> (T, Vec<Request>) {
    let said = said.clone();
    testing::with_vendor(move |_, _| testing::json(status, &said), call)
}

pub fn method(request: &Request) -> &'static str {
    match request.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

pub fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

pub fn context_with(more: Value) -> Context {
    let mut settings = json!({ "server_name": "example.org", "agents": ["@ann:example.org"] });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    testing::context_of::<Matrix>(&settings)
}

pub fn context() -> Context {
    context_with(json!({}))
}

pub fn session() -> Session {
    testing::session(ROOM, &json!({ "ghost": GHOST }).to_string())
}

pub fn message(text: &str) -> Message {
    Message {
        id: "m-1".to_owned(),
        attempt: 1,
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
        time: 1_763_846_645_120,
    }
}

pub fn new_session(progress: Option<Value>) -> NewSession {
    NewSession {
        id: "s-1".to_owned(),
        progress: progress.map(|progress| progress.to_string()),
        ..testing::new_session()
    }
}
