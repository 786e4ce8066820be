//! A connector is asked what has happened, and the host keeps its stream open.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use handover_handoff::Session;
use handover_handoff::delivery::{FailureReason, RetryAdvice};
use handover_handoff::vendor::Event;
use handover_sandbox::{CallError, Frame, Frames, Generation, Happening, Limits, Sandbox};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::house::{House, bounded};
use crate::people::{NOW, session};
use crate::vendor::Vendor;

type Chunks = mpsc::Sender<Result<String, Infallible>>;

/// A vendor with a stream: its query and headers, and the way to write to it.
#[derive(Clone, Default)]
struct Streaming {
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    open: Arc<Mutex<Vec<Chunks>>>,
    /// What it answers instead of a stream.
    refuses: Arc<Mutex<Option<StatusCode>>>,
}

impl Streaming {
    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/stream/{session}", get(stream)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        base
    }

    async fn writes(&self, text: &str) {
        let last = self.open.lock().unwrap().last().unwrap().clone();
        last.send(Ok(text.to_owned())).await.unwrap();
    }
}

async fn stream(
    State(vendor): State<Streaming>,
    Path(_): Path<String>,
    Query(query): Query<std::collections::BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    vendor.asked.lock().unwrap().push((format!("{query:?}"), headers));
    if let Some(status) = *vendor.refuses.lock().unwrap() {
        return status.into_response();
    }
    let (chunks, body) = mpsc::channel(100);
    vendor.open.lock().unwrap().push(chunks);
    let body = Body::from_stream(ReceiverStream::new(body));
    ([("content-type", "text/event-stream; charset=utf-8")], body).into_response()
}

fn streamed() -> Session {
    let mut session = session();
    session.vendor.state = "stream".to_owned();
    session.vendor.cursor = Some("4".to_owned());
    session
}

async fn house(base: &str, limits: Limits) -> (House, Arc<Sandbox>, Arc<Generation>) {
    House::with("feeds", base, limits).await
}

async fn opened(connector: &Generation) -> Frames {
    bounded(connector.stream(&streamed(), NOW)).await.unwrap().expect("a stream")
}

fn failed(error: CallError) -> (FailureReason, RetryAdvice) {
    let failure = error.into_failure();
    (failure.reason, failure.retry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_brings_what_happened_and_where_to_go_on() {
    let vendor = Vendor::answering(|asked| {
        asked.path.contains("/poll/").then(|| (200, "5 700\nm1 message hello\nm2 typing on".to_owned()))
    })
    .await;
    let (_house, _sandbox, feeds) = house(&vendor.base, Limits::default()).await;
    assert!(feeds.description().capabilities.feed);
    let mut session = session();
    session.vendor.cursor = Some("4".to_owned());
    let gleaned = feeds.poll(&session, NOW).await.unwrap();
    assert_eq!(
        vendor.asked()[0].path,
        format!("/below/poll/{}?after=4&token=visitor-token", session.id),
        "it was given cursor and tokens"
    );
    assert_eq!((gleaned.cursor.as_str(), gleaned.delay), ("5", Some(700)));
    let [(one, Happening::Event(event)), (two, Happening::Typing(true))] = gleaned.items.as_slice() else {
        panic!("{:?}", gleaned.items)
    };
    assert_eq!((one.as_str(), two.as_str()), ("m1", "m2"));
    assert!(matches!(&**event, Event::Message(message) if message.text == "hello"));
    assert_eq!(gleaned.update, Default::default());
    assert!(feeds.stream(&session, NOW).await.unwrap().is_none(), "polling is all there is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_tokens_come_with_a_look_and_failures_say_when_to_look_again() {
    let vendor = Vendor::answering(|asked| {
        let after = asked.path.split("after=").nth(1)?.split('&').next()?;
        Some((after.parse().ok()?, "9".to_owned()))
    })
    .await;
    let (_house, _sandbox, feeds) = house(&vendor.base, Limits::default()).await;
    let look = async |status: u16| {
        let mut session = session();
        session.vendor.cursor = Some(status.to_string());
        feeds.poll(&session, NOW).await
    };
    assert_eq!(look(401).await.unwrap().update.tokens.as_deref(), Some("second"));
    let busy = look(429).await.unwrap_err();
    assert_eq!(failed(busy), (FailureReason::RateLimited, RetryAdvice::Safe(Some(1_500))));
    assert_eq!(failed(look(404).await.unwrap_err()).0, FailureReason::ConversationGone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_look_brings_is_bounded() {
    let vendor = Vendor::answering(|asked| {
        let long = "x".repeat(70_000);
        Some((200, if asked.path.contains("after=name") { format!("5\n{long} message x") } else { long }))
    })
    .await;
    let (_house, _sandbox, feeds) = house(&vendor.base, Limits::default()).await;
    for cursor in ["name", "cursor"] {
        let mut session = session();
        session.vendor.cursor = Some(cursor.to_owned());
        let refused = feeds.poll(&session, NOW).await.unwrap_err();
        assert!(matches!(refused, CallError::OverLimit(_)), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_opened_by_the_host_and_its_frames_are_read() {
    let vendor = Streaming::default();
    let (_house, _sandbox, feeds) = house(&vendor.serve().await, Limits::default()).await;
    let mut frames = opened(&feeds).await;
    {
        let asked = vendor.asked.lock().unwrap();
        assert!(asked[0].0.contains(r#""after": "4""#), "{}", asked[0].0);
        assert_eq!(asked[0].1["accept"], "text/event-stream");
    }
    vendor.writes(": heartbeat\n\nevent: news\nid: 5\ndata: 5\nda").await;
    vendor.writes("ta: m1 message hello\n\n").await;
    let frame = bounded(frames.next()).await.unwrap();
    let expected = Frame {
        name: Some("news".to_owned()),
        id: Some("5".to_owned()),
        data: b"5\nm1 message hello".to_vec(),
    };
    assert_eq!(frame, expected);
    let gleaned = feeds.read(&streamed(), frame, NOW).await.unwrap();
    assert_eq!((gleaned.cursor.as_str(), gleaned.items.len()), ("5", 1));
    // Whoever stops waiting loses nothing.
    for _ in 0..3 {
        let waited = tokio::time::timeout(std::time::Duration::from_millis(1), frames.next());
        assert!(waited.await.is_err());
    }
    vendor.writes("data: 6\n\n").await;
    assert_eq!(bounded(frames.next()).await.unwrap().data, b"6");
    vendor.open.lock().unwrap().clear();
    let ended = bounded(frames.next()).await.unwrap_err();
    assert!(ended.to_string().contains("ended"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_stream_is_refused_with_the_status() {
    let vendor = Streaming::default();
    let (_house, _sandbox, feeds) = house(&vendor.serve().await, Limits::default()).await;
    for status in [StatusCode::UNAUTHORIZED, StatusCode::NO_CONTENT, StatusCode::OK, StatusCode::FOUND] {
        *vendor.refuses.lock().unwrap() = Some(status);
        let refused = bounded(feeds.stream(&streamed(), NOW)).await.unwrap_err();
        assert!(refused.to_string().contains(status.as_str()), "{refused}");
        assert_eq!(failed(refused).1, RetryAdvice::Safe(None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_without_an_end_ends_the_stream() {
    let vendor = Streaming::default();
    let limits = Limits { result: 10_000, ..Limits::default() };
    let (_house, _sandbox, feeds) = house(&vendor.serve().await, limits).await;
    let mut frames = opened(&feeds).await;
    vendor.writes("data: small\n\n").await;
    assert!(bounded(frames.next()).await.is_ok());
    for _ in 0..11 {
        vendor.writes(&format!("data: {}\n", "x".repeat(1_000))).await;
    }
    let refused = bounded(frames.next()).await.unwrap_err();
    assert!(matches!(refused, CallError::OverLimit(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_goes_nowhere_that_is_not_granted() {
    let vendor = Streaming::default();
    let mut house = House::new();
    house.drop_in("feeds", &vendor.serve().await, Limits::default());
    let upstream = house.connectors.get_mut("feeds").unwrap().upstreams.get_mut("api").unwrap();
    upstream.methods.clear();
    let sandbox = house.open().await;
    let feeds = crate::house::serving(&sandbox, "feeds");
    let refused = feeds.stream(&streamed(), NOW).await.unwrap_err();
    assert_eq!(failed(refused).0, FailureReason::Denied);
    assert!(vendor.asked.lock().unwrap().is_empty());
}
