//! What stands behind and before the gateway: Contoso's live chat, which can fall silent, and the bot's channel; both
//! write down what they take.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, http::Uri};
use handover_ledger::wire;
use serde_json::{Value, json};

/// Something that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The conversation, as the sink calls it.
    pub conversation: String,
    /// What it says.
    pub text: String,
    /// It is marked as possibly a repetition.
    pub flagged: bool,
    /// The action that this ends, where it ends one.
    pub ends: Option<String>,
    /// When.
    pub at: Instant,
}

/// One sink.
#[derive(Debug, Default)]
pub struct Sink {
    /// It answers nothing.
    pub silent: AtomicBool,
    /// How long it thinks, in milliseconds.
    pub thinks: AtomicU64,
    taken: Mutex<Vec<Taken>>,
    /// Conversations by the gateway's session, and messages by the gateway's id: repetitions are the same.
    known: Mutex<BTreeMap<String, usize>>,
}

impl Sink {
    /// All that was taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first that this holds of, in good time.
    pub async fn until(&self, limit: Duration, holds: impl Fn(&Taken) -> bool) -> Option<Taken> {
        let give_up = Instant::now() + limit;
        loop {
            let found = self
                .taken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .find(|one| holds(one))
                .cloned();
            if found.is_some() || Instant::now() > give_up {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The place of a name, and whether it is new.
    fn name(&self, name: &str) -> (usize, bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len();
        let place = *known.entry(name.to_owned()).or_insert(next);
        (place, place == next)
    }

    fn take(&self, taken: Taken) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
    }

    async fn answers(&self) {
        tokio::time::sleep(Duration::from_millis(self.thinks.load(Ordering::Relaxed))).await;
        while self.silent.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A live chat on a port of its own; its address.
pub async fn vendor(sink: &Arc<Sink>, name: &'static str) -> std::io::Result<String> {
    let take = move |State(sink): State<Arc<Sink>>, uri: Uri, Json(body): Json<Value>| async move {
        vendor_takes(&sink, name, &uri, &body).await
    };
    let routes = Router::new().route("/api/chat/{what}", post(take)).with_state(Arc::clone(sink));
    Ok(format!("http://{}", wire::serve(routes).await?))
}

async fn vendor_takes(sink: &Sink, name: &str, uri: &Uri, body: &Value) -> Response {
    // What hangs up before the answer has said nothing: a silent vendor takes nothing in.
    sink.answers().await;
    let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    match uri.path() {
        "/api/chat/start" => {
            let (place, _) = sink.name(&field("sessionId"));
            Json(json!({ "conversationId": format!("{name}-{place}") })).into_response()
        }
        "/api/chat/receive" => {
            if sink.name(&field("id")).1 {
                sink.take(Taken {
                    conversation: field("conversationId"),
                    text: field("message"),
                    flagged: false,
                    ends: None,
                    at: Instant::now(),
                });
            }
            Json(json!({ "messageId": field("id") })).into_response()
        }
        "/api/chat/receipt" => {
            sink.take(Taken {
                conversation: field("conversationId"),
                text: format!("{} {}", field("status"), field("messageId")),
                flagged: false,
                ends: None,
                at: Instant::now(),
            });
            StatusCode::NO_CONTENT.into_response()
        }
        _ => Json(json!({ "message": "ok" })).into_response(),
    }
}

/// The bot's channel on a port of its own; its serviceUrl.
pub async fn channel(sink: &Arc<Sink>) -> std::io::Result<String> {
    let routes = Router::new()
        .route("/bot/v3/conversations/{conversation}/activities", post(shows))
        .route("/bot/v3/conversations/{conversation}/activities/{activity}", post(replies))
        .with_state(Arc::clone(sink));
    Ok(format!("http://{}/bot/", wire::serve(routes).await?))
}

async fn shows(
    State(sink): State<Arc<Sink>>,
    Path(conversation): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    channel_takes(&sink, conversation, &body).await
}

async fn replies(
    State(sink): State<Arc<Sink>>,
    Path((conversation, _)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    channel_takes(&sink, conversation, &body).await
}

async fn channel_takes(sink: &Sink, conversation: String, activity: &Value) -> Response {
    sink.take(Taken {
        conversation,
        text: activity["text"].as_str().unwrap_or_default().to_owned(),
        flagged: activity["channelData"]["handover"]["possibleDuplicate"] == true,
        ends: (activity["type"] == "endOfConversation")
            .then(|| activity["name"].as_str().unwrap_or_default().to_owned()),
        at: Instant::now(),
    });
    // What is taken is shown, answered or not: a kill in between leaves the gateway in doubt.
    sink.answers().await;
    Json(json!({ "id": uuid::Uuid::now_v7().to_string() })).into_response()
}
