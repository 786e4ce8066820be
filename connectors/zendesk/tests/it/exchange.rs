//! Recorded exchanges: what must be asked, one after the other, and what Zendesk answers.

use std::collections::VecDeque;
use std::path::Path;

use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{
    Attachment, Attribute, Connector, Context, Failure, Message, NewSession, Session, StartOutcome,
    TextFormat, testing,
};
use serde_json::{Value, json};
use zendesk::Zendesk;

/// The session's id, as `testing` has it.
pub const SESSION: &str = "0193a5c8-0000-7000-8000-000000000001";

/// A message's id.
pub const MESSAGE: &str = "0193a5c8-0000-7000-8000-00000000000a";

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let bytes = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Makes calls while Zendesk answers as recorded, and holds what was asked against the record.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let exchanges = record["exchanges"].as_array().unwrap().clone();
    let mut answers: VecDeque<Value> = exchanges.iter().map(|exchange| exchange["answer"].clone()).collect();
    let (outcome, asked) = testing::with_vendor(
        move |upstream, _| {
            assert_eq!(upstream, "api");
            match answers.pop_front() {
                Some(answer) => response(&answer),
                None => Err(Error::Unreachable("no more is recorded".to_owned())),
            }
        },
        call,
    );
    let asked: Vec<Value> = asked.iter().map(request).collect();
    let expected: Vec<Value> = exchanges.iter().map(|exchange| exchange["request"].clone()).collect();
    for (number, (asked, expected)) in asked.iter().zip(&expected).enumerate() {
        assert_eq!(asked, expected, "{name}, request {number}");
    }
    assert_eq!(asked.len(), expected.len(), "{name}: as many requests");
    outcome
}

fn response(answer: &Value) -> Result<Response, Error> {
    let status = answer["status"].as_u64().unwrap().try_into().unwrap();
    testing::json(status, &answer["body"])
}

/// A request as the records have it; a form as its lines.
fn request(request: &Request) -> Value {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        other => panic!("{other:?}"),
    };
    let mut seen = json!({ "method": method, "path": request.path });
    if let Ok(body) = serde_json::from_slice::<Value>(&request.body) {
        seen["body"] = body;
    } else if !request.body.is_empty() {
        let text = String::from_utf8_lossy(&request.body);
        seen["form"] = text.split("\r\n").collect::<Vec<_>>().into();
    }
    seen
}

/// Makes a call while Zendesk answers everything in this way; the outcome, and how often it was asked.
pub fn with_answer<T>(
    answer: impl Fn(&Request) -> Result<Response, Error> + 'static,
    call: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    testing::with_vendor(move |_, request| answer(request), call)
}

/// A status with a header and Zendesk's errors.
pub fn refusal(status: u16, code: &str, header: Option<(&str, &str)>) -> Result<Response, Error> {
    let mut response = testing::json(status, &json!({ "errors": [{ "code": code, "title": "No" }] }))?;
    response
        .headers
        .extend(header.map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() }));
    Ok(response)
}

/// The settings that are needed.
pub fn settings() -> Value {
    json!({ "app_id": "5ebee0975ac5304b664a12fa", "subdomain": "acme", "integration": "handover" })
}

pub fn context() -> Context {
    testing::context_of::<Zendesk>(&settings())
}

/// Settings besides those that are needed.
pub fn context_with(more: &Value) -> Context {
    let mut settings = settings();
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    testing::context_of::<Zendesk>(&settings)
}

/// Calls `start` until it is through, as the host does.
pub fn start(context: &Context, mut session: NewSession) -> Result<StartOutcome, Failure> {
    for _ in 0..10 {
        match Zendesk::start(context.clone(), session.clone())? {
            StartOutcome::Continue(progress) => session.progress = Some(progress.state),
            outcome => return Ok(outcome),
        }
    }
    panic!("it goes on for ever");
}

pub fn session() -> Session {
    let mut session = testing::session("c-1", "u-1");
    session.lookup_keys.push("user:u-1".to_owned());
    session
}

pub fn message(text: &str) -> Message {
    Message {
        id: MESSAGE.to_owned(),
        attempt: 1,
        author: None,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
        time: 1_763_846_645_120,
    }
}

pub fn file(name: &str, kind: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: kind.to_owned(),
        url: format!("https://handover.example/files/{name}"),
        size: None,
    }
}

pub fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}
