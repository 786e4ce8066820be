//! A small skill that stands for the gateway: it keeps what it is sent and does what the test tells it.
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use crate::world::eventually;

#[derive(Default)]
struct Inner {
    received: Mutex<Vec<Value>>,
    /// What stood in `Authorization` of each.
    authorizations: Mutex<Vec<Option<String>>>,
    /// Shown with each reply, where the skill has one.
    token: Mutex<Option<String>>,
    /// Answers in the place of 202, each used once.
    answers: Mutex<VecDeque<(u16, Value)>>,
    /// Set where the test ends the actions itself.
    by_hand: AtomicBool,
    chats: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

#[derive(Clone)]
pub struct Skill {
    pub addr: SocketAddr,
    inner: Arc<Inner>,
    http: reqwest::Client,
}

impl Skill {
    pub async fn listen(http: reqwest::Client) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let skill = Self { addr, inner: Arc::default(), http };
        let app = Router::new().route("/api/messages", post(receive)).with_state(skill.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        skill
    }

    pub fn url(&self) -> String {
        format!("http://{}/api/messages", self.addr)
    }

    /// The test ends the actions; until then they stay open.
    pub fn by_hand(&self) {
        self.inner.by_hand.store(true, Ordering::SeqCst);
    }

    /// Answers the next activity so, and does nothing else about it.
    pub fn answer_next(&self, status: u16, body: Value) {
        self.inner.answers.lock().expect("answers").push_back((status, body));
    }

    pub fn received(&self) -> Vec<Value> {
        self.inner.received.lock().expect("received").clone()
    }

    /// The nth activity's token, once the activity is there.
    pub async fn token(&self, n: usize) -> Option<String> {
        self.nth(n).await;
        let shown = self.inner.authorizations.lock().expect("authorizations")[n].clone();
        shown.map(|shown| shown.strip_prefix("Bearer ").expect("a bearer token").to_owned())
    }

    /// Replies with this token from now on.
    pub fn sign_in(&self, token: String) {
        *self.inner.token.lock().expect("token") = Some(token);
    }

    /// The nth activity (from 0), once it is there.
    pub async fn nth(&self, n: usize) -> Value {
        eventually(format!("activity {n} at the skill"), || async {
            self.received().get(n).cloned().ok_or_else(|| json!(self.received()))
        })
        .await
    }

    /// How many activities were being handled at the same time, at the most.
    pub fn most_at_once(&self) -> usize {
        self.inner.most_at_once.load(Ordering::SeqCst)
    }

    /// Replies to an activity on the bot's runtime.
    pub async fn reply(&self, to: &Value, activity: Value) -> reqwest::Response {
        let id = to["id"].as_str().map(|id| format!("/{id}")).unwrap_or_default();
        let url = format!(
            "{}v3/conversations/{}/activities{id}",
            to["serviceUrl"].as_str().expect("a serviceUrl"),
            to["conversation"]["id"].as_str().expect("a conversation"),
        );
        let mut activity = activity;
        if to["id"].is_string() {
            activity["replyToId"] = to["id"].clone();
        }
        let mut request = self.http.post(url).json(&activity);
        if let Some(token) = self.inner.token.lock().expect("token").clone() {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("the runtime answers")
    }

    /// Ends the action that an activity belongs to.
    pub async fn end(&self, of: &Value, value: Value) {
        let response = self.reply(of, end_of_conversation(value)).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}

pub fn end_of_conversation(value: Value) -> Value {
    json!({ "type": "endOfConversation", "code": "completedSuccessfully", "value": value })
}

async fn receive(State(skill): State<Skill>, headers: HeaderMap, Json(activity): Json<Value>) -> Response {
    let inner = &skill.inner;
    let shown = headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
    inner.authorizations.lock().expect("authorizations").push(shown);
    let at_once = inner.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    inner.most_at_once.fetch_max(at_once, Ordering::SeqCst);
    inner.received.lock().expect("received").push(activity.clone());
    let scripted = inner.answers.lock().expect("answers").pop_front();
    let response = if let Some((status, body)) = scripted {
        let status = StatusCode::from_u16(status).expect("a status");
        (status, Json(body)).into_response()
    } else {
        if !inner.by_hand.load(Ordering::SeqCst) {
            // As a gateway may: the action's end overtakes the acknowledgement.
            match activity["name"].as_str() {
                Some("startConversation") => {
                    let chat = inner.chats.fetch_add(1, Ordering::SeqCst) + 1;
                    let value =
                        json!({ "LiveChatConversationId": format!("chat-{chat}"), "Status": "queued" });
                    skill.end(&activity, value).await;
                }
                Some("endConversation") => skill.end(&activity, Value::Null).await,
                _ => {}
            }
        }
        StatusCode::ACCEPTED.into_response()
    };
    inner.at_once.fetch_sub(1, Ordering::SeqCst);
    response
}
