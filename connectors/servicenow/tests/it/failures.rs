//! What a request that is not answered with success means, and whether it may be made again.

use handover_connector::http::{Error, Response};
use handover_connector::{
    Attribute, Connector, EndReason, Failure, FailureReason, RetryAdvice, Update, testing,
};
use serde_json::json;
use servicenow::ServiceNow;

use crate::exchange::{message, replay, session, with_answer};

fn status(status: u16, header: Option<(&str, &str)>) -> Result<Response, Error> {
    let headers = header.map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() });
    Ok(Response { status, headers: headers.into_iter().collect(), body: b"{}".to_vec() })
}

fn sent(answer: impl Fn() -> Result<Response, Error> + 'static) -> Failure {
    let send = || ServiceNow::send(testing::context_of::<ServiceNow>(&json!({})), session(), message("hi"));
    with_answer(answer, send).0.unwrap_err()
}

#[test]
fn a_start_that_fails_names_the_key_at_fault() {
    let misconfigured = |key: &str| FailureReason::Misconfigured(key.to_owned());
    for (name, reason) in [
        ("start-unauthorized", misconfigured("credentials.api")),
        ("start-at-the-wrong-address", misconfigured("upstreams.api.base_url")),
        ("start-disabled", misconfigured("upstreams.api.base_url")),
        ("start-told-failure", FailureReason::Rejected),
    ] {
        let start =
            || ServiceNow::start(testing::context_of::<ServiceNow>(&json!({})), testing::new_session());
        let failure = replay(name, start).unwrap_err();
        assert_eq!((failure.reason, failure.retry), (reason, RetryAdvice::Never), "{name}");
    }
}

#[test]
fn a_status_says_whether_it_may_be_sent_again() {
    let misconfigured = |key: &str| FailureReason::Misconfigured(key.to_owned());
    for (code, after, reason, retry) in [
        (400, None, FailureReason::Rejected, RetryAdvice::Never),
        (403, None, misconfigured("credentials.api"), RetryAdvice::Never),
        (404, None, misconfigured("upstreams.api.base_url"), RetryAdvice::Never),
        (410, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (413, None, FailureReason::TooLarge, RetryAdvice::Never),
        (429, Some("3"), FailureReason::RateLimited, RetryAdvice::Safe(Some(3_000))),
        (429, None, FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (503, Some("2"), FailureReason::Unavailable, RetryAdvice::Safe(Some(2_000))),
        (500, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (503, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (302, None, FailureReason::Rejected, RetryAdvice::Never),
    ] {
        let failure = sent(move || status(code, after.map(|after| ("Retry-After", after))));
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{code} {after:?}");
        assert_eq!(failure.detail, format!("the vendor answered {code}"));
    }
}

#[test]
fn a_lost_answer_leaves_open_whether_it_was_taken() {
    for error in [Error::TimedOut, Error::Broken] {
        assert_eq!(sent(move || Err(error("why".to_owned()))).retry, RetryAdvice::UnknownOutcome);
    }
    assert_eq!(sent(|| Err(Error::Unreachable("why".to_owned()))).retry, RetryAdvice::Safe(None));
}

#[test]
fn a_page_is_no_answer_of_the_api() {
    let page = || {
        Ok(Response { status: 200, headers: Vec::new(), body: b" <!DOCTYPE html><p>Hibernating".to_vec() })
    };
    let failure = sent(page);
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert!(!failure.detail.contains("Hibernating"), "{}", failure.detail);
}

#[test]
fn a_conversation_that_is_gone_has_ended_and_a_wrong_address_is_told() {
    let end = |code: u16| {
        let end =
            || ServiceNow::end(testing::context_of::<ServiceNow>(&json!({})), session(), EndReason::Customer);
        with_answer(move || status(code, None), end).0
    };
    assert_eq!(end(410), Ok(Update { state: None, tokens: None }));
    assert!(end(404).is_err());
}
