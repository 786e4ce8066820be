//! Customer to vendor: each once, in order, or told.

use std::collections::{HashMap, HashSet};

use super::{Figures, Rule, Terms, Violate, order};
use crate::numbered::Author;
use crate::pages::{Pages, Said, What};

pub(super) fn check(pages: &Pages, terms: Terms, figures: &mut Figures, violate: &mut Violate<'_>) {
    let of = |nth: u32| Some((Author::Customer, nth));
    let mut times: HashMap<u32, u32> = HashMap::new();
    for heard in &pages.heard {
        let times = times.entry(heard.nth).or_default();
        *times += 1;
        if *times == 2 {
            violate(of(heard.nth), Rule::Doubled, "under two ids of the gateway".to_owned());
        }
        if usize::try_from(heard.nth).is_ok_and(|nth| nth > pages.customer.len()) {
            violate(of(heard.nth), Rule::Stranger, "nobody wrote it".to_owned());
        }
    }
    let mut seen = HashSet::new();
    let firsts = pages.heard.iter().map(|heard| heard.nth).filter(|nth| seen.insert(*nth));
    for (late, before) in order::overtaken(firsts) {
        violate(of(late), Rule::OutOfOrder, format!("it came after number {before}"));
    }

    let mut told = Told::of(pages);
    for (said, nth) in pages.customer.iter().zip(1..) {
        let Some(accepted) = said.accepted else { continue };
        figures.to_vendor_accepted += 1;
        if times.contains_key(&nth) {
            figures.to_vendor_delivered += 1;
            let heard = pages.heard.iter().find(|heard| heard.nth == nth).map(|heard| heard.clock);
            figures.oldest_at_vendor = figures.oldest_at_vendor.max(super::age(said, heard));
        } else if pages.is_failed() || told.covers(said) {
            figures.to_vendor_reported += 1;
        } else if was_overtaken(pages, said, nth, terms) {
            figures.to_vendor_crossed_own += 1;
        } else if pages.goodbye(Author::Agent).is_some_and(|goodbye| goodbye.begun < accepted) {
            match pages.end_told() {
                Some(told) if told < accepted => figures.to_vendor_crossed_agent += 1,
                _ => violate(of(nth), Rule::Lost, "silently, at the agent's end".to_owned()),
            }
        } else {
            violate(
                of(nth),
                Rule::Lost,
                "acknowledged, not at the vendor, and the customer was not told".into(),
            );
        }
    }
}

/// The notices that messages did not arrive, used up one by one. Which message a notice is about it does not say.
struct Told {
    notices: Vec<u64>,
    unseen: u32,
}

impl Told {
    fn of(pages: &Pages) -> Self {
        let mut again = HashSet::new();
        // A flagged one may be the repeat of one that is there, or the only one; it counts once.
        let counts = |flagged: &Option<String>, again: &mut HashSet<String>| match flagged {
            None => true,
            Some(delivery) => again.insert(delivery.clone()),
        };
        let mut told = Self { notices: Vec::new(), unseen: 0 };
        for shown in &pages.shown {
            match shown.what {
                What::NotDelivered if counts(&shown.flagged, &mut again) => told.notices.push(shown.at),
                What::Ended { unseen } => told.unseen = told.unseen.max(unseen),
                _ => {}
            }
        }
        told
    }

    /// Whether one of them, which no message before has used up, may be about this message.
    fn covers(&mut self, said: &Said) -> bool {
        if let Some(place) = self.notices.iter().position(|at| *at > said.begun) {
            self.notices.remove(place);
            return true;
        }
        let unseen = self.unseen > 0;
        self.unseen = self.unseen.saturating_sub(1);
        unseen
    }
}

/// Whether the customer's own goodbye may have overtaken a message: it was still on its way, and something kept it from
/// being carried before the end was, as it else is.
fn was_overtaken(pages: &Pages, said: &Said, nth: u32, terms: Terms) -> bool {
    let Some(goodbye) = pages.goodbye(Author::Customer) else { return false };
    let on_its_way = !pages.heard.iter().any(|heard| heard.nth > nth && heard.at < goodbye.begun);
    let no_start = pages.opened.is_empty() || pages.start_status().as_deref() == Some("pending");
    let too_old = match (said.clock, pages.vendor_ended) {
        // A retry that would come too late is not made, so that it may be given up a little before.
        (Some(accepted), Some(ended)) => ended.saturating_duration_since(accepted) > terms.fresh * 3 / 4,
        _ => true,
    };
    on_its_way && (no_start || too_old || pages.goodbye(Author::Agent).is_some())
}
