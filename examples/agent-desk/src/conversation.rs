//! One conversation: what it knows, what may happen to it, and what must then be carried to the customer's side.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tokio::sync::oneshot;

use crate::{
    message::{Delivery, Message, REMOTE, SYSTEM, Voice, fresh_id, now},
    opening::{Incoming, Opening, Received},
    refusal::Refusal,
    vendor::{AgentAction, Failure, Recipient},
};

/// Most messages one conversation holds.
const MOST_MESSAGES: usize = 5_000;

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No agent has it.
    Waiting,
    /// An agent has it.
    Active,
    /// It is over.
    Ended,
}

/// Who ended a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The customer, or the gateway for them.
    Customer,
    /// An agent.
    Agent,
    /// The vendor itself: an idle timeout, a closed queue, …
    Vendor,
}

/// How a conversation ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Who ended it.
    pub by: Party,
    /// Why, as it was told.
    pub reason: Option<String>,
    /// When, see [`now`].
    pub at: String,
}

/// What is still to be carried: one deed, and who wants to know what came of it.
pub(crate) struct Errand {
    pub(crate) agent: String,
    pub(crate) work: Work,
    pub(crate) report: Option<oneshot::Sender<Result<(), Failure>>>,
}

/// A message is looked up when its turn comes: it may have changed, or be out of date.
pub(crate) enum Work {
    Message(String),
    Action(AgentAction),
}

/// A conversation.
pub struct Conversation {
    /// What it was opened with, and what was learned since.
    pub opening: Opening,
    /// When it was opened, see [`now`].
    pub started_at: String,
    /// Where it stands.
    pub status: Status,
    /// Who has it, or had it last.
    pub agent: Option<String>,
    /// What was said, in order.
    pub messages: Vec<Message>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Customer messages that no agent has looked at.
    pub unread: usize,
    /// Whether the customer was last told to be writing.
    pub customer_typing: bool,
    /// How many wait before this customer, where somebody said so.
    pub queue_position: Option<u32>,
    /// Grows with every change, so that whoever hears of changes out of order can tell old from new.
    pub revision: u64,
    /// Message id by the id the customer's side gave.
    taken: HashMap<String, String>,
    pub(crate) errands: VecDeque<Errand>,
    /// Whether somebody is under way with them.
    pub(crate) carrying: bool,
    /// Messages (by position) that consoles have not heard of in their present state.
    pub(crate) touched: BTreeSet<usize>,
    /// Whether consoles have not heard of the present state of the whole.
    pub(crate) changed: bool,
}

impl Conversation {
    pub(crate) fn open(opening: Opening) -> Self {
        Self {
            opening,
            started_at: now(),
            status: Status::Waiting,
            agent: None,
            messages: Vec::new(),
            ending: None,
            unread: 0,
            customer_typing: false,
            queue_position: None,
            revision: 0,
            taken: HashMap::new(),
            errands: VecDeque::new(),
            carrying: false,
            touched: BTreeSet::new(),
            changed: true,
        }
    }

    /// The vendor's id of the conversation.
    pub fn id(&self) -> &str {
        &self.opening.id
    }

    /// Refuses what only a running conversation allows.
    ///
    /// # Errors
    /// It has ended.
    pub fn refuse_ended(&self) -> Result<(), Refusal> {
        if self.status == Status::Ended { Err(Refusal::Ended) } else { Ok(()) }
    }

    pub(crate) fn receive(&mut self, incoming: Incoming) -> Result<Received, Refusal> {
        // Before the check for the end: a repeated request is answered as the first one was.
        if let Some(known) = incoming.id.as_ref().and_then(|id| self.taken.get(id)) {
            return Ok(Received { message_id: known.clone(), repeated: true });
        }
        self.refuse_ended()?;
        if incoming.text.trim().is_empty() && incoming.attachments.is_empty() {
            return Err(Refusal::Empty);
        }
        let voice = match incoming.sender.as_deref() {
            Some(SYSTEM) => Voice::System,
            _ => Voice::Customer,
        };
        let id = incoming.message_id.unwrap_or_else(fresh_id);
        let sender = incoming.sender.as_deref().unwrap_or(REMOTE);
        let mut message = Message::new(id.clone(), voice, sender, incoming.text);
        message.sent_at = incoming.sent_at;
        message.format = incoming.format;
        message.attachments = incoming.attachments;
        self.add(message)?;
        if let Some(given) = incoming.id {
            self.taken.insert(given, id.clone());
        }
        if voice == Voice::Customer {
            self.unread += 1;
            self.customer_typing = false;
            // Some gateways open without a name and name the customer with each message.
            if self.opening.customer.name.is_none() {
                self.opening.customer.name = incoming.sender;
            }
        }
        Ok(Received { message_id: id, repeated: false })
    }

    /// Ended already is as good.
    pub(crate) fn end(&mut self, by: Party, reason: Option<String>) -> bool {
        if self.status == Status::Ended {
            return false;
        }
        self.status = Status::Ended;
        self.customer_typing = false;
        self.queue_position = None;
        self.ending = Some(Ending { by, reason, at: now() });
        self.changed = true;
        true
    }

    /// What the gateway's answer says of an agent's message.
    pub(crate) fn settle(&mut self, message_id: &str, news: Delivery) -> Result<(), Refusal> {
        self.position(message_id).map(|position| self.settle_at(position, news))
    }

    /// A receipt for an agent's message that the gateway took.
    pub(crate) fn receipt(
        &mut self,
        message_id: &str,
        news: Delivery,
        new_id: fn() -> String,
    ) -> Result<(), Refusal> {
        let position = self.position(message_id)?;
        if matches!(news, Delivery::NotDelivered(_)) {
            self.messages[position].sent_as = new_id();
        }
        self.settle_at(position, news);
        Ok(())
    }

    /// Taking one's own again is as good.
    pub(crate) fn accept(&mut self, agent: &str) -> Result<(), Refusal> {
        self.refuse_ended()?;
        match &self.agent {
            Some(holder) if holder == agent => Ok(()),
            Some(holder) => Err(Refusal::Taken(holder.clone())),
            None => {
                self.status = Status::Active;
                self.unread = 0;
                self.queue_position = None;
                self.changed = true;
                self.agent = Some(agent.to_owned());
                self.errand(agent, AgentAction::Accept);
                Ok(())
            }
        }
    }

    pub(crate) fn leave(&mut self) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if let Some(agent) = self.agent.take() {
            self.status = Status::Waiting;
            self.changed = true;
            self.errand(&agent, AgentAction::Leave);
        }
        Ok(())
    }

    pub(crate) fn transfer(&mut self, agent: &str, to: Recipient) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if self.agent.is_none() {
            return Err(Refusal::Conflict("No agent has this conversation".to_owned()));
        }
        (self.status, self.agent) = match &to {
            Recipient::Agent(name) => (Status::Active, Some(name.clone())),
            Recipient::Queue(_) => (Status::Waiting, None),
        };
        self.changed = true;
        self.errand(agent, AgentAction::Transfer(to));
        Ok(())
    }

    pub(crate) fn queue(&mut self, agent: &str, position: u32) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if self.status != Status::Waiting {
            return Err(Refusal::Conflict("An agent has this conversation already".to_owned()));
        }
        self.queue_position = Some(position);
        self.changed = true;
        self.errand(agent, AgentAction::Queue(position));
        Ok(())
    }

    pub(crate) fn read(&mut self, agent: &str, tells: bool) {
        if self.unread == 0 {
            return;
        }
        self.unread = 0;
        self.changed = true;
        let last = self.messages.iter().rfind(|message| message.voice == Voice::Customer);
        if let Some(last) = last.filter(|_| tells).map(|message| message.id.clone()) {
            self.errand(agent, AgentAction::Read(last));
        }
    }

    pub(crate) fn close(&mut self, agent: Option<&str>, nobody: &str) {
        if self.end(Party::Agent, None) {
            let agent = agent.or(self.agent.as_deref()).unwrap_or(nobody).to_owned();
            self.errand(&agent, AgentAction::End);
        }
    }

    /// Writing to a customer who still waits takes the conversation first.
    pub(crate) fn say(
        &mut self,
        message: Message,
        report: oneshot::Sender<Result<(), Failure>>,
    ) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if message.text.trim().is_empty() && message.attachments.is_empty() {
            return Err(Refusal::Empty);
        }
        if self.messages.len() >= MOST_MESSAGES {
            return Err(Self::full());
        }
        if self.status == Status::Waiting {
            self.accept(&message.sender)?;
        }
        let (agent, id) = (message.sender.clone(), message.id.clone());
        self.errands.push_back(Errand { agent, work: Work::Message(id), report: Some(report) });
        self.add(message)
    }

    /// The message keeps its id.
    pub(crate) fn retry(
        &mut self,
        message_id: &str,
        report: oneshot::Sender<Result<(), Failure>>,
    ) -> Result<Message, Refusal> {
        self.refuse_ended()?;
        let position = self.position(message_id)?;
        if !matches!(self.messages[position].delivery, Some(Delivery::NotDelivered(_))) {
            let why = "Only a message that was not delivered can be sent again";
            return Err(Refusal::Conflict(why.to_owned()));
        }
        self.settle_at(position, Delivery::Sending);
        let message = self.messages[position].clone();
        let (agent, id) = (message.sender.clone(), message.id.clone());
        self.errands.push_back(Errand { agent, work: Work::Message(id), report: Some(report) });
        Ok(message)
    }

    /// A line from the live chat itself, for the agents. Dropped where the conversation is full.
    pub(crate) fn note(&mut self, text: String) {
        let _ = self.add(Message::new(fresh_id(), Voice::System, SYSTEM, text));
    }

    fn errand(&mut self, agent: &str, action: AgentAction) {
        let errand = Errand { agent: agent.to_owned(), work: Work::Action(action), report: None };
        self.errands.push_back(errand);
    }

    fn add(&mut self, message: Message) -> Result<(), Refusal> {
        if self.messages.len() >= MOST_MESSAGES {
            return Err(Self::full());
        }
        self.touched.insert(self.messages.len());
        self.messages.push(message);
        self.changed = true;
        Ok(())
    }

    fn full() -> Refusal {
        Refusal::Full(format!("A conversation here holds {MOST_MESSAGES} messages at most"))
    }

    fn position(&self, message_id: &str) -> Result<usize, Refusal> {
        let is = |message: &Message| {
            message.voice == Voice::Agent && (message.id == message_id || message.sent_as == message_id)
        };
        self.messages.iter().rposition(is).ok_or(Refusal::UnknownMessage)
    }

    fn settle_at(&mut self, position: usize, news: Delivery) {
        let delivery = &mut self.messages[position].delivery;
        if delivery.as_ref().is_some_and(|old| old.yields_to(&news)) {
            *delivery = Some(news);
            self.touched.insert(position);
        }
    }
}
