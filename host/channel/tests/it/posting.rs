//! Posting to a bot and a channel, and what their answers mean.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use handover_channel::{
    ChannelLimits, Identities, Limits, Outbound, OutboundConfig, Replies, Window, Wording,
};
use handover_handoff::address::{Action, ActionRef, Route};
use handover_handoff::delivery::{ActionResult, Failure, FailureReason, Parcel, ResultCode, RetryAdvice};
use handover_handoff::session::{EndReason, StartStatus};
use handover_handoff::vendor::TextFormat;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::stage::{agent_message, delivery, on_this_machine, session};

/// What a peer was sent: path with query, headers, body.
type Seen = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

/// A peer on this machine that answers all requests alike.
struct Peer {
    base: String,
    seen: Seen,
}

type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

async fn peer(answer: impl Fn() -> Response + Send + Sync + 'static) -> Peer {
    let seen = Seen::default();
    let app = Router::new()
        .fallback(async |State((seen, answer)): State<(Seen, Answer)>, request: Request| {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
            let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            seen.lock().expect("unpoisoned").push((path, head.headers, body));
            answer()
        })
        .with_state((seen.clone(), Arc::new(answer) as Answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async { axum::serve(listener, app).await });
    Peer { base, seen }
}

impl Peer {
    fn seen(&self) -> Vec<(String, HeaderMap, Value)> {
        self.seen.lock().expect("unpoisoned").clone()
    }
}

fn outbound(limits: Limits) -> Outbound {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let replies = Replies::new(Wording::default(), limits);
    Outbound::new(replies, on_this_machine(), Identities::local(), OutboundConfig::default())
        .expect("a client")
}

fn hello() -> Parcel {
    Parcel::AgentMessage(agent_message("hello", TextFormat::Plain))
}

/// Delivers a message of the live agent to a channel at this address.
async fn deliver_at(base: &str) -> Result<(), Failure> {
    let route = Route::ChannelAsBot { base: base.to_owned() };
    let session = session(route.clone(), route);
    outbound(Limits::default()).deliver(&session, &delivery(&session, hello())).await
}

async fn failure_of(answer: impl Fn() -> Response + Send + Sync + 'static) -> Failure {
    let peer = peer(answer).await;
    let failure = deliver_at(&peer.base).await.expect_err("a failure");
    assert!(!failure.detail.contains("127.0.0.1") && !failure.detail.contains("hello"), "{failure:?}");
    assert_eq!(peer.seen().len(), 1, "one attempt is one request");
    failure
}

fn result(activity: Option<&str>) -> ActionResult {
    ActionResult {
        to: ActionRef { action: Action::StartConversation, activity: activity.map(str::to_owned) },
        code: ResultCode::CompletedSuccessfully,
        started: Some(("3f9a1".to_owned(), StartStatus::Queued)),
    }
}

#[tokio::test]
async fn a_message_goes_to_the_channel_and_a_result_to_the_bot() {
    let bot = peer(|| StatusCode::ACCEPTED.into_response()).await;
    let channel = peer(|| (StatusCode::CREATED, "{\"id\":\"1\"}").into_response()).await;
    let session = session(
        Route::SkillCallback { base: format!("{}api/runtime/bots/1/skillsV2", bot.base) },
        Route::ChannelAsBot { base: format!("{}teams/", channel.base) },
    );
    let outbound = outbound(Limits::default());
    outbound.deliver(&session, &delivery(&session, hello())).await.expect("delivered");
    for activity in [Some("act/1 ü"), None] {
        let parcel = Parcel::ActionResult(result(activity));
        outbound.deliver(&session, &delivery(&session, parcel)).await.expect("delivered");
    }
    outbound.post_result(&session.address, &result(None)).await.expect("posted");
    outbound.refuse_event(&session.address, "x", None).await.expect("posted");

    let told = channel.seen();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "/teams/v3/conversations/a%3A1teams/activities");
    assert_eq!(told[0].1["content-type"], "application/json");
    assert_eq!(told[0].2["text"], "**Contoso Support**: hello");

    let told = bot.seen();
    let activities = "/api/runtime/bots/1/skillsV2/v3/conversations/a%3A1teams/activities";
    let paths: Vec<_> = told.iter().map(|(path, ..)| path.as_str()).collect();
    let reply = format!("{activities}/act%2F1%20%C3%BC");
    assert_eq!(paths, [reply.as_str(), activities, activities, activities]);
    assert_eq!(told[0].2["value"]["Status"], "queued");
    assert_eq!(told[3].2["code"], "error");
}

#[tokio::test]
async fn a_signed_address_is_used_as_it_is() {
    let peer = peer(|| StatusCode::OK.into_response()).await;
    let route = Route::SignedUrl { url: format!("{}external-agent?conversationId=c&sig=s%2Fx", peer.base) };
    let mut session = session(route.clone(), route);
    session.address.service_url = String::new();
    let outbound = outbound(Limits::default());
    outbound.deliver(&session, &delivery(&session, hello())).await.expect("delivered");
    outbound.post_result(&session.address, &result(Some("act-1"))).await.expect("posted");
    for (path, headers, body) in peer.seen() {
        assert_eq!(path, "/external-agent?conversationId=c&sig=s%2Fx");
        assert!(!headers.contains_key("authorization"));
        assert_eq!(body.get("serviceUrl"), None);
    }
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn any_body_of_a_success_will_do() {
    for body in ["", "0123456789abcdef0123456789abcdef", "{\"message\":\"Activity received\"}", "<html>"] {
        let peer = peer(move || (StatusCode::OK, body).into_response()).await;
        assert_eq!(deliver_at(&peer.base).await, Ok(()));
    }
    let peer = peer(|| (StatusCode::OK, Bytes::from(vec![b'x'; 1 << 20])).into_response()).await;
    assert_eq!(deliver_at(&peer.base).await, Ok(()));
}

#[tokio::test]
async fn each_status_says_whether_to_try_again() {
    use FailureReason::{ConversationGone, RateLimited, Rejected, TooLarge, Unavailable};
    use RetryAdvice::{Never, Safe};
    for (status, reason, retry) in [
        (400, Rejected, Never),
        (401, Rejected, Never),
        (403, Rejected, Never),
        (404, ConversationGone, Never),
        (409, Rejected, Never),
        (412, Unavailable, Safe(None)),
        (413, TooLarge, Never),
        (429, RateLimited, Safe(None)),
        (500, Rejected, Never),
        (501, Rejected, Never),
        (502, Unavailable, Safe(None)),
        (503, Unavailable, Safe(None)),
        (504, Unavailable, Safe(None)),
    ] {
        let answer = StatusCode::from_u16(status).expect("a status");
        let failure = failure_of(move || answer.into_response()).await;
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{status}");
        assert_eq!(failure.detail, format!("the channel answered {status}"));
    }
}

#[tokio::test]
async fn the_code_in_the_body_is_told_and_its_message_is_not() {
    let failure = failure_of(|| {
        let body = r#"{"error":{"code":"BotNotInConversationRoster","message":"you said hello"}}"#;
        (StatusCode::FORBIDDEN, body).into_response()
    })
    .await;
    assert_eq!(failure.reason, FailureReason::ConversationGone);
    assert_eq!(failure.detail, "the channel answered 403 BotNotInConversationRoster");
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_passed_on() {
    let limited =
        failure_of(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")], "").into_response()).await;
    assert_eq!(limited.retry, RetryAdvice::Safe(Some(7_000)));
    let down = failure_of(|| {
        let past = [("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")];
        (StatusCode::SERVICE_UNAVAILABLE, past, "").into_response()
    })
    .await;
    assert_eq!(down.retry, RetryAdvice::Safe(Some(0)));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = peer(|| StatusCode::OK.into_response()).await;
    let target = elsewhere.base.clone();
    let failure =
        failure_of(move || (StatusCode::TEMPORARY_REDIRECT, [("location", target.clone())]).into_response())
            .await;
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn nobody_there_is_safe_to_try_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let failure = deliver_at(&base).await.expect_err("a failure");
    assert_eq!(failure.reason, FailureReason::Unavailable);
    assert_eq!(failure.retry, RetryAdvice::Safe(None));
    assert!(failure.detail.starts_with("no connection: "), "{}", failure.detail);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_outcome_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/sig=SECRET/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // Taken, and gone without a word.
            let _ = socket.read(&mut [0; 64 * 1024]).await;
        }
    });
    let failure = deliver_at(&base).await.expect_err("a failure");
    assert_eq!(failure.reason, FailureReason::Unavailable);
    assert_eq!(failure.retry, RetryAdvice::UnknownOutcome);
    assert!(!failure.detail.contains("SECRET") && !failure.detail.contains("127.0.0.1"));
}

#[tokio::test]
async fn no_answer_in_time_leaves_the_outcome_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let route =
        Route::ChannelAsBot { base: format!("http://{}/", listener.local_addr().expect("an address")) };
    let session = session(route.clone(), route);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config =
        OutboundConfig { timeout: std::time::Duration::from_millis(50), ..OutboundConfig::default() };
    let outbound =
        Outbound::new(Replies::default(), on_this_machine(), Identities::local(), config).expect("a client");
    // The system takes the connection for the listener, and nobody ever answers.
    let failure = outbound.deliver(&session, &delivery(&session, hello())).await.expect_err("none");
    assert_eq!(failure.reason, FailureReason::TimedOut);
    assert_eq!(failure.retry, RetryAdvice::UnknownOutcome);
}

#[tokio::test]
async fn what_the_channel_would_not_take_is_not_sent() {
    let peer = peer(|| StatusCode::OK.into_response()).await;
    let route = Route::ChannelAsBot { base: peer.base.clone() };
    let session = session(route.clone(), route);
    let mut limits = Limits::default();
    let hourly = Window::new(std::num::NonZeroU32::MIN, std::time::Duration::from_secs(3600));
    let slow = ChannelLimits { windows: vec![hourly], ..ChannelLimits::teams() };
    limits.channels.insert("msteams".to_owned(), slow);
    let outbound = outbound(limits);
    let delivery = delivery(&session, hello());
    assert_eq!(outbound.deliver(&session, &delivery).await, Ok(()));
    let failure = outbound.deliver(&session, &delivery).await.expect_err("a failure");
    assert_eq!(failure.reason, FailureReason::RateLimited);
    assert!(matches!(failure.retry, RetryAdvice::Safe(Some(ms)) if ms > 3_000_000), "{failure:?}");
    // What the bot is told is not the customer's to read, and does not count.
    outbound.post_result(&session.address, &result(None)).await.expect("posted");
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn typing_is_shown_once_in_a_while() {
    let peer = peer(|| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
    let route = Route::ChannelAsBot { base: peer.base.clone() };
    let session = session(route.clone(), route);
    let outbound = outbound(Limits::default());
    for _ in 0..3 {
        outbound.typing(&session.address).await;
    }
    let told = peer.seen();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].2["type"], "typing");
}

#[tokio::test]
async fn what_cannot_be_pushed_waits() {
    let session = session(Route::Held, Route::Held);
    let outbound = outbound(Limits::default());
    let failure = outbound.deliver(&session, &delivery(&session, hello())).await;
    assert_eq!(failure.map_err(|failure| failure.retry), Err(RetryAdvice::Safe(None)));
    outbound.typing(&session.address).await;
}

#[tokio::test]
async fn a_parcel_for_the_vendor_is_not_for_the_bot() {
    let session = session(Route::Held, Route::Held);
    let parcel = Parcel::End { reason: EndReason::Customer };
    let failure = outbound(Limits::default()).deliver(&session, &delivery(&session, parcel)).await;
    assert_eq!(failure.map_err(|failure| failure.reason), Err(FailureReason::Unsupported));
}

#[tokio::test]
async fn a_long_message_that_arrives_in_part_is_not_safe_to_repeat() {
    let answers = Mutex::new(vec![StatusCode::BAD_GATEWAY, StatusCode::OK]);
    let peer = peer(move || {
        let next = answers.lock().expect("unpoisoned").pop();
        next.unwrap_or(StatusCode::GONE).into_response()
    })
    .await;
    let route = Route::ChannelAsBot { base: peer.base.clone() };
    let session = session(route.clone(), route);
    let long = Parcel::AgentMessage(agent_message(&"word ".repeat(20_000), TextFormat::Plain));
    let outbound = outbound(Limits::default());
    let failure = outbound.deliver(&session, &delivery(&session, long)).await.expect_err("failed");
    assert_eq!(failure.retry, RetryAdvice::UnknownOutcome);
    assert_eq!(peer.seen().len(), 2);
}
