//! Recorded exchanges: what must be asked, and what the instance answers.

use std::path::Path;

use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{Message, Session, TextFormat, testing};
use serde_json::{Map, Value, json};

pub const SESSION: &str = "0193a5c8-0000-7000-8000-000000000001";

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// Makes a call while the instance answers as recorded, and holds what was asked against the record.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let answer = record["answer"].clone();
    let status = answer["status"].as_u64().unwrap().try_into().unwrap();
    let (outcome, asked) = with_answer(move || testing::json(status, &answer["body"]), call);
    assert_eq!(asked.len(), 1, "{name}: one request");
    let headers: Map<String, Value> =
        asked[0].headers.iter().map(|header| (header.name.clone(), json!(header.value))).collect();
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(asked[0].method, Method::Post, "{name}");
    assert_eq!(json!(asked[0].path), record["request"]["path"], "{name}");
    assert_eq!(Value::Object(headers), record["request"]["headers"], "{name}");
    assert_eq!(body, record["request"]["body"], "{name}");
    outcome
}

/// Makes a call while the instance answers everything in this way.
pub fn with_answer<T>(
    answer: impl Fn() -> Result<Response, Error> + 'static,
    call: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    testing::with_vendor(
        move |upstream, request| {
            assert_eq!((upstream, &request.host), ("api", &None));
            answer()
        },
        call,
    )
}

pub fn success() -> Result<Response, Error> {
    testing::json(200, &json!({ "status": "success" }))
}

pub fn session() -> Session {
    testing::session(SESSION, &json!({ "user": SESSION }).to_string())
}

pub fn message(text: &str) -> Message {
    Message {
        id: "0193a5c8-0000-7000-8000-00000000000a".to_owned(),
        attempt: 1,
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
        time: 1_763_846_645_120,
    }
}
