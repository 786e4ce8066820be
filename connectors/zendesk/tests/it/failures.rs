//! What Zendesk's errors mean, and what may be done again.

use handover_connector::http::{Error, Response};
use handover_connector::{Connector, EndReason, Failure, FailureReason, RetryAdvice, testing};
use zendesk::Zendesk;

use crate::exchange::{context, message, refusal, session, start, with_answer};

type Answer = fn() -> Result<Response, Error>;

fn misconfigured(key: &str) -> FailureReason {
    FailureReason::Misconfigured(key.to_owned())
}

fn sending(answer: Answer) -> Failure {
    with_answer(move |_| answer(), || Zendesk::send(context(), session(), message("Hi")).unwrap_err()).0
}

fn starting(answer: Answer) -> Failure {
    with_answer(move |_| answer(), || start(&context(), testing::new_session()).unwrap_err()).0
}

#[test]
fn a_message_that_failed_says_truly_what_may_be_done() {
    let cases: [(Answer, FailureReason, RetryAdvice); 11] = [
        (|| refusal(400, "bad_request", None), FailureReason::Rejected, RetryAdvice::Never),
        (|| refusal(401, "unauthorized", None), misconfigured("credentials.api"), RetryAdvice::Never),
        (|| refusal(403, "forbidden", None), misconfigured("credentials.api"), RetryAdvice::Never),
        (
            || refusal(404, "conversation_not_found", None),
            FailureReason::ConversationGone,
            RetryAdvice::Never,
        ),
        (|| refusal(404, "app_not_found", None), misconfigured("settings.app_id"), RetryAdvice::Never),
        (|| refusal(423, "locked", None), FailureReason::ConversationGone, RetryAdvice::Never),
        (
            || refusal(429, "too_many_requests", Some(("retry-after", "7"))),
            FailureReason::RateLimited,
            RetryAdvice::Safe(Some(7_000)),
        ),
        (|| refusal(429, "too_many_requests", None), FailureReason::RateLimited, RetryAdvice::Safe(None)),
        (|| refusal(500, "internal", None), FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (|| Err(Error::Broken("reset".to_owned())), FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (|| Err(Error::Unreachable("down".to_owned())), FailureReason::Unavailable, RetryAdvice::Safe(None)),
    ];
    for (number, (answer, reason, retry)) in cases.into_iter().enumerate() {
        let failure = sending(answer);
        assert_eq!((failure.reason, failure.retry), (reason, retry), "case {number}");
    }
}

#[test]
fn the_detail_has_zendesks_code_and_nothing_that_could_quote_a_text() {
    let failure = sending(|| refusal(400, "invalid \"Hi\" <b>", None));
    assert_eq!(failure.detail, "the vendor answered 400 (invalidHib)");
    let failure = sending(|| testing::json(502, &serde_json::json!("a proxy")));
    assert_eq!(failure.detail, "the vendor answered 502");
}

#[test]
fn a_start_can_always_be_tried_again_because_what_is_there_is_found() {
    let answers: [Answer; 4] = [
        || refusal(500, "internal", None),
        || refusal(503, "unavailable", None),
        || Err(Error::TimedOut("no answer".to_owned())),
        || Err(Error::Broken("reset".to_owned())),
    ];
    for answer in answers {
        let failure = starting(answer);
        assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
    }
}

#[test]
fn a_start_at_the_wrong_address_names_the_key() {
    let failure = starting(|| testing::json(404, &serde_json::json!({})));
    assert_eq!(failure.reason, misconfigured("upstreams.api.base_url"));
    assert_eq!(starting(|| refusal(404, "app_not_found", None)).reason, misconfigured("settings.app_id"));
    assert_eq!(starting(|| refusal(401, "unauthorized", None)).reason, misconfigured("credentials.api"));
}

/// A start that is through with its first steps, while Zendesk answers this to `passControl` and `offerControl`.
fn switching(target: &'static str, status: u16, code: &'static str) -> Failure {
    let mut session = testing::new_session();
    session.progress = Some(r#"{"user":"u-1","conversation":"c-1","first_message":"m-1"}"#.to_owned());
    let answer = move |request: &handover_connector::http::Request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if body.contains(target) {
            refusal(status, code, None)
        } else {
            testing::json(200, &serde_json::json!({}))
        }
    };
    with_answer(answer, || start(&context(), session).unwrap_err()).0
}

#[test]
fn a_switchboard_without_our_target_names_the_setting() {
    let failure = switching("zd:agentWorkspace", 404, "switchboard_integration_not_found");
    assert_eq!(failure.reason, misconfigured("settings.agent_workspace"));
    assert!(failure.detail.contains("switchboard_integration_not_found"), "{}", failure.detail);
    let failure = switching("\"switchboardIntegration\":\"handover\"", 400, "bad_request");
    assert_eq!((failure.reason, failure.retry), (misconfigured("settings.integration"), RetryAdvice::Never));
    let failure = switching("zd:agentWorkspace", 404, "conversation_not_found");
    assert_eq!(failure.reason, FailureReason::ConversationGone);
}

#[test]
fn what_nobody_would_hear_is_taken_back_from_the_agents() {
    for (status, taken_back) in
        [(400, true), (401, true), (403, true), (404, true), (429, false), (500, false)]
    {
        let mut session = testing::new_session();
        session.progress = Some(r#"{"user":"u-1","conversation":"c-1","first_message":"m-1"}"#.to_owned());
        let answer = move |request: &handover_connector::http::Request| match request
            .path
            .ends_with("/offerControl")
        {
            true => refusal(status, "refused", None),
            false => testing::json(200, &serde_json::json!({})),
        };
        let (_, requests) = with_answer(answer, || start(&context(), session).unwrap_err());
        let last = requests.last().unwrap();
        assert_eq!(
            last.path.ends_with("/conversations/c-1/releaseControl"),
            taken_back,
            "{status}: {}",
            last.path
        );
    }
}

#[test]
fn a_conversation_that_is_full_cannot_begin_again() {
    let mut session = testing::new_session();
    session.progress = Some(r#"{"user":"u-1","conversation":"c-1"}"#.to_owned());
    let answer = |request: &handover_connector::http::Request| {
        let says = !request.body.is_empty() && request.path.ends_with("/messages");
        if says {
            refusal(423, "locked", None)
        } else {
            testing::json(200, &serde_json::json!({ "messages": [] }))
        }
    };
    let (failure, _) = with_answer(answer, || start(&context(), session).unwrap_err());
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
    assert!(failure.detail.contains("new_conversation"), "{}", failure.detail);
}

#[test]
fn an_end_that_failed_may_be_tried_again() {
    let end = || Zendesk::end(context(), session(), EndReason::LiveAgent);
    let (failure, _) = with_answer(|_| Err(Error::TimedOut("no answer".to_owned())), || end().unwrap_err());
    assert_eq!(failure.retry, RetryAdvice::Safe(None));
    let (failure, _) = with_answer(|_| refusal(403, "forbidden", None), || end().unwrap_err());
    assert_eq!(failure.reason, misconfigured("credentials.api"));
    assert!(failure.detail.contains("of the app"), "{}", failure.detail);
}
