//! What the application service is told: transactions, one at a time, each until it is taken (application service API,
//! "Pushing events").

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use agent_desk::{Courier, Letter, Secret};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

/// Most events of each sort in one transaction, as Synapse has it.
const MOST: usize = 100;

/// The queue, and how far it has come.
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    news: Notify,
    taken: watch::Sender<u64>,
    url: RwLock<String>,
    hs_token: Secret,
    /// The pause after the first attempt that failed; it doubles up to the longest.
    pause: Duration,
    longest_pause: Duration,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<(Value, &'static str)>,
    passing: VecDeque<Value>,
    /// Events that were ever put in.
    count: u64,
    /// Transactions so far.
    transactions: u64,
    /// The next transaction with an agent's message is forgotten.
    forgets: bool,
}

/// One transaction.
struct Transaction {
    id: String,
    name: &'static str,
    body: Value,
    /// The number of its last event.
    up_to: u64,
    forgotten: bool,
}

impl Outbox {
    pub(crate) fn new(url: &str, hs_token: Secret, pause: Duration, longest_pause: Duration) -> Self {
        Self {
            waiting: Mutex::default(),
            news: Notify::new(),
            taken: watch::Sender::new(0),
            url: RwLock::new(url.to_owned()),
            hs_token,
            pause,
            longest_pause,
        }
    }

    pub(crate) fn point_at(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Puts an event in; its number.
    pub(crate) fn push(&self, event: Value, prefix: &str) -> u64 {
        let ours = event["sender"]
            .as_str()
            .and_then(|user| user.strip_prefix('@'))
            .is_some_and(|user| user.starts_with(prefix));
        let name =
            if event["type"] == "m.room.message" && !ours { "webhook.message" } else { "webhook.event" };
        let mut waiting = self.lock();
        waiting.events.push_back((event, name));
        waiting.count += 1;
        self.news.notify_one();
        waiting.count
    }

    /// Puts in what passes: typing, receipts.
    pub(crate) fn push_passing(&self, event: Value) {
        self.lock().passing.push_back(event);
        self.news.notify_one();
    }

    /// The homeserver is killed with the next transaction in hand that holds an agent's message: Synapse does not send
    /// it again (`appservice/scheduler.py`).
    pub(crate) fn forget_next(&self) {
        self.lock().forgets = true;
    }

    /// Waits until the application service has taken the event of this number.
    pub(crate) async fn is_taken(&self, number: u64) {
        // It is never closed: this is the sender.
        let _ = self.taken.subscribe().wait_for(|taken| *taken >= number).await;
    }

    /// Sends for as long as it is polled.
    pub(crate) async fn run(self: Arc<Self>, courier: Courier) {
        loop {
            let Some(transaction) = self.next() else {
                self.news.notified().await;
                continue;
            };
            let mut pause = self.pause;
            while !transaction.forgotten && courier.send(self.letter(&transaction)).outcome().await.is_err() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(self.longest_pause);
            }
            self.taken.send_replace(transaction.up_to);
        }
    }

    fn next(&self) -> Option<Transaction> {
        let mut waiting = self.lock();
        if waiting.events.is_empty() && waiting.passing.is_empty() {
            return None;
        }
        waiting.transactions += 1;
        let count = waiting.events.len().min(MOST);
        let (events, names): (Vec<_>, Vec<_>) = waiting.events.drain(..count).unzip();
        let count = waiting.passing.len().min(MOST);
        let passing: Vec<_> = waiting.passing.drain(..count).collect();
        let name = match names.as_slice() {
            [] => "webhook.ephemeral",
            names if names.contains(&"webhook.message") => "webhook.message",
            _ => "webhook.event",
        };
        let forgotten = name == "webhook.message" && std::mem::take(&mut waiting.forgets);
        Some(Transaction {
            id: waiting.transactions.to_string(),
            name,
            body: transaction(&events, &passing),
            up_to: waiting.count - u64::try_from(waiting.events.len()).unwrap_or_default(),
            forgotten,
        })
    }

    fn letter(self: &Arc<Self>, transaction: &Transaction) -> Letter {
        let (at, key, id) = (Arc::clone(self), Arc::clone(self), transaction.id.clone());
        Letter::json("", "", &transaction.body)
            .named(transaction.name)
            .by(Method::PUT)
            .to(move || {
                let url = at.url.read().unwrap_or_else(PoisonError::into_inner);
                if url.is_empty() { String::new() } else { format!("{url}/_matrix/app/v1/transactions/{id}") }
            })
            .with_headers(move |_| {
                let value = [b"Bearer ", key.hs_token.bytes()].concat();
                HeaderValue::from_bytes(&value)
                    .map(|value| (header::AUTHORIZATION, value))
                    .into_iter()
                    .collect::<HeaderMap>()
            })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What passes stands under its stable name, and under the one that Synapse used before (MSC2409).
fn transaction(events: &[Value], passing: &[Value]) -> Value {
    let mut body = json!({ "events": events });
    if !passing.is_empty() {
        body["ephemeral"] = json!(passing);
        body["de.sorunome.msc2409.ephemeral"] = json!(passing);
    }
    body
}
