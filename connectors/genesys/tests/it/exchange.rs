//! Recorded exchanges: what must be asked, in order, and what Genesys answers.

use std::path::Path;

use genesys::Genesys;
use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{
    Attribute, Connector, Context, Failure, Message, Sent, Session, TextFormat, testing,
};
use serde_json::{Value, json};

/// The conversation's id.
pub const CONVERSATION: &str = "c0ffee00-0000-4000-8000-000000000001";
/// The session's id.
pub const SESSION: &str = "0193a5c8-0000-7000-8000-000000000001";
/// The id of the customer's message.
pub const MESSAGE: &str = "0193a5c8-0000-7000-8000-00000000000a";

/// What is set besides the integration.
pub fn context(more: Value) -> Context {
    let mut settings = json!({ "integration_id": "4b8fbf37-1c5e-4e7b-9f10-6d2a1f0c3e55" });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    testing::context_of::<Genesys>(&settings)
}

/// A session with a conversation.
pub fn session() -> Session {
    let mut session = testing::session(CONVERSATION, &json!({ "conversation": CONVERSATION }).to_string());
    session.lookup_keys.push(SESSION.to_owned());
    session
}

/// A message of the customer.
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

/// Sends it.
pub fn send(message: Message) -> Result<Sent, Failure> {
    Genesys::send(context(json!({})), session(), message)
}

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// As it would come over the wire.
pub fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(format!("{name}.json"))).unwrap()
}

/// Makes a call while Genesys answers as recorded, and holds what was asked against the record.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let exchanges = record["exchanges"].as_array().unwrap().clone();
    let mut answers = exchanges.clone().into_iter().map(|exchange| exchange["answer"].clone());
    let answer = move || {
        let answer = answers.next().unwrap_or_else(|| panic!("one request too many"));
        let mut response = testing::json(answer["status"].as_u64().unwrap() as u16, &answer["body"])?;
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            response.headers.push(header(name, value.as_str().unwrap()));
        }
        Ok(response)
    };
    let (outcome, asked) = with_answers(answer, call);
    assert_eq!(asked.len(), exchanges.len(), "{name}: requests");
    for (asked, exchange) in asked.iter().zip(&exchanges) {
        let request = &exchange["request"];
        assert_eq!(word(asked.method), request["method"], "{name}");
        assert_eq!(asked.path, request["path"].as_str().unwrap(), "{name}");
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        assert_eq!(body, request["body"], "{name}");
    }
    outcome
}

/// Makes a call while Genesys answers in this way.
pub fn with_answers<T>(
    mut answer: impl FnMut() -> Result<Response, Error> + 'static,
    call: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    testing::with_vendor(
        move |upstream, request| {
            assert_eq!(upstream, "api");
            assert_eq!(request.host, None);
            let json = [header("content-type", "application/json")];
            assert_eq!(request.headers, if request.body.is_empty() { &[][..] } else { &json[..] });
            answer()
        },
        call,
    )
}

/// A status with a header, and Genesys' own words for it.
pub fn status(status: u16, with: Option<(&str, &str)>) -> Result<Response, Error> {
    let body =
        json!({ "message": "secret text", "code": "some.code", "status": status, "contextId": "ctx-1" });
    let headers = with.map(|(name, value)| header(name, value)).into_iter().collect();
    Ok(Response { status, headers, body: body.to_string().into_bytes() })
}

fn header(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}
