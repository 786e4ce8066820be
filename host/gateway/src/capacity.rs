//! How many sessions may be open: a start beyond that is answered at once, and the topic goes on without a live agent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use handover_channel::{Activity, reply};
use handover_handoff::address::{Action, ActionRef};
use handover_handoff::delivery::{ActionResult, ResultCode};
use handover_handoff::session::StartStatus;
use handover_handoff::turn::{Request, Turn};
use handover_store::{StoreError, Subject};
use tokio::sync::watch;
use uuid::Uuid;

use crate::front::Seldom;
use crate::gateway::Gateway;
use crate::messages::try_often;

/// How often the store is asked how many there are; what is started in between is counted here.
const COUNT: Duration = Duration::from_secs(5);

/// How many are open, and how many may be.
pub(crate) struct Capacity {
    most: u64,
    counted: AtomicU64,
    since: AtomicU64,
    full: Seldom,
}

impl Capacity {
    pub(crate) fn new(most: u64) -> Self {
        Self { most, counted: AtomicU64::new(0), since: AtomicU64::new(0), full: Seldom::default() }
    }

    fn is_full(&self) -> bool {
        self.counted.load(Ordering::Relaxed) + self.since.load(Ordering::Relaxed) >= self.most
    }
}

/// Asks the store again and again, until the gateway stops.
pub(crate) async fn count(gateway: Arc<Gateway>, mut stopping: watch::Receiver<bool>) {
    loop {
        let capacity = &gateway.capacity;
        let before = capacity.since.load(Ordering::Relaxed);
        match gateway.relay.store().counts().await {
            Ok(counts) => {
                capacity.counted.store(counts.sessions.values().sum(), Ordering::Relaxed);
                // Those that began before the store was asked are in its answer.
                capacity.since.fetch_sub(before, Ordering::Relaxed);
            }
            Err(error) => tracing::warn!(reason = %error, "open sessions could not be counted"),
        }
        tokio::select! {
            () = tokio::time::sleep(COUNT) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// What a start is answered where no further session may be opened: `no-agents`, so that a topic can offer something
/// else; nothing is kept of it. A start within an open session begins nothing and is taken as ever.
pub(crate) async fn turn_away(
    gateway: &Arc<Gateway>,
    turn: &Turn,
) -> Result<Option<Vec<Activity>>, StoreError> {
    if !matches!(turn.request, Request::Start(_)) {
        return Ok(None);
    }
    let capacity = &gateway.capacity;
    if !capacity.is_full() {
        capacity.since.fetch_add(1, Ordering::Relaxed);
        return Ok(None);
    }
    if gateway.open(Subject::Conversation(turn.key.clone())).await?.is_some() {
        return Ok(None);
    }
    if let Some(times) = capacity.full.tell() {
        tracing::warn!(
            times,
            most = capacity.most,
            "starts are turned away: `limits.max_open_sessions` are open"
        );
    }
    let result = ActionResult {
        to: ActionRef { action: Action::StartConversation, activity: turn.activity.clone() },
        code: ResultCode::CompletedSuccessfully,
        // The id names no session: a topic that goes on with it all the same gets control back at once.
        started: Some((Uuid::now_v7().to_string(), StartStatus::NoAgents)),
    };
    if turn.inline {
        return Ok(Some(vec![reply::result(&turn.address, &result)]));
    }
    let (gateway, address) = (Arc::clone(gateway), turn.address.clone());
    tokio::spawn(async move { try_often(|| gateway.outbound.post_result(&address, &result)).await });
    Ok(Some(Vec::new()))
}
