//! A vendor that is asked, and the world as a node sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use handover_handoff::delivery::{Failure, FailureReason, Parcel, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::vendor::{AgentMessage, Event, Participant, TextFormat};
use handover_handoff::{Session, SessionId, Timestamp};
use handover_relay::{Batch, Frame, Happened, Item, Later, Outside, Stream};
use handover_store::{Callback, Claim};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

pub const BEGINNING: u64 = 1_800_000_000_000;

/// What the vendor does when it is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Answers,
    /// Refuses the connection.
    Dead,
    /// Never answers.
    Hangs,
    /// Asks to be left alone for so long.
    Busy(u64),
    /// Knows the conversation no more.
    Gone,
}

/// A moment at which a node dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The vendor has answered, and nothing is committed.
    Answered,
    /// All of it is committed, and nothing else done.
    Committed,
}

type Sender = mpsc::UnboundedSender<Result<Frame, Failure>>;

/// One vendor for all of a connector's sessions.
#[derive(Default)]
pub struct Vendor {
    pub mood: Mutex<Mood>,
    pub delay: Mutex<Option<u64>>,
    /// Tells again what it told last.
    pub repeats: AtomicBool,
    /// Has a stream.
    pub streams: AtomicBool,
    /// The stream takes nobody.
    pub shut: AtomicBool,
    /// What the connector writes when it looks.
    pub writes: Mutex<Option<String>>,
    /// Looks wait here once.
    pub held: Mutex<Option<Arc<Notify>>>,
    /// Frames that this version cannot read.
    pub illegible: AtomicBool,
    pub version: AtomicU64,
    pub dies: Mutex<Option<(Moment, tokio::task::AbortHandle)>>,
    told: Mutex<HashMap<SessionId, Vec<Item>>>,
    open: Mutex<HashMap<SessionId, Vec<Sender>>>,
    /// Who looked at which session, and when.
    looks: Mutex<Vec<(String, SessionId, u64)>>,
    /// The cursors that streams were opened with.
    pub opened: Mutex<Vec<Option<String>>>,
}

pub fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn says(text: &str) -> Event {
    Event::Message(AgentMessage {
        id: Some(text.to_owned()),
        author: Participant { name: Some("Ada".to_owned()), ..Participant::default() },
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    })
}

fn failure(reason: FailureReason, retry: RetryAdvice) -> Failure {
    Failure { reason, retry, detail: "as it is told to".to_owned() }
}

impl Vendor {
    /// The live agent writes: a poll tells it, and a stream that is open.
    pub fn message(&self, session: SessionId, text: &str) {
        self.silently(session, text);
        let place = lock(&self.told)[&session].len();
        for sender in lock(&self.open).entry(session).or_default() {
            let frame = Frame { name: None, id: Some(place.to_string()), data: text.as_bytes().to_vec() };
            let _ = sender.send(Ok(frame));
        }
    }

    /// The same, and no stream tells it.
    pub fn silently(&self, session: SessionId, text: &str) {
        self.happens(session, text, says(text));
    }

    pub fn happens(&self, session: SessionId, name: &str, event: Event) {
        lock(&self.told).entry(session).or_default().push(Item { name: name.to_owned(), event });
    }

    /// Breaks all streams.
    pub fn breaks(&self, session: SessionId) {
        lock(&self.open).remove(&session);
    }

    /// Streams that somebody listens to.
    pub fn listeners(&self, session: SessionId) -> usize {
        lock(&self.open).get(&session).map_or(0, |all| all.iter().filter(|one| !one.is_closed()).count())
    }

    pub fn looks(&self, session: SessionId) -> Vec<u64> {
        lock(&self.looks).iter().filter(|(_, id, _)| *id == session).map(|(_, _, at)| *at).collect()
    }

    /// Who looked, from this moment on.
    pub fn lookers(&self, since: u64) -> BTreeMap<SessionId, Vec<String>> {
        let mut found: BTreeMap<SessionId, Vec<String>> = BTreeMap::new();
        for (node, id, _) in lock(&self.looks).iter().filter(|(_, _, at)| *at >= since) {
            let nodes = found.entry(*id).or_default();
            if !nodes.contains(node) {
                nodes.push(node.clone());
            }
        }
        found
    }

    async fn poll(&self, node: &str, session: &Session, now: Timestamp) -> Result<Batch, Failure> {
        lock(&self.looks).push((node.to_owned(), session.id, now.0));
        let writes = lock(&self.writes).take();
        let held = lock(&self.held).take();
        if let Some(held) = held {
            held.notified().await;
        }
        let mood = *lock(&self.mood);
        match mood {
            Mood::Answers => {}
            Mood::Dead => return Err(failure(FailureReason::Unavailable, RetryAdvice::Safe(None))),
            Mood::Hangs => std::future::pending().await,
            Mood::Busy(ms) => return Err(failure(FailureReason::RateLimited, RetryAdvice::Safe(Some(ms)))),
            Mood::Gone => return Err(failure(FailureReason::ConversationGone, RetryAdvice::Never)),
        }
        let after: usize = session.vendor.cursor.as_deref().map_or(0, |cursor| cursor.parse().unwrap());
        let from = if self.repeats.load(Ordering::Relaxed) { 0 } else { after };
        let told = lock(&self.told).get(&session.id).cloned().unwrap_or_default();
        let batch = Batch {
            items: told[from.min(told.len())..].to_vec(),
            typing: None,
            cursor: told.len().to_string(),
            update: Update { state: writes, ..Update::default() },
            delay: *lock(&self.delay),
        };
        let dies = lock(&self.dies).take_if(|_| !batch.items.is_empty());
        if let Some((moment, node)) = dies {
            node.abort();
            if moment == Moment::Answered {
                std::future::pending::<()>().await;
            }
        }
        Ok(batch)
    }
}

/// A stream as the host has it.
struct Listening(mpsc::UnboundedReceiver<Result<Frame, Failure>>);

impl Stream for Listening {
    fn next(&mut self) -> Later<'_, Result<Frame, Failure>> {
        Box::pin(async move {
            let broken = failure(FailureReason::Unavailable, RetryAdvice::Safe(None));
            self.0.recv().await.unwrap_or(Err(broken))
        })
    }
}

/// The world as one node sees it.
pub struct World {
    pub node: String,
    pub begun: Instant,
    pub vendors: BTreeMap<String, Arc<Vendor>>,
    /// What customers were shown, by session.
    pub shown: Arc<Mutex<Vec<(SessionId, String)>>>,
}

impl World {
    fn vendor(&self, session: &Session) -> &Vendor {
        &self.vendors[&session.connector]
    }
}

impl Outside for World {
    fn now(&self) -> Timestamp {
        Timestamp(BEGINNING + u64::try_from(self.begun.elapsed().as_millis()).unwrap())
    }

    fn chance(&self) -> f64 {
        0.5
    }

    fn carry<'a>(&'a self, claim: &'a Claim) -> Later<'a, Outcome> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            match &claim.delivery.parcel {
                Parcel::Start(_) => Outcome::Started {
                    lookup_keys: vec![claim.session.id.to_string(), format!("second {}", claim.session.id)],
                    update: Update { state: Some("begun".to_owned()), ..Update::default() },
                    events: Vec::new(),
                    proved: true,
                    problem_told: false,
                },
                Parcel::Message(message) => {
                    Outcome::Done(Update { state: Some(message.text.clone()), ..Update::default() })
                }
                Parcel::AgentMessage(message) => {
                    lock(&self.shown).push((claim.session.id, message.text.clone()));
                    Outcome::Done(Update::default())
                }
                _ => Outcome::Done(Update::default()),
            }
        })
    }

    fn connectors(&self) -> Vec<(String, String)> {
        self.feeds()
    }

    fn read<'a>(&'a self, _: &'a Callback) -> Later<'a, Result<Vec<Happened>, String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn feeds(&self) -> Vec<(String, String)> {
        let version = |vendor: &Vendor| format!("version {}", vendor.version.load(Ordering::Relaxed));
        self.vendors.iter().map(|(name, vendor)| (name.clone(), version(vendor))).collect()
    }

    fn poll<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Batch, Failure>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.vendor(session).poll(&self.node, session, self.now()).await
        })
    }

    fn open<'a>(&'a self, session: &'a Session) -> Later<'a, Result<Option<Box<dyn Stream>>, Failure>> {
        Box::pin(async move {
            let vendor = self.vendor(session);
            if !vendor.streams.load(Ordering::Relaxed) {
                return Ok(None);
            }
            lock(&vendor.opened).push(session.vendor.cursor.clone());
            if vendor.shut.load(Ordering::Relaxed) {
                return Err(failure(FailureReason::Rejected, RetryAdvice::Safe(None)));
            }
            let (sender, receiver) = mpsc::unbounded_channel();
            lock(&vendor.open).entry(session.id).or_default().push(sender);
            Ok(Some(Box::new(Listening(receiver)) as Box<dyn Stream>))
        })
    }

    fn read_frame<'a>(&'a self, session: &'a Session, frame: Frame) -> Later<'a, Result<Batch, Failure>> {
        Box::pin(async move {
            if self.vendor(session).illegible.load(Ordering::Relaxed) {
                return Err(failure(FailureReason::Trapped, RetryAdvice::Safe(None)));
            }
            let text = String::from_utf8(frame.data).unwrap();
            let items = vec![Item { name: text.clone(), event: says(&text) }];
            Ok(Batch { items, cursor: frame.id.unwrap(), ..Batch::default() })
        })
    }
}
