//! Recorded exchanges: what must be asked, and what the live chat answers.

use std::path::Path;

use handover_connector::http::{Error, Method, Request, Response};
use handover_connector::{Attribute, testing};
use serde_json::Value;

/// A recorded JSON file.
pub fn fixture(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// As it would come over the wire.
pub fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(format!("{name}.json"))).unwrap()
}

/// Makes a call while the live chat answers as recorded, and holds what was asked against the record.
pub fn replay<T>(name: &str, call: impl FnOnce() -> T) -> T {
    let record = fixture(name);
    let answer = record["answer"].clone();
    let status = answer["status"].as_u64().unwrap().try_into().unwrap();
    let (outcome, asked) = with_answer(move || testing::json(status, &answer["body"]), call);
    assert_eq!(asked.len(), 1, "{name}: one request");
    assert_eq!(record["request"]["method"], "POST", "{name}");
    assert_eq!(asked[0].method, Method::Post, "{name}");
    assert_eq!(asked[0].path, record["request"]["path"].as_str().unwrap(), "{name}");
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(body, record["request"]["body"], "{name}");
    outcome
}

/// Makes a call while the live chat answers everything in this way.
pub fn with_answer<T>(
    answer: impl Fn() -> Result<Response, Error> + 'static,
    call: impl FnOnce() -> T,
) -> (T, Vec<Request>) {
    testing::with_vendor(
        move |upstream, request| {
            assert_eq!(upstream, "api");
            assert_eq!(request.host, None);
            let json = Attribute { name: "content-type".to_owned(), value: "application/json".to_owned() };
            assert_eq!(request.headers, [json]);
            answer()
        },
        call,
    )
}

/// A status with a header, and nothing of use in the body.
pub fn status(status: u16, header: Option<(&str, &str)>) -> Result<Response, Error> {
    let headers = header.map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() });
    Ok(Response { status, headers: headers.into_iter().collect(), body: b"<html>".to_vec() })
}
