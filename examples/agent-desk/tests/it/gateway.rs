//! A stand-in for the gateway: it records the webhooks and answers as a test says.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    url: String,
    told: watch::Sender<Vec<Letter>>,
    answers: Mutex<VecDeque<Answer>>,
}

#[derive(Clone, Debug)]
pub struct Letter {
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Status(u16),
    /// None, for longer than anybody waits.
    Silence,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=in-the-url", listener.local_addr().unwrap());
        let inner = Inner { url, told: watch::Sender::new(Vec::new()), answers: Mutex::default() };
        let gateway = Self(Arc::new(inner));
        let router = Router::new().route("/hook", post(take)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The next webhooks are answered like this, in this order; afterwards 200 again.
    pub fn will_answer(&self, answers: &[Answer]) {
        self.0.answers.lock().unwrap().extend(answers);
    }

    pub fn told(&self) -> Vec<Letter> {
        self.0.told.borrow().clone()
    }

    /// Waits for so many of a kind; their bodies.
    pub async fn of_kind(&self, kind: &str, count: usize) -> Vec<Value> {
        let of = |told: &Vec<Letter>| -> Vec<Value> {
            let bodies = told.iter().map(|letter| letter.body.clone());
            bodies.filter(|body| body["kind"] == kind).collect()
        };
        let mut told = self.0.told.subscribe();
        let wait = told.wait_for(|told| of(told).len() >= count);
        let told = tokio::time::timeout(Duration::from_secs(30), wait).await;
        of(&told.unwrap_or_else(|_| panic!("{count} of {kind} did not come: {:?}", self.told())).unwrap())
    }
}

async fn take(
    State(Gateway(inner)): State<Gateway>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let answer = inner.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
    inner.told.send_modify(|told| told.push(Letter { headers, body }));
    match answer {
        Answer::Status(status) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), "{\"token\":\"t\"}").into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
            response
        }
        Answer::Silence => std::future::pending().await,
    }
}
