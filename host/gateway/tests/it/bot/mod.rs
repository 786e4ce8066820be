//! A bot's runtime and Teams' connector that record every request field by field, and answer as they are told to.

mod services;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::patience::eventually;

/// The agent's place in its runtime, part of every serviceUrl.
const RUNTIME: &str = "/api/runtime/bots/b0700000/skillsV2";

/// Which service was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Runtime,
    Teams,
    Neither,
}

/// One request of the gateway.
#[derive(Clone, Debug)]
pub struct Post {
    pub service: Service,
    pub method: Method,
    pub conversation: String,
    /// The activity that it replies to, as the address says.
    pub reply_to: Option<String>,
    pub headers: HeaderMap,
    pub body: Value,
    /// What it was answered with.
    pub status: u16,
}

impl Post {
    pub fn text(&self) -> &str {
        self.body["text"].as_str().unwrap_or_default()
    }

    pub fn is(&self, kind: &str) -> bool {
        self.body["type"] == kind
    }

    /// Whether the gateway says that this may have been there before.
    pub fn is_flagged(&self) -> bool {
        self.body["channelData"]["handover"]["possibleDuplicate"] == true
    }
}

/// How to answer one request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<u64>,
    pub body: Value,
}

struct Order {
    text: String,
    answers: VecDeque<Answer>,
}

#[derive(Default)]
struct Shared {
    posts: Mutex<Vec<Post>>,
    orders: Mutex<Vec<Order>>,
    thinks: Mutex<Duration>,
    called: Notify,
}

/// The two services.
#[derive(Clone)]
pub struct Bot {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

impl Bot {
    pub async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let routes = services::routes(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { addr, shared }
    }

    pub fn host(&self) -> String {
        self.addr.to_string()
    }

    pub fn service_url(&self) -> String {
        format!("http://{}{RUNTIME}/", self.addr)
    }

    pub fn teams_url(&self) -> String {
        format!("http://{}/teams/", self.addr)
    }

    /// The next requests whose text contains this are answered so, one after the other; those after them well again.
    pub fn will_answer(&self, text: &str, answers: impl IntoIterator<Item = Answer>) {
        let order = Order { text: text.to_owned(), answers: answers.into_iter().collect() };
        lock(&self.shared.orders).push(order);
    }

    /// From now on every answer takes so long.
    pub fn thinks_for(&self, time: Duration) {
        *lock(&self.shared.thinks) = time;
    }

    /// Resolves at the next request, before it is answered.
    pub async fn called(&self) {
        self.shared.called.notified().await;
    }

    pub fn posts(&self) -> Vec<Post> {
        lock(&self.shared.posts).clone()
    }

    /// All requests about one conversation.
    pub fn about(&self, conversation: &str) -> Vec<Post> {
        self.posts().into_iter().filter(|post| post.conversation == conversation).collect()
    }

    /// Waits for the first request about a conversation that this holds of.
    pub async fn gets(&self, conversation: &str, what: &str, holds: impl Fn(&Post) -> bool) -> Post {
        eventually(format!("{what} at the bot's side"), || async {
            let posts = self.about(conversation);
            posts.iter().find(|post| holds(post)).cloned().ok_or_else(|| summary(&posts))
        })
        .await
    }

    /// Waits until a message with this text was taken.
    pub async fn shows(&self, conversation: &str, text: &str) -> Post {
        self.gets(conversation, text, |post| post.text() == text && post.status < 300).await
    }

    /// Waits for the end of an action.
    pub async fn ends(&self, conversation: &str, action: &str) -> Post {
        self.gets(conversation, &format!("the end of {action}"), |post| {
            post.is("endOfConversation") && post.body["name"] == action
        })
        .await
    }

    /// The ends of an action, so far.
    pub fn ends_of(&self, conversation: &str, action: &str) -> Vec<Post> {
        let mut posts = self.about(conversation);
        posts.retain(|post| post.is("endOfConversation") && post.body["name"] == action);
        posts
    }

    /// What the customer was shown, so far.
    pub fn shown(&self, conversation: &str) -> Vec<String> {
        let posts = self.about(conversation);
        let shown = posts.iter().filter(|post| post.is("message") && post.status < 300);
        shown.map(|post| post.text().to_owned()).collect()
    }
}

fn summary(posts: &[Post]) -> String {
    let line = |post: &Post| format!("{} {} -> {}", post.body["type"], post.body["text"], post.status);
    posts.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
