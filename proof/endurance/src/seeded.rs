//! A store with many open sessions in it, as if all of them had just been connected.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context;
use handover_handoff::address::{Account, Action, ActionRef, ReturnAddress, Route};
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{Control, Phase, StartAnswer, StartStatus};
use handover_handoff::turn::{self, Opening, Request, Turn};
use handover_handoff::vendor::{Customer, StartRequest};
use handover_handoff::{ConversationKey, Decision, SessionId, Timestamp};
use handover_store::{SqliteStore, Store, Subject};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How many are written at the same time.
const SIDE_BY_SIDE: u64 = 512;

/// An hour, in milliseconds.
const HOUR: u64 = 3_600_000;

/// Fills the store in a folder. Session `n` is `live-<n>` at the vendor and `chat-<n>` at the channel.
pub async fn fill(data: &Path, sessions: u64, service_url: &str) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("a clock before 1970")?;
    let now = Timestamp(u64::try_from(now.as_millis())?);
    let store = Arc::new(SqliteStore::open(data)?);
    let mut writing = JoinSet::new();
    for nth in 0..sessions {
        let (store, decision) = (Arc::clone(&store), open(nth, service_url, now));
        let id = decision.session.as_ref().map(|session| session.id).context("a session")?;
        writing.spawn(async move {
            store.transact(Subject::Session(id), None, now, Box::new(move |_| decision.clone())).await
        });
        if writing.len() as u64 >= SIDE_BY_SIDE
            && let Some(written) = writing.join_next().await
        {
            written??;
        }
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    Ok(())
}

fn open(nth: u64, service_url: &str, now: Timestamp) -> Decision<()> {
    let conversation = format!("chat-{nth}");
    let route = Route::SkillCallback { base: service_url.to_owned() };
    let turn = Turn {
        key: ConversationKey {
            tenant: "default".to_owned(),
            channel: "directline".to_owned(),
            conversation: conversation.clone(),
        },
        address: ReturnAddress {
            to_bot: route.clone(),
            to_customer: route,
            channel: "directline".to_owned(),
            conversation,
            service_url: service_url.to_owned(),
            bot: Some(Account { id: "28:agent-app".to_owned(), name: None }),
            customer: Account { id: format!("29:{nth}"), name: None },
            locale: None,
            caller: None,
        },
        customer: Customer { id: format!("29:{nth}"), ..Customer::default() },
        activity: None,
        inline: false,
        request: Request::Start(StartRequest::default()),
    };
    let opening = Opening {
        id: SessionId(Uuid::now_v7()),
        connector: "contoso".to_owned(),
        further: Vec::new(),
        routing: Vec::new(),
    };
    let policy = Policy::default();
    let mut session = turn::decide(None, &turn, opening, Env::new(now, &policy)).session;
    if let Some(session) = &mut session {
        session.phase = Phase::Active;
        session.answer = StartAnswer::Given(StartStatus::Connected);
        session.control =
            Control::Skill { action: ActionRef { action: Action::SendMessage, activity: None } };
        session.vendor.lookup_keys = vec![format!("live-{nth}")];
        session.to_vendor = 0;
    }
    Decision { session, wake: Some(now.plus(HOUR)), ..Decision::nothing(()) }
}
