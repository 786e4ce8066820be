//! All conversations, and the one lock under which they change and are told of.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
};

use axum::response::sse::{Event, Sse};
use serde_json::{Value, json};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;

use crate::{
    book::Book,
    conversation::{Conversation, Party, Status},
    faults::{Fault, Faults},
    feed::Feed,
    files::Files,
    message::Delivery,
    opening::{Incoming, Opening, Received},
    refusal::Refusal,
    vendor::Hands,
    wire::Wire,
};

/// A desk: the conversations, those who watch them, the faults, and the wire log. Copies share all of it.
#[derive(Clone)]
pub struct Desk {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) book: Mutex<Book>,
    pub(crate) feed: Feed,
    pub(crate) faults: Faults,
    pub(crate) wire: Wire,
    pub(crate) files: Files,
    /// Where the desk is reached, once it is served.
    pub(crate) base: OnceLock<String>,
    /// Set while the desk is served.
    pub(crate) hands: RwLock<Option<Arc<dyn Hands>>>,
    /// The agent's name where none is given.
    pub(crate) nobody: String,
    pub(crate) message_id: fn() -> String,
    pub(crate) error_body: fn(u16) -> Value,
    /// Ends background work: deliveries, retries and slow answers.
    pub(crate) stop: CancellationToken,
}

/// What a desk can be made with; [`Default`] suits most vendors.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The agent's name where none is given.
    pub nobody: String,
    /// Makes the ids of messages that come without one; UUIDs where the vendor does not care.
    pub message_id: fn() -> String,
    /// The vendor's JSON for an error with this status, for the answers that faults give.
    pub error_body: fn(u16) -> Value,
    /// Names (in any case) of headers, query parameters and body fields that hold credentials, besides those that
    /// everybody knows, such as `Authorization`, `X-Api-Key`, `client_secret`.
    pub credentials: Vec<String>,
    /// Conversations held at most. The oldest that has ended makes room for a new one.
    pub most_conversations: usize,
    /// Requests that the wire log remembers.
    pub most_wire: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nobody: "Agent".to_owned(),
            message_id: crate::message::fresh_id,
            error_body: |status| json!({ "error": format!("Simulated failure {status}") }),
            credentials: Vec::new(),
            most_conversations: 10_000,
            most_wire: 500,
        }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Desk {
    /// An empty desk, open.
    pub fn new(settings: Settings) -> Self {
        let Settings { nobody, message_id, error_body, credentials, most_conversations, most_wire } =
            settings;
        Self {
            inner: Arc::new(Inner {
                book: Mutex::new(Book::new(most_conversations)),
                feed: Feed::default(),
                faults: Faults::default(),
                wire: Wire::new(most_wire, credentials),
                files: Files::default(),
                base: OnceLock::new(),
                hands: RwLock::new(None),
                nobody,
                message_id,
                error_body,
                stop: CancellationToken::new(),
            }),
        }
    }

    /// Opens a conversation, or finds the one that was opened for the same session or under the same id: its id and
    /// where it stands. It does so while the desk is closed too; most vendors ask [`Desk::is_open`] first.
    ///
    /// # Errors
    /// The desk holds as many conversations as it can.
    pub fn begin(&self, opening: Opening) -> Result<(String, Status), Refusal> {
        self.lock().begin(opening, true, self.feed())
    }

    /// The same, but while the desk is closed only for known sessions and ids: a repeated request gets the answer of
    /// the first one.
    ///
    /// # Errors
    /// The desk is closed, or full.
    pub fn begin_if_open(&self, opening: Opening) -> Result<(String, Status), Refusal> {
        self.lock().begin(opening, false, self.feed())
    }

    /// Whether there are agents for new conversations.
    pub fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Lets agents come, or go. Running conversations go on.
    pub fn set_open(&self, open: bool) {
        self.lock().open = open;
        self.push_state();
    }

    /// Takes a message from the customer's side.
    ///
    /// # Errors
    /// There is no such conversation, it has ended, the message is empty, or there are too many.
    pub fn receive(&self, id: &str, mut incoming: Incoming) -> Result<Received, Refusal> {
        incoming.message_id.get_or_insert_with(self.inner.message_id);
        self.change(id, |conversation| conversation.receive(incoming))
    }

    /// The customer writes, or no longer does.
    ///
    /// # Errors
    /// There is no such conversation, or it has ended.
    pub fn customer_types(&self, id: &str, typing: bool, name: Option<String>) -> Result<(), Refusal> {
        self.change(id, |conversation| {
            conversation.refuse_ended()?;
            conversation.customer_typing = typing;
            let name = name.or_else(|| conversation.opening.customer.name.clone());
            self.feed().push(
                "typing",
                || json!({ "conversationId": id, "from": "customer", "name": name, "typing": typing }),
            );
            Ok(())
        })
    }

    /// A receipt for an agent's message, by its id or by what it was last sent as.
    ///
    /// # Errors
    /// There is no such conversation or message.
    pub fn receipt(&self, id: &str, message_id: &str, news: Delivery) -> Result<(), Refusal> {
        self.change(id, |conversation| conversation.receipt(message_id, news, self.inner.message_id))
    }

    /// What became of an agent's message, for vendors that learn it after [`crate::Vendor::act`] has returned. What
    /// `act` returns is told by the desk itself.
    ///
    /// # Errors
    /// There is no such conversation or message.
    pub fn settle(&self, id: &str, message_id: &str, news: Delivery) -> Result<(), Refusal> {
        self.change(id, |conversation| conversation.settle(message_id, news))
    }

    /// The conversation ends, but not by an agent (agents end at the desk). Ended already is as good.
    ///
    /// # Errors
    /// There is no such conversation.
    pub fn end(&self, id: &str, by: Party, reason: Option<String>) -> Result<(), Refusal> {
        self.change(id, |conversation| {
            conversation.end(by, reason);
            Ok(())
        })
    }

    /// Adds to what is known of the customer, the problem, the transcript, … The id must stay.
    ///
    /// # Errors
    /// There is no such conversation.
    pub fn amend(&self, id: &str, amend: impl FnOnce(&mut Opening)) -> Result<(), Refusal> {
        self.change(id, |conversation| {
            amend(&mut conversation.opening);
            // The book knows it by this one.
            id.clone_into(&mut conversation.opening.id);
            conversation.changed = true;
            Ok(())
        })
    }

    /// Tells the agents something, as a line of the conversation that the customer does not see.
    ///
    /// # Errors
    /// There is no such conversation.
    pub fn note(&self, id: &str, text: impl Into<String>) -> Result<(), Refusal> {
        self.change(id, |conversation| {
            conversation.note(text.into());
            Ok(())
        })
    }

    /// Looks at one conversation. The desk stands still meanwhile: copy what is needed, and do not call it from here.
    pub fn look<T>(&self, id: &str, look: impl FnOnce(&Conversation) -> T) -> Option<T> {
        self.lock().conversations.get(id).map(look)
    }

    /// All conversations as the list shows them, the oldest first.
    pub fn summaries(&self) -> Vec<Value> {
        self.lock().in_order().map(Conversation::summary).collect()
    }

    /// The switches that make this vendor fail.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Sets these faults in place of all others.
    ///
    /// # Errors
    /// One of them makes no sense; those before it are set then.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), Refusal> {
        self.faults().clear();
        let result = faults.into_iter().try_for_each(|fault| self.faults().add(fault));
        self.push_state();
        result
    }

    /// What came over the wire.
    pub fn wire(&self) -> &Wire {
        &self.inner.wire
    }

    /// Cancelled when the simulator stops: a vendor's own background work and streams of events end with it.
    pub fn stopping(&self) -> CancellationToken {
        self.inner.stop.clone()
    }

    /// Everything that changes from now on, as the page hears it. It begins with `hello`: nothing is missed from here.
    pub fn events(&self) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        self.feed().subscribe()
    }

    pub(crate) fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    /// Changes one conversation, tells the consoles, so that they hear of changes in the order they happened, and sends
    /// somebody for its errands.
    pub(crate) fn change<T>(
        &self,
        id: &str,
        change: impl FnOnce(&mut Conversation) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut book = self.lock();
        let conversation = book.conversations.get_mut(id).ok_or(Refusal::UnknownConversation)?;
        let result = change(conversation);
        conversation.publish(self.feed());
        self.carry(conversation);
        result
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Book> {
        self.inner.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
