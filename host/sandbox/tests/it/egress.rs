//! The way out leads to granted upstreams, and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::delivery::{FailureReason, RetryAdvice};
use handover_sandbox::{CallError, Generation, Limits, MapError, Sandbox};
use tokio::net::TcpListener;

use crate::house::{House, bounded, serving};
use crate::people::{callback, say};
use crate::vendor::Vendor;

type Opened = (House, Arc<Sandbox>, Arc<Generation>);

async fn wanderer(base: &str) -> Opened {
    House::with("wants-other-upstream", base, Limits::default()).await
}

#[tokio::test]
async fn a_granted_path_is_reached_below_its_base() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, wanderer) = wanderer(&vendor.base).await;
    let answer = say(&wanderer, "api|/v2/a%2Fb?to=../x||x-note: hello").await.unwrap();
    assert_eq!(answer, "200 None taken");
    let asked = &vendor.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/below/v2/a%2Fb?to=../x"));
    assert_eq!(asked.header("x-note"), Some("hello"));
    assert!(asked.header("user-agent").unwrap().starts_with("handover/"));
}

#[tokio::test]
async fn every_other_way_is_denied_before_anything_is_sent() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, wanderer) = wanderer(&vendor.base).await;
    for (way, why) in [
        ("billing|/", "no upstream `billing` is granted"),
        ("|/", "no upstream `` is granted"),
        ("api|", "a path begins with `/`"),
        ("api|v2", "a path begins with `/`"),
        ("api|@evil.example/", "a path begins with `/`"),
        ("api|http://evil.example/", "a path begins with `/`"),
        ("api|/../admin", "holds no `..`"),
        ("api|/v2/..", "holds no `..`"),
        ("api|/%2e%2e/admin", "holds no `..`"),
        ("api|/.%2E/admin", "holds no `..`"),
        ("api|/v2/%252e%252e/%252e%252e/admin", "holds no `..`"),
        ("api|/v2%2f..%2f..%2fadmin", "holds no `..`"),
        ("api|/\\evil.example/", "no backslash"),
        ("api|/a b", "space"),
        ("api|/a\r\nHost: evil.example", "control character"),
        ("api|/#x", "fragment"),
        ("api|/|evil.example", "the host `evil.example` is not granted"),
        ("api|/|169.254.169.254", "is a name, not an address"),
        ("api|//evil.example/../../..", "holds no `..`"),
        ("api|/||Host: evil.example", "header `host` is the host's"),
        ("api|/||Content-Length: 3", "header `content-length` is the host's"),
        ("api|/||Transfer-Encoding: chunked", "header `transfer-encoding` is the host's"),
        ("api|/||Connection: upgrade", "header `connection` is the host's"),
        ("api|/||x y: z", "is no header name"),
        ("api|/||x-note: a\r\nhost: evil.example", "holds what a header may not"),
    ] {
        let answer = say(&wanderer, way).await.unwrap();
        assert!(answer.contains("Denied"), "{way:?}: {answer}");
        assert!(answer.contains(why), "{way:?}: {answer}");
    }
    assert_eq!(vendor.asked().len(), 0);
}

#[tokio::test]
async fn a_callback_is_read_without_reaching_anything() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, wanderer) = wanderer(&vendor.base).await;
    let Err(MapError::Unmapped(answer)) = wanderer.map(callback("")).await else { panic!() };
    assert!(answer.contains("Denied") && answer.contains("may not reach anything"), "{answer}");
    assert_eq!(vendor.asked().len(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, wanderer) = wanderer(&vendor.base).await;
    let answer = say(&wanderer, "api|/elsewhere").await.unwrap();
    assert_eq!(answer, "302 Some(\"/below/taken\") ");
    assert_eq!(vendor.asked().len(), 1);
    let answer = say(&wanderer, "api|/metadata").await.unwrap();
    assert_eq!(answer, "302 Some(\"http://169.254.169.254/latest/meta-data/iam/\") ");
    assert_eq!(vendor.asked().len(), 2);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_gone_to() {
    let vendor = Vendor::new().await;
    // Only the plain name is as good as an address; how another one resolves is not the operator's word.
    let mut house = House::new();
    house.drop_in("wants-other-upstream", &vendor.base.replace("127.0.0.1", "localhost."), Limits::default());
    let upstreams = &mut house.connectors.get_mut("wants-other-upstream").unwrap().upstreams;
    upstreams.get_mut("api").unwrap().allow_plain = true;
    let sandbox = house.open().await;
    let answer = bounded(say(&serving(&sandbox, "wants-other-upstream"), "api|/")).await.unwrap();
    assert!(answer.contains("Unreachable"), "{answer}");
    assert_eq!(vendor.asked().len(), 0);
    let (_house, _sandbox, plain) = wanderer(&vendor.base.replace("127.0.0.1", "localhost")).await;
    assert_eq!(say(&plain, "api|/").await.unwrap(), "200 None taken");
}

#[tokio::test]
async fn a_response_has_a_measure_announced_or_not() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, reader) =
        House::with("reads-giant-response", &vendor.base, Limits::default()).await;
    for path in ["/giant", "/giant-in-pieces", "/giant-headers", "/many-headers"] {
        let failure = bounded(say(&reader, path)).await.unwrap_err().into_failure();
        assert_eq!(
            (failure.reason, failure.retry),
            (FailureReason::TooLarge, RetryAdvice::Never),
            "{path}: {}",
            failure.detail
        );
        assert!(failure.detail.contains("may have"), "{path}: {}", failure.detail);
    }
    assert_eq!(say(&reader, "/taken").await.unwrap(), "has 5 bytes");
}

#[tokio::test]
async fn a_storm_of_requests_is_stopped() {
    let vendor = Vendor::new().await;
    let limits = Limits { requests: 5, ..Limits::default() };
    let (_house, _sandbox, storm) = House::with("request-storm", &vendor.base, limits).await;
    let failure = bounded(say(&storm, "")).await.unwrap_err().into_failure();
    assert_eq!(failure.detail, "a call may make 5 requests");
    assert_eq!(failure.retry, RetryAdvice::Never);
    assert_eq!(vendor.asked().len(), 5);
}

#[tokio::test]
async fn an_upstream_that_is_silent_leaves_the_outcome_open() {
    let vendor = Vendor::new().await;
    let limits = Limits { call: Duration::from_millis(500), ..Limits::default() };
    let (_house, _sandbox, sleeper) = House::with("sleeper", &vendor.base, limits).await;
    // By the call's deadline.
    let error = bounded(say(&sleeper, "for ever")).await.unwrap_err();
    assert_eq!(error, CallError::TimedOut { limit_ms: 500, sent: true });
    let failure = error.into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::TimedOut, RetryAdvice::UnknownOutcome));
    // By the request's own.
    let failure = bounded(say(&sleeper, "20")).await.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::UnknownOutcome));
    vendor.open_the_gate();
    assert_eq!(say(&sleeper, "for ever").await.unwrap(), "200");
}

#[tokio::test]
async fn a_refused_connection_may_be_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (_house, _sandbox, reader) = House::with("reads-giant-response", &base, Limits::default()).await;
    let failure = bounded(say(&reader, "/taken")).await.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert!(!failure.detail.contains("taken"), "an address does not belong into a log: {}", failure.detail);
}

#[tokio::test]
async fn a_broken_connection_leaves_the_outcome_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // Takes the request and hangs up.
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            let mut taken = [0; 4096];
            drop(stream.try_read(&mut taken));
        }
    });
    // One that posts what is said: to ask twice does no harm, to say twice does.
    let (_house, _sandbox, poster) = House::with("feeds", &base, Limits::default()).await;
    let failure = bounded(say(&poster, "hello")).await.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::UnknownOutcome));
}
