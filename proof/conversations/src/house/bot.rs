//! The bot's side: its runtime and Teams' connector, which keep every activity that the gateway posts, and the
//! customer's files.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{RawPathParams, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::patience::eventually;

/// The agent's place in its runtime, part of every serviceUrl.
const RUNTIME: &str = "/api/runtime/bots/b0700000/skillsV2";

/// What a file of the customer's holds.
pub const FILE: &[u8] = b"the customer's own words, in a file";

/// One activity that the gateway posted.
#[derive(Clone, Debug)]
pub struct Post {
    /// The conversation.
    pub conversation: String,
    /// The activity.
    pub body: Value,
    /// What it was answered with.
    pub status: u16,
}

impl Post {
    /// Its text.
    pub fn text(&self) -> &str {
        self.body["text"].as_str().unwrap_or_default()
    }

    /// Whether it is of this type.
    pub fn is(&self, kind: &str) -> bool {
        self.body["type"] == kind
    }

    /// Whether it ends this action of the bot's.
    pub fn ends(&self, action: &str) -> bool {
        self.is("endOfConversation") && self.body["name"] == action
    }

    /// Whether the gateway says that this may have been there before.
    pub fn is_flagged(&self) -> bool {
        self.body["channelData"]["handover"]["possibleDuplicate"] == true
    }
}

#[derive(Default)]
struct Shared {
    posts: Mutex<Vec<Post>>,
    /// Messages with this in their text are refused.
    refused: Mutex<Option<String>>,
}

/// The bot's side.
#[derive(Clone)]
pub struct Bot {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

impl Bot {
    /// On a port of its own.
    ///
    /// # Errors
    /// There is none.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let mut routes = Router::new().route("/files/{name}", get(file));
        for base in [RUNTIME, "/teams"] {
            let activities = format!("{base}/v3/conversations/{{conversation}}/activities");
            let reply = format!("{activities}/{{activity}}");
            routes = routes.route(&activities, any(take)).route(&reply, any(take));
        }
        let routes = routes.with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { addr, shared })
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.addr.to_string()
    }

    /// Where its runtime takes replies.
    pub fn service_url(&self) -> String {
        format!("http://{}{RUNTIME}/", self.addr)
    }

    /// Where Teams takes messages.
    pub fn teams_url(&self) -> String {
        format!("http://{}/teams/", self.addr)
    }

    /// Where the channel keeps a file of the customer's, which holds [`FILE`].
    pub fn file_url(&self, name: &str) -> String {
        format!("http://{}/files/{name}", self.addr)
    }

    /// From now on messages with this in their text are refused for good.
    pub fn refuse(&self, text: &str) {
        *lock(&self.shared.refused) = Some(text.to_owned());
    }

    /// All about one conversation, so far.
    pub fn about(&self, conversation: &str) -> Vec<Post> {
        lock(&self.shared.posts).iter().filter(|post| post.conversation == conversation).cloned().collect()
    }

    /// Waits for the first activity of a conversation that this holds of.
    ///
    /// # Errors
    /// None came.
    pub async fn gets(
        &self,
        conversation: &str,
        what: &str,
        holds: impl Fn(&Post) -> bool,
    ) -> anyhow::Result<Post> {
        eventually(format!("{what}, at the bot's side"), || async {
            let posts = self.about(conversation);
            posts.iter().find(|post| holds(post)).cloned().ok_or_else(|| summary(&posts))
        })
        .await
    }

    /// What the customer was shown, so far.
    pub fn shown(&self, conversation: &str) -> Vec<Post> {
        let mut posts = self.about(conversation);
        posts.retain(|post| post.is("message") && post.status < 300);
        posts
    }
}

/// What came, in a line.
pub fn summary(posts: &[Post]) -> String {
    let line = |post: &Post| {
        let what = post.body["name"].as_str().unwrap_or_else(|| post.text());
        let what: String = what.chars().take(80).collect();
        format!("{} {what:?} {} -> {}", post.body["type"], post.body["value"], post.status)
    };
    posts.iter().map(line).collect::<Vec<_>>().join("; ")
}

async fn take(State(shared): State<Arc<Shared>>, params: RawPathParams, uri: Uri, body: Bytes) -> Response {
    let named = params.iter().find(|(name, _)| *name == "conversation");
    let conversation = named.map(|(_, value)| value.to_owned()).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = body["text"].as_str().unwrap_or_default();
    let refused = lock(&shared.refused).as_deref().is_some_and(|refused| text.contains(refused));
    let is_teams = uri.path().starts_with("/teams/");
    let status = match (refused, is_teams) {
        (true, _) => StatusCode::FORBIDDEN,
        (false, true) => StatusCode::CREATED,
        (false, false) => StatusCode::OK,
    };
    lock(&shared.posts).push(Post { conversation, body, status: status.as_u16() });
    // Copilot Studio's runtime answers with an empty body, Teams with the id of what it made.
    if is_teams {
        (status, Json(json!({ "id": "1700000000000" }))).into_response()
    } else {
        status.into_response()
    }
}

async fn file() -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], FILE).into_response()
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
