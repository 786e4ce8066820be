//! A vendor that is asked: what has happened, by polls and by a stream; and whether anybody is there.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::ReceiverStream;

use crate::component::guest;
use crate::customer::Customer;
use crate::house::House;
use crate::patience::eventually;

/// What the live agent has written, in order, and what it has read.
#[derive(Clone)]
struct Vendor {
    told: watch::Sender<Vec<String>>,
    read: Arc<Mutex<Vec<String>>>,
    hours: Arc<Mutex<&'static str>>,
    streams: watch::Sender<usize>,
    addr: String,
}

impl Vendor {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let vendor = Self {
            told: watch::Sender::new(Vec::new()),
            read: Arc::default(),
            hours: Arc::new(Mutex::new("open")),
            streams: watch::Sender::new(0),
            addr: format!("http://{}", listener.local_addr().expect("an address")),
        };
        let routes = Router::new()
            .route("/poll/{session}", get(poll))
            .route("/stream/{session}", get(stream))
            .route("/sent", post(sent))
            .route("/hours", get(hours))
            .with_state(vendor.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        vendor
    }

    fn says(&self, text: &str) {
        self.told.send_modify(|told| told.push(text.to_owned()));
    }

    /// All that was told from the one after `after` on, as the fixture reads it.
    fn since(&self, after: usize) -> (usize, String) {
        let told = self.told.borrow();
        let mut batch = format!("{} 250", told.len());
        for (n, text) in told.iter().enumerate().skip(after) {
            batch.push_str(&format!("\nm{n} message {text}"));
        }
        (told.len(), batch)
    }
}

fn after(query: &BTreeMap<String, String>) -> usize {
    query["after"].parse().unwrap_or_default()
}

async fn poll(State(vendor): State<Vendor>, Query(query): Query<BTreeMap<String, String>>) -> String {
    vendor.since(after(&query)).1
}

async fn stream(State(vendor): State<Vendor>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let (send, body) = tokio::sync::mpsc::channel::<Result<String, Infallible>>(4);
    let (mut at, mut told) = (after(&query), vendor.told.subscribe());
    vendor.streams.send_modify(|streams| *streams += 1);
    tokio::spawn(async move {
        loop {
            let (now, batch) = vendor.since(at);
            if now > at {
                let lines: String = batch.lines().map(|line| format!("data: {line}\n")).collect();
                if send.send(Ok(format!("id: {now}\n{lines}\n"))).await.is_err() {
                    break;
                }
                at = now;
            }
            tokio::select! {
                _ = told.changed() => {}
                () = send.closed() => break,
            }
        }
        vendor.streams.send_modify(|streams| *streams -= 1);
    });
    ([("content-type", "text/event-stream")], Body::from_stream(ReceiverStream::new(body))).into_response()
}

async fn sent(State(vendor): State<Vendor>, text: String) {
    vendor.read.lock().expect("a list").push(text);
}

async fn hours(State(vendor): State<Vendor>) -> &'static str {
    *vendor.hours.lock().expect("a word")
}

async fn house(connector: &str, vendor: &Vendor) -> House {
    let sections = format!(
        "[routing]\ndefault = \"{connector}\"\n\n[connectors.{connector}.upstreams.api]\nbase_url = \"{}\"\n",
        vendor.addr
    );
    let mut house = House::closed(&sections).await;
    house.install(&format!("{connector}.wasm"), &guest(connector));
    house.gateway.start().await;
    house
}

async fn begins(house: &House, problem: &str) -> Customer {
    let jane = house.customer("jane");
    jane.sends(&jane.event("startConversation", json!({ "ProblemDescription": problem }))).await;
    house.bot.ends("a:1jane", "startConversation").await;
    jane
}

/// Waits until the customer has been shown all that the live agent wrote: in order, and once, but for what is marked.
async fn all_is_shown(house: &House, vendor: &Vendor) {
    let told = vendor.told.borrow().clone();
    let last = told.last().expect("something was told").clone();
    eventually(format!("{last:?} at the customer"), || async {
        let shown = house.bot.shown("a:1jane");
        if shown.iter().any(|text| text.ends_with(&last)) { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await;
    let posts = house.bot.about("a:1jane");
    let once: Vec<&str> = posts
        .iter()
        .filter(|post| post.is("message") && !post.is_flagged())
        .filter_map(|post| told.iter().find(|text| post.text().ends_with(text.as_str())).map(String::as_str))
        .collect();
    let mut each = once.clone();
    each.dedup();
    assert_eq!(once, each, "what is shown again is marked");
    let mut firsts: Vec<&str> = Vec::new();
    for post in posts.iter().filter(|post| post.is("message")) {
        let said = told.iter().find(|text| post.text().ends_with(text.as_str()));
        firsts.extend(said.map(String::as_str).filter(|said| !firsts.contains(said)));
    }
    assert_eq!(firsts, told, "all of it, in order");
}

#[tokio::test]
async fn a_vendor_without_callbacks_is_asked() {
    let vendor = Vendor::open().await;
    let house = house("feeds", &vendor).await;
    let jane = begins(&house, "my laptop is on fire").await;
    vendor.says("text-one");
    vendor.says("text-two");
    all_is_shown(&house, &vendor).await;
    jane.says("hurry").await;
    eventually("her answer", || async {
        let read = vendor.read.lock().expect("a list").clone();
        if read == ["hurry"] { Ok(()) } else { Err(format!("{read:?}")) }
    })
    .await;
    let told = crate::gateway::run(
        &["connectors", "--admin-addr", &house.gateway.admin_addr()],
        &[],
        house.folder.path(),
    )
    .await;
    let shown = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(shown.contains("can: feed"), "{shown}{}", String::from_utf8_lossy(&told.stderr));
}

#[tokio::test]
async fn a_stream_tells_at_once_and_is_opened_again_after_a_restart() {
    let vendor = Vendor::open().await;
    let mut house = house("feeds", &vendor).await;
    begins(&house, "stream, please").await;
    let mut streams = vendor.streams.subscribe();
    let open = async |streams: &mut watch::Receiver<usize>| {
        let opened = streams.wait_for(|streams| *streams == 1);
        tokio::time::timeout(Duration::from_secs(60), opened).await.expect("a stream").expect("a vendor");
    };
    open(&mut streams).await;
    vendor.says("text-one");
    all_is_shown(&house, &vendor).await;
    house.gateway.kill();
    vendor.says("text-two");
    house.gateway.start().await;
    open(&mut streams).await;
    vendor.says("text-three");
    all_is_shown(&house, &vendor).await;
}

#[tokio::test]
async fn killed_at_any_moment_it_loses_nothing_that_it_was_told_and_doubles_nothing_unmarked() {
    for problem in ["polled", "stream"] {
        let vendor = Vendor::open().await;
        let mut house = house("feeds", &vendor).await;
        begins(&house, problem).await;
        for round in 0..4_u64 {
            for n in 0..5 {
                vendor.says(&format!("text-{problem}-{round}-{n}"));
            }
            // Wherever it is then.
            tokio::time::sleep(Duration::from_millis(round * 97)).await;
            house.gateway.kill();
            vendor.says(&format!("text-{problem}-{round}-meanwhile"));
            house.gateway.start().await;
        }
        all_is_shown(&house, &vendor).await;
    }
}

#[tokio::test]
async fn where_the_vendor_says_that_nobody_is_there_nothing_is_begun() {
    let vendor = Vendor::open().await;
    let house = house("knows-its-hours", &vendor).await;
    *vendor.hours.lock().expect("a word") = "closed";
    let jane = begins(&house, "help").await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "no-agents");
    // What it said is good for a few seconds; whatever it says then is asked for anew.
    for (word, status) in [("open", "connected"), ("broken", "connected")] {
        *vendor.hours.lock().expect("a word") = word;
        tokio::time::sleep(Duration::from_millis(5_100)).await;
        let joe = house.customer(word);
        joe.sends(&joe.event("startConversation", json!({}))).await;
        let end = house.bot.ends(&format!("a:1{word}"), "startConversation").await;
        assert_eq!(end.body["value"]["Status"], status, "{word}");
    }
    let first = jane.message("anybody?");
    jane.sends(&first).await;
    house.bot.ends("a:1jane", "sendMessage").await;
    assert_eq!(house.bot.shown("a:1jane").len(), 1, "the customer is told so");
}
