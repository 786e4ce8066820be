//! The rules that a session's pages are held against, and the figures that come of it.

mod control;
mod order;
mod to_customer;
mod to_vendor;

use std::fmt;
use std::time::{Duration, Instant};

use crate::numbered::Author;
use crate::pages::{Pages, Said};

/// A rule that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Acknowledged, not delivered, and nobody was told.
    Lost,
    /// It took effect twice, and nothing says so.
    Doubled,
    /// It overtook another.
    OutOfOrder,
    /// The customer was shown something after the end was told.
    AfterEnd,
    /// It turned up in another's conversation, or nobody wrote it.
    Stranger,
    /// The bot never got control back.
    ControlKept,
    /// The bot got control back twice, and nothing says so.
    ControlTwice,
    /// The agent was told that a message arrived that was never shown.
    FalseReceipt,
    /// The vendor was made to open two conversations.
    StartedTwice,
    /// The vendor, or the customer, was not told of the end.
    EndUntold,
    /// A request was refused although it was right.
    Refused,
}

impl Rule {
    /// Time may still heal it.
    pub fn may_pass(self) -> bool {
        matches!(self, Rule::Lost | Rule::ControlKept | Rule::EndUntold)
    }

    fn as_str(self) -> &'static str {
        match self {
            Rule::Lost => "lost",
            Rule::Doubled => "doubled without a word",
            Rule::OutOfOrder => "out of order",
            Rule::AfterEnd => "shown after the end",
            Rule::Stranger => "in a conversation that it is not of",
            Rule::ControlKept => "control never came back",
            Rule::ControlTwice => "control came back twice without a word",
            Rule::FalseReceipt => "told as delivered, and never shown",
            Rule::StartedTwice => "started twice at the vendor",
            Rule::EndUntold => "the end was not told",
            Rule::Refused => "refused",
        }
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Violation {
    /// In which session.
    pub session: u32,
    /// Whose message, where it is about one, and the how manyth.
    pub message: Option<(Author, u32)>,
    /// Which rule does not hold.
    pub rule: Rule,
    /// What is known of it.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session {}", self.session)?;
        match self.message {
            Some((Author::Customer, nth)) => write!(f, ", to the vendor, number {nth}")?,
            Some((Author::Agent, nth)) => write!(f, ", to the customer, number {nth}")?,
            None => {}
        }
        write!(f, ": {} ({})", self.rule.as_str(), self.detail)
    }
}

macro_rules! figures {
    ($($(#[$doc:meta])* $figure:ident)*) => {
        /// How many of each.
        #[derive(Debug, Clone, Default)]
        pub struct Figures {
            $($(#[$doc])* pub $figure: u64,)*
            /// The longest that a message to the vendor took from its acknowledgement.
            pub oldest_at_vendor: Duration,
            /// The longest that a message to the customer took from its acknowledgement.
            pub oldest_at_customer: Duration,
        }

        impl Figures {
            /// Together with those of another session.
            pub fn add(&mut self, other: &Figures) {
                $(self.$figure += other.$figure;)*
                self.oldest_at_vendor = self.oldest_at_vendor.max(other.oldest_at_vendor);
                self.oldest_at_customer = self.oldest_at_customer.max(other.oldest_at_customer);
            }
        }
    };
}

figures! {
    /// Messages to the vendor that were acknowledged.
    to_vendor_accepted
    /// Of them those that took effect there.
    to_vendor_delivered
    /// Of them those that the customer was told did not arrive.
    to_vendor_reported
    /// Of them those that the customer's own goodbye overtook.
    to_vendor_crossed_own
    /// Of them those that were written after the customer had been told that the agent has closed the chat.
    to_vendor_crossed_agent
    /// Messages to the customer that were acknowledged.
    to_customer_accepted
    /// Of them those that were shown.
    to_customer_delivered
    /// Of them those that the agent was told did not arrive.
    to_customer_reported
    /// Messages to the customer that were shown once more, and flagged.
    to_customer_flagged
    /// Shown messages whose agent was not told that they arrived.
    without_receipt
    /// Sessions that were begun.
    sessions
    /// Of them those that came to nothing.
    failed
    /// Ended by the customer.
    ended_by_customer
    /// Ended by the agent.
    ended_by_agent
    /// Conversations at the vendor that no session came of.
    orphans
    /// Results of actions that came once more, and flagged.
    results_flagged
}

/// What one session's pages come to.
#[derive(Debug, Default)]
pub struct Findings {
    /// The rules that do not hold.
    pub violations: Vec<Violation>,
    /// The figures.
    pub figures: Figures,
}

/// What the rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long a message may be on its way.
    pub fresh: Duration,
}

/// Holds one session's pages against the rules.
pub fn session(number: u32, pages: &Pages, terms: Terms) -> Findings {
    let mut findings = Findings::default();
    let mut violate = |message, rule, detail: String| {
        findings.violations.push(Violation { session: number, message, rule, detail });
    };
    for what in &pages.strangers {
        violate(None, Rule::Stranger, what.clone());
    }
    for what in &pages.refused {
        violate(None, Rule::Refused, what.clone());
    }
    if pages.opened.len() > 1 {
        violate(None, Rule::StartedTwice, format!("{:?}", pages.opened));
    }
    to_vendor::check(pages, terms, &mut findings.figures, &mut violate);
    to_customer::check(pages, &mut findings.figures, &mut violate);
    control::check(pages, &mut findings.figures, &mut violate);
    findings
}

/// Where findings go.
pub(crate) type Violate<'a> = dyn FnMut(Option<(Author, u32)>, Rule, String) + 'a;

/// How long a message took from its acknowledgement to its effect.
fn age(said: &Said, effect: Option<Instant>) -> Duration {
    match (said.clock, effect) {
        (Some(accepted), Some(effect)) => effect.saturating_duration_since(accepted),
        _ => Duration::ZERO,
    }
}
