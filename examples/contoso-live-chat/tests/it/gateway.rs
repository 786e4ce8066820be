//! A stand-in for the gateway: it records what the webhook is told and answers as a test says.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Letter {
    pub headers: HeaderMap,
    pub body: Bytes,
}

struct Inner {
    addr: SocketAddr,
    letters: Mutex<Vec<Letter>>,
    told: watch::Sender<Vec<Value>>,
    answers: Mutex<VecDeque<(u16, String)>>,
    /// One permit per answer while answers are held back.
    gate: Semaphore,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self {
            inner: Arc::new(Inner {
                addr: listener.local_addr().unwrap(),
                letters: Mutex::default(),
                told: watch::Sender::new(Vec::new()),
                answers: Mutex::default(),
                gate: Semaphore::new(1_000_000),
            }),
        };
        let router = Router::new().route("/hook", post(answer)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.inner.addr)
    }

    /// The next requests are answered like this, in this order; afterwards 200 again.
    pub fn will_answer(&self, answers: &[(u16, &str)]) {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        self.inner.answers.lock().unwrap().extend(answers);
    }

    /// Holds answers back until [`Gateway::release`].
    pub fn hold(&self) {
        self.inner.gate.forget_permits(usize::MAX >> 4);
    }

    pub fn release(&self, answers: usize) {
        self.inner.gate.add_permits(answers);
    }

    /// Everything told so far.
    pub fn told(&self) -> Vec<Value> {
        self.inner.told.borrow().clone()
    }

    /// The requests behind what was told so far, in the same order.
    pub fn letters(&self) -> Vec<Letter> {
        self.inner.letters.lock().unwrap().clone()
    }

    /// Waits until what was told satisfies the test.
    pub async fn told_until(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut told = self.inner.told.subscribe();
        let told = tokio::time::timeout(Duration::from_secs(30), told.wait_for(|told| enough(told)));
        told.await.expect("the webhook was not told in time").unwrap().clone()
    }

    /// Waits for the first event of a kind.
    pub async fn event(&self, kind: &str) -> Value {
        let is = |event: &Value| event["Type"] == kind;
        let told = self.told_until(|told| told.iter().any(is)).await;
        told.into_iter().find(is).unwrap()
    }

    /// The messages told so far, without the events.
    pub fn messages(&self) -> Vec<Value> {
        self.told().into_iter().filter(|told| told.get("Type").is_none()).collect()
    }
}

/// A 429 says when to come back, in a second.
async fn answer(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(told) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    gateway.inner.told.send_modify(|all| {
        gateway.inner.letters.lock().unwrap().push(Letter { headers, body });
        all.push(told);
    });
    gateway.inner.gate.acquire().await.unwrap().forget();
    let answer = gateway.inner.answers.lock().unwrap().pop_front();
    let (status, body) = answer.unwrap_or((200, "{}".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if status == 429 {
        response.headers_mut().insert(header::RETRY_AFTER, "1".parse().unwrap());
    }
    response
}
