//! A stand-in gateway: keeps callbacks, and answers them as it is told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

#[derive(Clone, Debug)]
pub struct Callback {
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone, Default)]
pub struct Gateway {
    pub url: String,
    came: Arc<Mutex<Vec<Callback>>>,
    news: Arc<Notify>,
    /// Answered to everything; 0 is never.
    pub status: Arc<Mutex<u16>>,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
        let gateway = Self { url, status: Arc::new(Mutex::new(200)), ..Self::default() };
        let router = Router::new().route("/callbacks", post(take)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub fn callbacks(&self) -> Vec<Callback> {
        self.came.lock().unwrap().clone()
    }

    /// Waits until there are so many; all of them.
    pub async fn wait_for(&self, count: usize) -> Vec<Callback> {
        let enough = async {
            loop {
                let news = self.news.notified();
                let came = self.callbacks();
                if came.len() >= count {
                    return came;
                }
                news.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), enough).await.expect("too few callbacks came")
    }

    /// The last of so many.
    pub async fn nth(&self, count: usize) -> Value {
        self.wait_for(count).await[count - 1].body.clone()
    }
}

async fn take(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = serde_json::from_slice(&body).unwrap();
    gateway.came.lock().unwrap().push(Callback { headers, body });
    gateway.news.notify_one();
    let status = *gateway.status.lock().unwrap();
    match StatusCode::from_u16(status) {
        Ok(status) => status,
        Err(_) => std::future::pending().await,
    }
}
