//! One conversation: what it knows, what may happen to it, and what must then be told to whom.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use tokio::sync::oneshot;

use crate::{
    courier::{Errand, Notice, Word},
    message::{Delivery, Message, REMOTE, SUPPORT, SYSTEM, Voice, fresh_id, now},
    refusal::Refusal,
    webhook::Outcome,
};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Waiting,
    Active,
    Ended,
}

/// Who ended a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Customer,
    Agent,
}

/// The person who chats, as far as the gateway told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Customer {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) locale: Option<String>,
}

/// One line of what was said before the handover.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) role: String,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
    pub(crate) time: Option<String>,
}

/// What a conversation is opened with. The sample's skill gives nothing at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening {
    pub(crate) session_id: Option<String>,
    pub(crate) customer: Customer,
    pub(crate) channel: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) problem: Option<String>,
    pub(crate) transcript: Vec<Turn>,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// How a conversation ended.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) by: Party,
    pub(crate) reason: Option<String>,
    pub(crate) at: String,
}

/// A message from the customer's side.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) text: String,
    pub(crate) sender: Option<String>,
    /// The sender's own id of the message; the same one again is the same message.
    pub(crate) id: Option<String>,
    pub(crate) sent_at: Option<String>,
}

/// A conversation.
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) opening: Opening,
    pub(crate) started_at: String,
    pub(crate) status: Status,
    pub(crate) agent: Option<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) ending: Option<Ending>,
    /// Customer messages that no agent has looked at.
    pub(crate) unread: usize,
    /// Grows with every change, so that whoever hears of changes out of order can tell old from new.
    pub(crate) revision: u64,
    /// Message id by the id the customer's side gave.
    taken: HashMap<String, String>,
    /// What is still to be told to the webhook, in order.
    errands: VecDeque<Errand>,
    /// Whether a courier is under way with them.
    courier_out: bool,
    /// Messages (by position) that consoles have not heard of in their present state.
    pub(crate) touched: BTreeSet<usize>,
    /// Whether consoles have not heard of the present state of the whole.
    pub(crate) changed: bool,
}

impl Conversation {
    pub(crate) fn open(opening: Opening) -> Self {
        Self {
            id: fresh_id(),
            opening,
            started_at: now(),
            status: Status::Waiting,
            agent: None,
            messages: Vec::new(),
            ending: None,
            unread: 0,
            revision: 0,
            taken: HashMap::new(),
            errands: VecDeque::new(),
            courier_out: false,
            touched: BTreeSet::new(),
            changed: true,
        }
    }

    /// Takes a message from the customer's side; its id here.
    pub(crate) fn receive(&mut self, incoming: Incoming) -> Result<String, Refusal> {
        // Before the check for the end: a repeated request is answered as the first one was.
        if let Some(known) = incoming.id.as_ref().and_then(|id| self.taken.get(id)) {
            return Ok(known.clone());
        }
        self.refuse_ended()?;
        let voice = match incoming.sender.as_deref() {
            Some(SYSTEM) => Voice::System,
            _ => Voice::Customer,
        };
        let mut message = Message::new(voice, incoming.sender.as_deref().unwrap_or(REMOTE), incoming.text);
        message.sent_at = incoming.sent_at;
        let id = message.id.clone();
        if let Some(given) = incoming.id {
            self.taken.insert(given, id.clone());
        }
        if voice == Voice::Customer {
            self.unread += 1;
            // The sample's skill opens without a name and names the customer with each message.
            if self.opening.customer.name.is_none() {
                self.opening.customer.name = incoming.sender;
            }
        }
        self.add(message);
        Ok(id)
    }

    /// The customer's side ends. Ended already is as good.
    pub(crate) fn end_by_customer(&mut self, reason: Option<String>) {
        if self.status != Status::Ended {
            self.end(Party::Customer, reason);
        }
    }

    /// What the webhook made of an agent's message.
    pub(crate) fn posted(&mut self, message_id: &str, news: Delivery) -> Result<(), Refusal> {
        self.position(message_id).map(|position| self.settle_at(position, news))
    }

    /// A receipt for an agent's message that the webhook took.
    pub(crate) fn receipt(&mut self, message_id: &str, news: Delivery) -> Result<(), Refusal> {
        let position = self.position(message_id)?;
        if matches!(news, Delivery::NotDelivered(_)) {
            self.messages[position].sent_as = fresh_id();
        }
        self.settle_at(position, news);
        Ok(())
    }

    /// An agent takes the conversation. Taking one's own again is as good.
    pub(crate) fn accept(&mut self, agent: Option<String>) -> Result<(), Refusal> {
        self.refuse_ended()?;
        let agent = agent.unwrap_or_else(|| SUPPORT.to_owned());
        match &self.agent {
            Some(holder) if *holder == agent => Ok(()),
            Some(holder) => Err(Refusal::conflict(format!("{holder} already has this conversation"))),
            None => {
                self.status = Status::Active;
                self.unread = 0;
                self.changed = true;
                self.errands.push_back(Errand::Notice(Notice::new(Word::Joined, &self.id, &agent)));
                self.agent = Some(agent);
                Ok(())
            }
        }
    }

    /// The agent gives the conversation back to those who wait.
    pub(crate) fn leave(&mut self) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if let Some(agent) = self.agent.take() {
            self.status = Status::Waiting;
            self.changed = true;
            self.errands.push_back(Errand::Notice(Notice::new(Word::Left, &self.id, &agent)));
        }
        Ok(())
    }

    /// The agent ends the conversation. Ended already is as good.
    pub(crate) fn close(&mut self, agent: Option<String>) {
        if self.status != Status::Ended {
            let agent = agent.or_else(|| self.agent.clone()).unwrap_or_else(|| SUPPORT.to_owned());
            self.end(Party::Agent, None);
            self.errands.push_back(Errand::Notice(Notice::new(Word::Ended, &self.id, &agent)));
        }
    }

    /// An agent writes. Writing to a customer who still waits takes the conversation first.
    pub(crate) fn say(
        &mut self,
        agent: Option<String>,
        text: String,
        report: oneshot::Sender<Outcome>,
    ) -> Result<Message, Refusal> {
        self.refuse_ended()?;
        let agent = agent.unwrap_or_else(|| SUPPORT.to_owned());
        if self.status == Status::Waiting {
            self.accept(Some(agent.clone()))?;
        }
        let message = Message::new(Voice::Agent, agent, text);
        self.errands.push_back(Errand::Message { id: message.id.clone(), report });
        self.add(message.clone());
        Ok(message)
    }

    /// The agent sends a message again that did not arrive; it keeps its id.
    pub(crate) fn retry(
        &mut self,
        message_id: &str,
        report: oneshot::Sender<Outcome>,
    ) -> Result<Message, Refusal> {
        self.refuse_ended()?;
        let position = self.position(message_id)?;
        if !matches!(self.messages[position].delivery, Some(Delivery::NotDelivered(_))) {
            return Err(Refusal::conflict("Only a message that was not delivered can be sent again"));
        }
        self.settle_at(position, Delivery::Sending);
        self.errands.push_back(Errand::Message { id: message_id.to_owned(), report });
        Ok(self.messages[position].clone())
    }

    /// An agent has looked at the conversation.
    pub(crate) fn mark_read(&mut self) {
        if self.unread > 0 {
            self.unread = 0;
            self.changed = true;
        }
    }

    /// Refuses what only a running conversation allows.
    pub(crate) fn refuse_ended(&self) -> Result<(), Refusal> {
        if self.status == Status::Ended { Err(Refusal::ended()) } else { Ok(()) }
    }

    /// A line from the live chat itself, for the agents.
    pub(crate) fn note(&mut self, text: String) {
        self.add(Message::new(Voice::System, SYSTEM, text));
    }

    /// Whether a courier must be sent; the caller then sends one.
    pub(crate) fn call_courier(&mut self) -> bool {
        !self.errands.is_empty() && !std::mem::replace(&mut self.courier_out, true)
    }

    /// The courier's next errand; with none left the courier is back.
    pub(crate) fn next_errand(&mut self) -> Option<Errand> {
        let next = self.errands.pop_front();
        self.courier_out = next.is_some();
        next
    }

    /// The message with this id, to be carried out now; none when the customer has gone meanwhile.
    pub(crate) fn message_to_carry(&self, message_id: &str) -> Option<&Message> {
        let gone = self.ending.as_ref().is_some_and(|ending| ending.by == Party::Customer);
        self.messages.iter().find(|message| message.id == message_id).filter(|_| !gone)
    }

    fn end(&mut self, by: Party, reason: Option<String>) {
        self.status = Status::Ended;
        self.ending = Some(Ending { by, reason, at: now() });
        self.changed = true;
    }

    fn add(&mut self, message: Message) {
        self.touched.insert(self.messages.len());
        self.messages.push(message);
        self.changed = true;
    }

    fn position(&self, message_id: &str) -> Result<usize, Refusal> {
        self.messages
            .iter()
            .rposition(|message| {
                message.voice == Voice::Agent && (message.id == message_id || message.sent_as == message_id)
            })
            .ok_or_else(|| Refusal::not_found("Message not found"))
    }

    fn settle_at(&mut self, position: usize, news: Delivery) {
        let delivery = &mut self.messages[position].delivery;
        if delivery.as_ref().is_some_and(|old| old.yields_to(&news)) {
            *delivery = Some(news);
            self.touched.insert(position);
        }
    }
}
