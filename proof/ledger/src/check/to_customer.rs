//! Agent to customer: each shown once or flagged, in order, before the end, or the agent was told.

use std::collections::HashMap;

use super::{Figures, Rule, Violate, order};
use crate::numbered::Author;
use crate::pages::{Pages, Shown, What};

pub(super) fn check(pages: &Pages, figures: &mut Figures, violate: &mut Violate<'_>) {
    let of = |nth: u32| Some((Author::Agent, nth));
    let mut shown: HashMap<u32, Vec<&Shown>> = HashMap::new();
    let mut order = Vec::new();
    for one in &pages.shown {
        if let What::Agent(nth) = one.what {
            shown.entry(nth).or_default().push(one);
            order.push(nth);
            if usize::try_from(nth).is_ok_and(|nth| nth > pages.agent.len()) {
                violate(of(nth), Rule::Stranger, "nobody wrote it".to_owned());
            }
        }
    }
    // Repeats count, too: a lane does not go back to what it has left behind.
    for (late, before) in order::overtaken(order) {
        violate(of(late), Rule::OutOfOrder, format!("it came after number {before}"));
    }
    for (nth, times) in &shown {
        let plain = times.iter().filter(|one| one.flagged.is_none()).count();
        if plain > 1 {
            violate(
                of(*nth),
                Rule::Doubled,
                format!("shown {} times, {plain} of them unflagged", times.len()),
            );
        }
        figures.to_customer_flagged += u64::try_from(times.len() - 1).unwrap_or_default();
    }
    for (said, nth) in pages.agent.iter().zip(1..) {
        let receipt = pages.receipts.get(&nth).copied().unwrap_or_default();
        let is_shown = shown.contains_key(&nth);
        if receipt.delivered && !is_shown {
            violate(of(nth), Rule::FalseReceipt, "the receipt says delivered".to_owned());
        }
        if is_shown && !receipt.delivered {
            figures.without_receipt += 1;
        }
        if said.accepted.is_none() {
            continue;
        }
        figures.to_customer_accepted += 1;
        if is_shown {
            figures.to_customer_delivered += 1;
            let first = shown.get(&nth).and_then(|times| times.first()).map(|first| first.clock);
            figures.oldest_at_customer = figures.oldest_at_customer.max(super::age(said, first));
        } else if receipt.undelivered {
            figures.to_customer_reported += 1;
        } else {
            violate(of(nth), Rule::Lost, "acknowledged, not shown, and the agent was not told".to_owned());
        }
    }
    after_the_end(pages, violate);
}

/// Nothing follows the result that ends the chat, but the answer to a message that crossed it.
fn after_the_end(pages: &Pages, violate: &mut Violate<'_>) {
    let is_end = |what: &What| matches!(what, What::Result { action, .. } if action != "startConversation");
    let Some(end) = pages.shown.iter().position(|shown| is_end(&shown.what)) else { return };
    for shown in &pages.shown[end + 1..] {
        match &shown.what {
            What::Agent(nth) => {
                violate(Some((Author::Agent, *nth)), Rule::AfterEnd, "a message of the agent".to_owned());
            }
            What::Ended { .. } | What::Notice(_) => {
                violate(None, Rule::AfterEnd, format!("{:?}", shown.what));
            }
            // Whoever writes while the end is told, or after it, is told that it did not arrive.
            What::NotDelivered | What::NobodyReached | What::Result { .. } => {}
        }
    }
}
