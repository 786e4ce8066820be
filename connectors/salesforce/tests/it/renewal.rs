//! The visitor's token is renewed before it expires, as far as Salesforce lets it be.

use handover_connector::testing::{Asked, Made};
use handover_connector::{Connector, Context, Feed, Session, testing};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{
    ISSUED, LIFE, answered, at, fixture, known, message, replay, session, status, tokens, with_answer,
};

/// In the last quarter of the token's life.
const DUE: u64 = ISSUED + LIFE - LIFE / 4;

fn stored(tokens: Option<String>) -> Value {
    serde_json::from_str(&tokens.expect("they are stored")).unwrap()
}

fn list() -> Value {
    json!({ "conversationEntries": [] })
}

#[test]
fn a_poll_stores_the_token_that_continues_the_visitor_and_uses_it() {
    let batch = replay("continuation", || Salesforce::poll(at(DUE), session(), None)).unwrap();
    let tokens = stored(batch.update.tokens);
    assert_eq!(tokens["access_token"], fixture("tokens")["later"]);
    assert_eq!(tokens["expires"], json!(1_763_888_245_000_u64));
}

#[test]
fn a_continuation_that_extends_nothing_is_not_asked_for_again_at_once() {
    let name = "continuation-that-extends-nothing";
    let batch = replay(name, || Salesforce::poll(at(DUE), session(), None)).unwrap();
    let tokens = batch.update.tokens.unwrap();
    assert_eq!(stored(Some(tokens.clone()))["tried"], json!(DUE));
    let asked = |now| {
        let session = Session { tokens: Some(tokens.clone()), ..session() };
        with_answer(|| answered(200, &list()), || Salesforce::poll(at(now), session, None)).1.len()
    };
    assert_eq!(asked(DUE + 299_999), 1);
    assert_eq!(asked(DUE + 300_000), 2);
}

#[test]
fn nothing_is_renewed_before_its_time() {
    let call = || Salesforce::poll(at(DUE - 1), session(), None);
    let (batch, asked) = with_answer(|| answered(200, &list()), call);
    assert_eq!((batch.unwrap().update.tokens, asked.len()), (None, 1));
}

#[test]
fn a_message_renews_too_and_goes_out_even_where_that_fails() {
    let vendor = |_: &str, request: &handover_connector::http::Request| {
        if request.path.contains("continuation") { status(500, None) } else { status(202, None) }
    };
    let call = || Salesforce::send(at(DUE), session(), message("hi"));
    let (sent, asked) = testing::with_vendor(vendor, call);
    assert_eq!(asked.len(), 2);
    assert_eq!(stored(sent.unwrap().update.tokens)["tried"], json!(DUE));
}

#[test]
fn a_known_customer_comes_in_again_even_after_the_token_has_expired() {
    let later = fixture("tokens")["later"].clone();
    for now in [DUE, ISSUED + LIFE + 1] {
        let granted = json!({ "accessToken": later, "context": { "endUser": { "subject": "v2/iamessage/AUTH/k/uid:x" } } });
        let vendor = move |_: &str, request: &handover_connector::http::Request| {
            if request.path.ends_with("/authenticated/access-token") {
                answered(200, &granted)
            } else {
                answered(200, &list())
            }
        };
        let context = Context { now, ..testing::context_of::<Salesforce>(&known()) };
        let session = Session { tokens: Some(tokens("known")), ..session() };
        let vouch = |_: &Asked<'_>| Ok(Made::Token("signed".to_owned()));
        let call = || testing::with_crypto(vouch, || Salesforce::poll(context, session, None));
        let (batch, asked) = testing::with_vendor(vendor, call);
        assert_eq!(asked.len(), 2);
        assert_eq!(stored(batch.unwrap().update.tokens)["access_token"], later);
    }
}

#[test]
fn a_token_that_does_not_say_how_long_it_is_good_is_left_alone() {
    let granted = || answered(200, &json!({ "accessToken": "opaque", "lastEventId": 7 }));
    let start = || Salesforce::start(at(ISSUED), testing::new_session());
    let Ok(handover_connector::StartOutcome::Continue(progress)) = with_answer(granted, start).0 else {
        panic!("a step")
    };
    let state: Value = serde_json::from_str(&progress.state).unwrap();
    assert_eq!(state, json!({ "event": "7", "done": 0 }));
    let session = Session { tokens: progress.tokens, ..session() };
    let call = || Salesforce::poll(at(ISSUED + 100 * LIFE), session, None);
    assert_eq!(with_answer(|| answered(200, &list()), call).1.len(), 1);
}
