//! Nodes on one database, with vendors behind them and customers before them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::session::Phase;
use handover_handoff::turn::{Opening, Request, Turn};
use handover_handoff::vendor::{Customer, CustomerMessage, StartRequest, TextFormat};
use handover_handoff::{ConversationKey, Session, SessionId, Timestamp};
use handover_relay::{Relay, Settings};
use handover_store::{SqliteInline, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use crate::vendor::{BEGINNING, Vendor, World, lock};

/// How long what must come may take, in simulated time.
const PATIENCE: Duration = Duration::from_secs(300);

pub struct House {
    database: SqliteInline,
    begun: Instant,
    vendors: BTreeMap<String, Arc<Vendor>>,
    shown: Arc<Mutex<Vec<(SessionId, String)>>>,
}

pub struct Node {
    pub relay: Arc<Relay>,
    pub stop: watch::Sender<bool>,
    pub run: JoinHandle<()>,
}

impl House {
    /// With a vendor `genesys`, and one more.
    pub fn new() -> Self {
        Self {
            database: SqliteInline::open_in_memory().unwrap(),
            begun: Instant::now(),
            vendors: ["genesys", "other"].map(|name| (name.to_owned(), Arc::default())).into(),
            shown: Arc::default(),
        }
    }

    pub fn vendor(&self) -> &Vendor {
        &self.vendors["genesys"]
    }

    pub fn other(&self) -> &Vendor {
        &self.vendors["other"]
    }

    pub fn node(&self, name: &str) -> Node {
        let world = World {
            node: name.to_owned(),
            begun: self.begun,
            vendors: self.vendors.clone(),
            shown: Arc::clone(&self.shown),
        };
        let store: Arc<dyn Store> = Arc::new(self.database.node(name));
        let relay = Relay::new(store, Arc::new(world), Settings::default());
        let (stop, stopping) = watch::channel(false);
        let run = tokio::spawn(Arc::clone(&relay).run(stopping));
        Node { relay, stop, run }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(BEGINNING + u64::try_from(self.begun.elapsed().as_millis()).unwrap())
    }

    /// What was shown to the customer of a session, in order.
    pub fn shown(&self, session: SessionId) -> Vec<String> {
        lock(&self.shown).iter().filter(|(id, _)| *id == session).map(|(_, text)| text.clone()).collect()
    }

    /// Waits until the customer has been shown this, and no more.
    pub async fn shows(&self, session: SessionId, expected: &[&str]) {
        eventually(&format!("{expected:?}"), || async { self.shown(session) == expected }).await;
    }

    pub async fn session(&self, id: SessionId) -> Session {
        self.database.node("who looks").session(id).await.unwrap().unwrap()
    }
}

pub async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "never came: {what}");
}

pub async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn turn(n: u128, request: Request) -> Turn {
    let route = Route::SkillCallback { base: format!("https://bot-{n}.example/") };
    let key = ConversationKey {
        tenant: "tenant".to_owned(),
        channel: "msteams".to_owned(),
        conversation: format!("conversation {n}"),
    };
    Turn {
        address: ReturnAddress {
            to_bot: route.clone(),
            to_customer: route,
            channel: key.channel.clone(),
            conversation: key.conversation.clone(),
            service_url: String::new(),
            bot: None,
            customer: Account::default(),
            locale: None,
            caller: None,
        },
        key,
        customer: Customer::default(),
        activity: None,
        inline: false,
        request,
    }
}

impl Node {
    /// Begins a session with this connector, and waits until the vendor has it.
    pub async fn begins(&self, n: u128, connector: &str) -> SessionId {
        let id = SessionId(Uuid::from_u128(n));
        let opening =
            Opening { id, connector: connector.to_owned(), further: Vec::new(), routing: Vec::new() };
        self.relay.turn(turn(n, Request::Start(StartRequest::default())), None, opening).await.unwrap();
        let session = self.relay.wait_for(id, PATIENCE, |session| session.phase == Phase::Active).await;
        assert_eq!(session.unwrap().unwrap().phase, Phase::Active);
        id
    }

    pub async fn says(&self, n: u128, text: &str) {
        let message = CustomerMessage {
            author: None,
            text: text.to_owned(),
            format: TextFormat::Plain,
            attachments: Vec::new(),
            time: Timestamp(0),
        };
        self.turns(n, Request::Message { message, problem: None }).await;
    }

    pub async fn ends(&self, n: u128) {
        self.turns(n, Request::End).await;
    }

    async fn turns(&self, n: u128, request: Request) {
        let opening = Opening {
            id: SessionId(Uuid::nil()),
            connector: "none".to_owned(),
            further: Vec::new(),
            routing: Vec::new(),
        };
        self.relay.turn(turn(n, request), None, opening).await.unwrap();
    }

    /// Stops as it should.
    pub async fn stops(mut self) {
        self.stop.send_replace(true);
        (&mut self.run).await.unwrap();
    }
}

/// A process that is gone does nothing any more.
impl Drop for Node {
    fn drop(&mut self) {
        self.run.abort();
    }
}
