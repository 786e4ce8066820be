//! A stand-in for the gateway: it records what the webhook is told and answers as a test says.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    addr: SocketAddr,
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

async fn answer(State(gateway): State<Gateway>, Json(body): Json<Value>) -> impl IntoResponse {
    gateway.inner.told.send_modify(|told| told.push(body));
    gateway.inner.gate.acquire().await.unwrap().forget();
    let answer = gateway.inner.answers.lock().unwrap().pop_front();
    let (status, body) = answer.unwrap_or((200, "{}".to_owned()));
    (StatusCode::from_u16(status).unwrap(), body)
}
