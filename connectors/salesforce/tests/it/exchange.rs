//! Recorded exchanges: what must be asked, in order, and what Salesforce answers.

use std::path::Path;

use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{Attribute, Context, Message, Session, TextFormat, testing};
use salesforce::Salesforce;
use serde_json::{Value, json};

/// The conversation of [`session`]: its id in the form of a version 4 UUID.
pub const CONVERSATION: &str = "0193a5c8-0000-4000-8000-000000000001";

/// What [`message`] is called at the vendor.
pub const MESSAGE: &str = "0193a5c8-0000-4000-8000-00000000000a";

/// When the token in the fixtures was made, and how long it is good, in milliseconds.
pub const ISSUED: u64 = 1_763_846_645_000;
pub const LIFE: u64 = 21_600_000;

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

pub fn settings() -> Value {
    json!({ "organization": "00Dxx0000001gErEAI", "deployment": "Custom_Client" })
}

pub fn known() -> Value {
    let mut settings = settings();
    settings["identity"] = json!({ "issuer": "acme", "key_id": "key-1" });
    settings
}

pub fn context() -> Context {
    testing::context_of::<Salesforce>(&settings())
}

pub fn at(now: u64) -> Context {
    Context { now, ..context() }
}

/// The visitor in the session's tokens, as the connector keeps it.
pub fn tokens(name: &str) -> String {
    let token = fixture("tokens")[name].clone();
    json!({ "access_token": token, "issued": ISSUED, "expires": ISSUED + LIFE, "tried": 0 }).to_string()
}

/// A session that has begun.
pub fn session() -> Session {
    Session { tokens: Some(tokens("guest")), ..testing::session(CONVERSATION, r#"{"event":"2147867834"}"#) }
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

/// Makes a call while Salesforce answers as recorded, and holds what was asked against the record. `ANY` and `OPENING`
/// stand for ids of ours, which are only held against the form of a UUID.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let exchanges = record["exchanges"].as_array().unwrap().clone();
    let answers: Vec<Value> = exchanges.iter().map(|exchange| exchange["answer"].clone()).collect();
    let mut answers = answers.into_iter();
    let (outcome, asked) = testing::with_vendor(
        move |upstream, _| {
            assert_eq!(upstream, "api");
            let answer = answers.next().expect("no further request");
            answered(answer["status"].as_u64().unwrap().try_into().unwrap(), &answer["body"])
        },
        call,
    );
    assert_eq!(asked.len(), exchanges.len(), "{name}: so many requests");
    for (request, exchange) in asked.iter().zip(&exchanges) {
        compare(name, request, &exchange["request"]);
    }
    outcome
}

/// An answer; null is no body.
pub fn answered(status: u16, body: &Value) -> Result<Response, Error> {
    if body.is_null() {
        return Ok(Response { status, headers: Vec::new(), body: Vec::new() });
    }
    testing::json(status, body)
}

/// Makes a call while Salesforce answers everything in this way.
pub fn with_answer<T>(
    answer: impl Fn() -> Result<Response, Error> + 'static,
    call: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    testing::with_vendor(move |_, _| answer(), call)
}

/// A status with a header, and nothing of use in the body.
pub fn status(status: u16, header: Option<(&str, &str)>) -> Result<Response, Error> {
    let headers = header.map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() });
    Ok(Response { status, headers: headers.into_iter().collect(), body: b"<html>".to_vec() })
}

pub fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

pub fn is_uuid(id: &str) -> bool {
    let places = |place: usize, byte: u8| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => b"89ab".contains(&byte),
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    id.len() == 36 && id.bytes().enumerate().all(|(place, byte)| places(place, byte))
}

fn compare(name: &str, request: &Request, record: &Value) {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
        other => panic!("{name}: {other:?} is never used"),
    };
    assert_eq!(method, record["method"], "{name}");
    assert_eq!(request.path, record["path"].as_str().unwrap(), "{name}");
    assert_eq!(request.host, None, "{name}");
    let headers: serde_json::Map<String, Value> =
        request.headers.iter().map(|header| (header.name.clone(), json!(header.value))).collect();
    assert_eq!(Value::Object(headers), record["headers"], "{name}");
    match &record["body"] {
        Value::Null => assert!(request.body.is_empty(), "{name}"),
        recorded => {
            let mut asked = body(request);
            blank(&mut asked, recorded);
            assert_eq!(&asked, recorded, "{name}");
        }
    }
}

/// Puts the record's placeholder where a UUID stands.
fn blank(asked: &mut Value, recorded: &Value) {
    match (asked, recorded) {
        (Value::Object(asked), Value::Object(recorded)) => {
            for (name, value) in asked {
                blank(value, recorded.get(name).unwrap_or(&Value::Null));
            }
        }
        (Value::Array(asked), Value::Array(recorded)) => {
            asked.iter_mut().zip(recorded).for_each(|(asked, recorded)| blank(asked, recorded));
        }
        (asked, recorded) if recorded == "ANY" || recorded == "OPENING" => {
            assert!(is_uuid(asked.as_str().unwrap()), "{asked}");
            *asked = recorded.clone();
        }
        _ => {}
    }
}
