//! The connector on this machine, against an Acme of a few lines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use acme_connector::Acme;
use handover_connector::{Connector, NewSession, StartOutcome, testing};
use serde_json::json;

#[test]
fn a_start_has_two_steps() {
    let acme =
        |_: &str, _: &_| testing::json(201, &json!({ "visitor": "v-1", "chat": "ch-1", "position": 3 }));
    let (first, asked) =
        testing::with_vendor(acme, || Acme::start(testing::context(&json!({})), testing::new_session()));
    assert_eq!(asked[0].path, "/visitors");
    let StartOutcome::Continue(done) = first.unwrap() else { panic!("there is more to do") };

    let again = NewSession { progress: Some(done.state), ..testing::new_session() };
    let (second, asked) = testing::with_vendor(acme, || Acme::start(testing::context(&json!({})), again));
    assert_eq!(asked[0].path, "/chats");
    assert!(String::from_utf8_lossy(&asked[0].body).starts_with("visitor=v-1&"));
    let StartOutcome::Started(started) = second.unwrap() else { panic!("it is there") };
    assert_eq!(started.lookup_keys, ["ch-1"]);
}
