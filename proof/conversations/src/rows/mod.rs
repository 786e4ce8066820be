//! The rows: what happens in a conversation, in words that hold for every vendor.

mod begin;
mod callbacks;
mod errors;
mod files;
mod going;
mod interrupted;
mod signs;
mod talk;
mod texts;

use crate::house::House;
use crate::vendors::{Step, Vendor};

pub use errors::WRONGS;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A start with everything that the bot knows.
    Start,
    /// The customer's place in the queue.
    Queue,
    /// An agent comes.
    Join,
    /// Messages both ways.
    Messages,
    /// Nobody is told their own words.
    Echo,
    /// The customer types.
    TypingToAgent,
    /// The agent types.
    TypingToCustomer,
    /// A file of the customer's.
    FileToAgent,
    /// A file of the agent's.
    FileToCustomer,
    /// The agent learns that the customer has the message.
    Delivered,
    /// The agent learns that the customer has not.
    NotDelivered,
    /// The agent gives the conversation back to those who wait.
    Leave,
    /// The agent gives the conversation to another.
    Transfer,
    /// The agent ends it.
    EndByAgent,
    /// The customer ends it.
    EndByCustomer,
    /// Nobody is there.
    NoAgents,
    /// Emoji, right to left, combining, NUL.
    StrangeText,
    /// 30 000 characters.
    LongText,
    /// Each callback twice.
    Duplicated,
    /// Callbacks in another order.
    Reordered,
    /// The answer to a callback gets lost.
    LostAnswers,
    /// `kill -9` in the middle.
    Restart,
    /// Another build of the connector in the middle.
    Swap,
    /// The vendor is down for longer than a message stays fresh.
    Outage,
    /// Errors as the gateway signs in.
    ErrorsSigningIn,
    /// Errors at every request of a start.
    ErrorsStarting,
    /// Errors as a customer starts who was here before.
    ErrorsReturning,
    /// Errors at every request of a message.
    ErrorsSending,
    /// Errors as the gateway asks for a message whose outcome it does not know.
    ErrorsInDoubt,
    /// Errors at every request of a file of the customer's.
    ErrorsOfFilesToAgent,
    /// Errors as a file of the agent's is fetched through the gateway.
    ErrorsOfFilesToCustomer,
    /// Errors as the customer types.
    ErrorsTyping,
    /// Errors of receipts.
    ErrorsOfReceipts,
    /// Errors as the agent is told of what the customer was not shown.
    ErrorsOfNotices,
    /// Errors as a session's token is renewed.
    ErrorsRenewing,
    /// Errors as the gateway looks for news.
    ErrorsLooking,
    /// Errors at every request of an end.
    ErrorsEnding,
}

impl Row {
    /// All, in order.
    pub const ALL: [Row; 37] = [
        Row::Start,
        Row::Queue,
        Row::Join,
        Row::Messages,
        Row::Echo,
        Row::TypingToAgent,
        Row::TypingToCustomer,
        Row::FileToAgent,
        Row::FileToCustomer,
        Row::Delivered,
        Row::NotDelivered,
        Row::Leave,
        Row::Transfer,
        Row::EndByAgent,
        Row::EndByCustomer,
        Row::NoAgents,
        Row::StrangeText,
        Row::LongText,
        Row::Duplicated,
        Row::Reordered,
        Row::LostAnswers,
        Row::Restart,
        Row::Swap,
        Row::Outage,
        Row::ErrorsSigningIn,
        Row::ErrorsStarting,
        Row::ErrorsReturning,
        Row::ErrorsSending,
        Row::ErrorsInDoubt,
        Row::ErrorsOfFilesToAgent,
        Row::ErrorsOfFilesToCustomer,
        Row::ErrorsTyping,
        Row::ErrorsOfReceipts,
        Row::ErrorsOfNotices,
        Row::ErrorsRenewing,
        Row::ErrorsLooking,
        Row::ErrorsEnding,
    ];

    /// Its name in the table and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Row::Start => "start with transcript and attributes",
            Row::Queue => "queue place",
            Row::Join => "join",
            Row::Messages => "messages both ways",
            Row::Echo => "echo suppression",
            Row::TypingToAgent => "typing to the agent",
            Row::TypingToCustomer => "typing to the customer",
            Row::FileToAgent => "file to the agent",
            Row::FileToCustomer => "file to the customer",
            Row::Delivered => "receipt: delivered",
            Row::NotDelivered => "receipt: not delivered",
            Row::Leave => "leave",
            Row::Transfer => "transfer",
            Row::EndByAgent => "end by the agent",
            Row::EndByCustomer => "end by the customer",
            Row::NoAgents => "no agents",
            Row::StrangeText => "text: emoji, RTL, combining, NUL",
            Row::LongText => "text: 30 000 characters",
            Row::Duplicated => "callbacks duplicated",
            Row::Reordered => "callbacks reordered",
            Row::LostAnswers => "callbacks whose answers are lost",
            Row::Restart => "restart in the middle",
            Row::Swap => "swap in the middle",
            Row::Outage => "outage longer than messages stay fresh",
            Row::ErrorsSigningIn => "errors: sign-in",
            Row::ErrorsStarting => "errors: start",
            Row::ErrorsReturning => "errors: start of who returns",
            Row::ErrorsSending => "errors: message",
            Row::ErrorsInDoubt => "errors: message in doubt",
            Row::ErrorsOfFilesToAgent => "errors: file to the agent",
            Row::ErrorsOfFilesToCustomer => "errors: file to the customer",
            Row::ErrorsTyping => "errors: typing",
            Row::ErrorsOfReceipts => "errors: receipt",
            Row::ErrorsOfNotices => "errors: notice to the agent",
            Row::ErrorsRenewing => "errors: token renewed",
            Row::ErrorsLooking => "errors: looking for news",
            Row::ErrorsEnding => "errors: end",
        }
    }

    /// The step whose requests fail in this row.
    pub fn step(self) -> Option<Step> {
        match self {
            Row::ErrorsSigningIn => Some(Step::SignIn),
            Row::ErrorsStarting => Some(Step::Start),
            Row::ErrorsReturning => Some(Step::Return),
            Row::ErrorsSending => Some(Step::Message),
            Row::ErrorsInDoubt => Some(Step::Doubt),
            Row::ErrorsOfFilesToAgent => Some(Step::FileToAgent),
            Row::ErrorsOfFilesToCustomer => Some(Step::FileToCustomer),
            Row::ErrorsTyping => Some(Step::Typing),
            Row::ErrorsOfReceipts => Some(Step::Receipt),
            Row::ErrorsOfNotices => Some(Step::Notice),
            Row::ErrorsRenewing => Some(Step::Renewal),
            Row::ErrorsLooking => Some(Step::Look),
            Row::ErrorsEnding => Some(Step::End),
            _ => None,
        }
    }

    /// The requests that fail in it, each a cell of its own; a row without errors has one cell.
    pub fn cells(self, vendor: &Vendor) -> Vec<Option<&'static str>> {
        match self.step() {
            None => vec![None],
            Some(step) => (vendor.requests)(step).iter().copied().map(Some).collect(),
        }
    }

    /// How long a message may take, in seconds, before its sender is told.
    pub fn fresh_seconds(self) -> u64 {
        if self == Row::Outage { 4 } else { 30 }
    }

    /// Plays it; `request` is the one that fails.
    ///
    /// # Errors
    /// What did not hold.
    pub async fn play(self, house: &mut House, request: Option<&str>) -> anyhow::Result<()> {
        if let (Some(step), Some(request)) = (self.step(), request) {
            return errors::at(house, step, request).await;
        }
        match self {
            Row::Start => begin::start(house).await,
            Row::Queue => begin::queue(house).await,
            Row::Join => begin::join(house).await,
            Row::NoAgents => begin::no_agents(house).await,
            Row::Messages => talk::both_ways(house).await,
            Row::Echo => talk::echo(house).await,
            Row::TypingToAgent => signs::typing_to_agent(house).await,
            Row::TypingToCustomer => signs::typing_to_customer(house).await,
            Row::Delivered => signs::delivered(house).await,
            Row::NotDelivered => signs::not_delivered(house).await,
            Row::FileToAgent => files::to_agent(house).await,
            Row::FileToCustomer => files::to_customer(house).await,
            Row::Leave => going::leave(house).await,
            Row::Transfer => going::transfer(house).await,
            Row::EndByAgent => going::end_by_agent(house).await,
            Row::EndByCustomer => going::end_by_customer(house).await,
            Row::StrangeText => texts::strange(house).await,
            Row::LongText => texts::long(house).await,
            Row::Duplicated => callbacks::duplicated(house).await,
            Row::Reordered => callbacks::reordered(house).await,
            Row::LostAnswers => callbacks::lost_answers(house).await,
            Row::Restart => interrupted::restart(house).await,
            Row::Swap => interrupted::swap(house).await,
            Row::Outage => errors::outage(house).await,
            // Their cells are requests.
            Row::ErrorsSigningIn
            | Row::ErrorsStarting
            | Row::ErrorsReturning
            | Row::ErrorsSending
            | Row::ErrorsInDoubt
            | Row::ErrorsOfFilesToAgent
            | Row::ErrorsOfFilesToCustomer
            | Row::ErrorsTyping
            | Row::ErrorsOfReceipts
            | Row::ErrorsOfNotices
            | Row::ErrorsRenewing
            | Row::ErrorsLooking
            | Row::ErrorsEnding => Ok(()),
        }
    }
}
