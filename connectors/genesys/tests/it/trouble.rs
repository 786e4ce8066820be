//! Whether something may be asked again.

use genesys::Genesys;
use handover_connector::http::Error;
use handover_connector::{
    Connector, EndReason, Failure, FailureReason, Feed, Receipt, ReceiptOutcome, Reconcile, RetryAdvice,
    Signals,
};
use serde_json::json;

use crate::exchange::{context, message, send, session, status, with_answers};

type Call = fn() -> Result<(), Failure>;

fn sending() -> Result<(), Failure> {
    send(message("hi")).map(drop)
}

fn ending() -> Result<(), Failure> {
    Genesys::end(context(json!({})), session(), EndReason::Customer).map(drop)
}

fn looking() -> Result<(), Failure> {
    Genesys::poll(context(json!({})), session(), None).map(drop)
}

fn finding() -> Result<(), Failure> {
    Genesys::find(context(json!({})), session(), message("hi")).map(drop)
}

fn reporting() -> Result<(), Failure> {
    let receipt = Receipt { message_id: "a-1".to_owned(), outcome: ReceiptOutcome::Delivered };
    Genesys::report(context(json!({})), session(), receipt)
}

/// What can be asked twice without harm.
const HARMLESS: [Call; 4] = [ending, looking, finding, reporting];

#[test]
fn a_status_says_whether_a_message_may_be_sent_again() {
    let key = |key: &str| FailureReason::Misconfigured(key.to_owned());
    for (code, after, reason, retry) in [
        (400, None, FailureReason::Rejected, RetryAdvice::Never),
        (401, None, key("credentials.api"), RetryAdvice::Never),
        (403, None, key("credentials.api"), RetryAdvice::Never),
        (404, None, key("settings.integration_id"), RetryAdvice::Never),
        (413, None, FailureReason::TooLarge, RetryAdvice::Never),
        (429, Some(("Retry-After", "3")), FailureReason::RateLimited, RetryAdvice::Safe(Some(3_000))),
        (
            429,
            Some(("inin-ratelimit-reset", "42")),
            FailureReason::RateLimited,
            RetryAdvice::Safe(Some(42_000)),
        ),
        (429, None, FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (503, Some(("Retry-After", "2")), FailureReason::Unavailable, RetryAdvice::Safe(Some(2_000))),
        (500, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (504, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
    ] {
        let (sent, _) = with_answers(move || status(code, after), sending);
        let detail = format!("Genesys answered {code} some.code (contextId ctx-1)");
        assert_eq!(sent, Err(Failure { reason, retry, detail }), "{code} {after:?}");
    }
}

#[test]
fn what_does_no_harm_twice_may_be_asked_again() {
    for call in HARMLESS {
        for answer in [500, 502, 503] {
            let (outcome, _) = with_answers(move || status(answer, None), call);
            assert_eq!(outcome.unwrap_err().retry, RetryAdvice::Safe(None), "{answer}");
        }
        let (outcome, _) = with_answers(|| Err(Error::TimedOut("slow".to_owned())), call);
        assert_eq!(outcome.unwrap_err().retry, RetryAdvice::Safe(None));
    }
}

#[test]
fn no_answer_says_whether_a_message_may_be_sent_again() {
    type Case = (fn(String) -> Error, FailureReason, RetryAdvice);
    let cases: [Case; 5] = [
        (Error::Unreachable, FailureReason::Unavailable, RetryAdvice::Safe(None)),
        (Error::TimedOut, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (Error::Broken, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (Error::TooLarge, FailureReason::TooLarge, RetryAdvice::Never),
        (Error::Denied, FailureReason::Misconfigured("upstreams".to_owned()), RetryAdvice::Never),
    ];
    for (error, reason, retry) in cases {
        let (sent, _) = with_answers(move || Err(error("why".to_owned())), sending);
        assert_eq!(sent, Err(Failure { reason, retry, detail: "why".to_owned() }));
    }
}

#[test]
fn what_genesys_says_in_words_is_not_repeated() {
    let odd = || {
        let mut response = status(400, None)?;
        response.body = json!({ "code": "hi there, secret", "contextId": "x y" }).to_string().into_bytes();
        Ok(response)
    };
    let (sent, _) = with_answers(odd, sending);
    assert_eq!(sent.unwrap_err().detail, "Genesys answered 400");
}
