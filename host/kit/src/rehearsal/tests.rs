//! What the vendor of a rehearsal answers and sends where a scenario tells more than the healthy way.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stage::Stage;
use crate::scenario::{Body, Scenario};
use crate::template::Names;
use crate::vendor::{Asked, Reply, Script};

const DESK: &str = r#"
[upstreams.api]
[exchanges.begin]
request = "POST /conversations"
answer = { json = { id = "c_17" } }
[exchanges.open]
request = "GET /departments/support"
answer = { json = { open = true } }
[exchanges.closed]
request = "GET /departments/support"
answer = { json = { open = false } }
[start]
exchanges = ["begin"]
lookup_keys = ["c_17"]
[send]
exchanges = []
[end]
exchanges = []
[[availability]]
name = "nobody"
exchanges = ["closed"]
anybody = false
[[availability]]
name = "somebody"
exchanges = ["open"]
anybody = true
[[callback]]
name = "two close"
json = { events = [{ id = "e-1", conversation = "c_17" }, { id = "e-2", conversation = "c_18" }] }
events = [{ ended = "live-agent", key = "c_17", id = "e-1" }, { ended = "live-agent", key = "c_18", id = "e-2" }]
[[callback]]
name = "one closes"
json = { events = [{ id = "e-3", conversation = "c_19" }] }
events = [{ ended = "live-agent", key = "c_19", id = "e-3" }]
"#;

fn answered(stage: &mut Stage, method: &str, path: &str) -> Value {
    let (upstream, method, path) = ("api".to_owned(), method.to_owned(), path.to_owned());
    let asked = Asked { upstream, method, path, headers: Vec::new(), body: Vec::new() };
    match stage.reply(&asked) {
        Reply::Answer { body, .. } => serde_json::from_slice(&body).unwrap(),
        Reply::Break | Reply::Hang => panic!("no answer"),
    }
}

#[test]
fn of_the_same_request_the_healthy_answer_is_given_however_often_it_is_made() {
    let mut stage = Stage::new(Scenario::parse(DESK).unwrap());
    for _ in 0..2 {
        assert_eq!(answered(&mut stage, "GET", "/departments/support"), json!({ "open": true }));
        answered(&mut stage, "POST", "/conversations");
    }
}

#[test]
fn of_two_that_are_alike_the_first_that_is_written_is_answered() {
    let text = DESK.replace("anybody = false", "anybody = true");
    let mut stage = Stage::new(Scenario::parse(&text).unwrap());
    assert_eq!(answered(&mut stage, "GET", "/departments/support"), json!({ "open": true }));
}

#[test]
fn what_is_of_another_conversation_stays_so_beside_what_is_of_this_one() {
    let mut stage = Stage::new(Scenario::parse(DESK).unwrap());
    let own = answered(&mut stage, "POST", "/conversations")["id"].clone();
    let sent = |stage: &mut Stage, offer| match stage.callback(offer, None, None).unwrap().body {
        Body::Json(json) => json,
        _ => panic!("no JSON"),
    };
    let two = sent(&mut stage, 0);
    assert_eq!(two["events"][0]["conversation"], own);
    assert_eq!(two["events"][1]["conversation"], "c_18");
    // Alone it is what is told of the conversation that is there.
    let one = sent(&mut stage, 1);
    assert_eq!(one["events"][0]["conversation"], own);
}

#[test]
fn what_comes_after_an_exchange_does_not_come_with_it() {
    let text = format!("{DESK}\n[exchanges.begin.after.begin]\nstatus = 409\njson = {{ id = \"c_17\" }}\n");
    let scenario = Scenario::parse(&text).unwrap();
    let begin = ("begin".to_owned(), scenario.exchanges["begin"].clone());
    let mut script = Script::new(vec![begin.clone(), begin], BTreeMap::new(), Names::default(), None);
    let mut status = || {
        let (upstream, method, path) = ("api".to_owned(), "POST".to_owned(), "/conversations".to_owned());
        match script.reply(Asked { upstream, method, path, headers: Vec::new(), body: Vec::new() }) {
            Reply::Answer { status, .. } => status,
            Reply::Break | Reply::Hang => panic!("no answer"),
        }
    };
    assert_eq!((status(), status()), (200, 409));
}
