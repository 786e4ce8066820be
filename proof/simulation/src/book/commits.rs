//! What a decision that was committed says, held against what was before it.

use handover_handoff::address::Action;
use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Parcel, Receipt};
use handover_handoff::notice::Notice;
use handover_handoff::session::{Control, EndReason, Phase};
use handover_handoff::{Decision, DeliveryId, Session};
use handover_store::Once;

use super::{Book, Entry, Page, Pages, Status};
use crate::world::World;

impl Book {
    /// A decision was committed, as far as its maker knows; `stored` is what the database has now.
    pub fn committed(
        &self,
        world: &World,
        before: Option<Session>,
        decision: &Decision<()>,
        stored: Option<Session>,
        once: Option<&Once>,
    ) {
        let Some(session) = &decision.session else { return };
        if stored.as_ref() != Some(session) {
            match decision.settlement {
                Some(_) => world.tally.count("outcome of a lost claim set aside"),
                None => {
                    world.broken("I4", format!("what was decided on {} is not what is stored", session.id))
                }
            }
            return;
        }
        let mut pages = self.pages();
        let turn = once.filter(|once| once.scope.starts_with("bot/"));
        pages.turns.extend(turn.map(|once| once.key.clone()));
        keys_do_not_cross(world, &pages, before.as_ref(), session);
        let before = before.filter(|before| before.id == session.id);
        let changed = before.as_ref() != Some(session) || !decision.deliveries.is_empty();
        let Pages { sessions, texts, .. } = &mut *pages;
        let page = sessions.entry(session.id).or_insert_with(|| Page::new(session.clone()));
        page.commits += 1;
        if let Some(settlement) = &decision.settlement
            && !settled(world, page, settlement, before.as_ref(), &decision.deliveries, changed)
        {
            return;
        }
        let was_open = before.as_ref().is_none_or(|before| before.phase.is_open());
        if was_open && !session.phase.is_open() {
            page.closed = Some(world.elapsed());
            the_end_is_told(world, page, session, &decision.deliveries);
            world.note(format!("{} is over: {:?}", session.id, session.phase));
        }
        control(world, before.as_ref(), session, &decision.deliveries, turn.is_some());
        if !session.vendor.lookup_keys.is_empty() {
            page.named.get_or_insert(world.elapsed());
        }
        page.session = session.clone();
        for delivery in &decision.deliveries {
            posted(world, page, delivery);
            if let Some(text) = text(&delivery.parcel) {
                follows(world, page, text);
                let place = (delivery.session, delivery.direction, delivery.seq);
                if texts.insert(text.to_owned(), place).is_some_and(|other| other != place) {
                    world.broken("I4", format!("{text:?} was taken in twice"));
                }
            }
        }
    }
}

/// The text of a message; no two messages have the same.
pub(super) fn text(parcel: &Parcel) -> Option<&str> {
    match parcel {
        Parcel::Message(message) => Some(&message.text),
        Parcel::AgentMessage(message) => Some(&message.text),
        _ => None,
    }
}

/// I5, from the very source: whoever writes waits for each message to be acknowledged before the next.
fn follows(world: &World, page: &mut Page, text: &str) {
    let Some((source, number)) = text.rsplit_once(' ') else { return };
    let number: u64 = number.parse().unwrap_or_default();
    let last = page.sources.entry(source.to_owned()).or_default();
    if number < *last {
        world.broken("I5", format!("{text:?} was taken in after {last} in {}", page.session.id));
    }
    *last = (*last).max(number);
}

/// I2: no two open sessions of a connector go by the same key.
fn keys_do_not_cross(world: &World, pages: &Pages, before: Option<&Session>, session: &Session) {
    let known = before.map(|before| &before.vendor.lookup_keys);
    for key in &session.vendor.lookup_keys {
        if !session.phase.is_open() || known.is_some_and(|known| known.contains(key)) {
            continue;
        }
        let other = pages.sessions.values().map(|page| &page.session).find(|other| {
            other.id != session.id
                && other.connector == session.connector
                && other.phase.is_open()
                && other.vendor.lookup_keys.contains(key)
        });
        if let Some(other) = other {
            world.broken("I2", format!("{key} names {} and {}", other.id, session.id));
        }
    }
}

/// Writes what became of a delivery; false where that was too late.
fn settled(
    world: &World,
    page: &mut Page,
    settlement: &Settlement,
    before: Option<&Session>,
    posted: &[Delivery],
    changed: bool,
) -> bool {
    let id = page.session.id;
    let entries = page.lanes.iter_mut().flat_map(|lane| lane.entries.values_mut());
    let Some(entry) = entries.into_iter().find(|entry| entry.delivery.id == settlement.delivery) else {
        world.broken("I4", format!("{} of {id} was settled and never committed", settlement.delivery));
        return false;
    };
    let lost = settlement.attempt < entry.latest || entry.in_hand != Some(settlement.attempt);
    if lost {
        if changed {
            let (kind, seq) = (entry.delivery.parcel.kind(), entry.delivery.seq);
            world.broken(
                "I5",
                format!(
                    "the outcome of attempt {} at {kind} {seq} of {id} counts, but it is in hand as {:?}",
                    settlement.attempt, entry.in_hand
                ),
            );
        }
        return changed;
    }
    entry.in_hand = None;
    match &settlement.fate {
        Fate::Again { .. } | Fate::Elsewhere { .. } => {}
        Fate::Done => entry.status = if changed { Status::Over } else { Status::Perhaps },
        Fate::Dead(reason) => {
            entry.status = if changed { Status::Over } else { Status::Perhaps };
            world.tally.count("dead letters");
            world.note(format!(
                "{id} {} {} is dead: {reason}",
                entry.delivery.parcel.kind(),
                entry.delivery.seq
            ));
            let told = match &entry.delivery.parcel {
                // What was in hand when its session ended was counted as unseen then, where anybody was told.
                Parcel::Message(_) if !before.is_some_and(awaits_news) => true,
                Parcel::Message(_) => posted.iter().any(|d| d.parcel == Parcel::Notice(Notice::NotDelivered)),
                Parcel::AgentMessage(message) => posted.iter().any(|d| {
                    matches!(&d.parcel, Parcel::Receipt { message: id, receipt: Receipt::NotDelivered(_) }
                        if Some(id) == message.id.as_ref())
                }),
                _ => true,
            };
            if !told {
                world.broken("I4", format!("{:?} did not arrive and nobody is told", entry.delivery.parcel));
            }
        }
    }
    true
}

/// Whether a message that does not arrive is told by itself: while its session is open, and to those who have left
/// without news of the end.
fn awaits_news(session: &Session) -> bool {
    session.phase.is_open()
        || matches!(session.phase, Phase::Ending(EndReason::Customer) | Phase::Ended(EndReason::Customer))
}

/// I4: who was told of the end knows how many messages may not have been seen.
fn the_end_is_told(world: &World, page: &Page, session: &Session, posted: &[Delivery]) {
    let in_hand = page.lanes[0].entries.values().filter(|entry| {
        entry.status == Status::Pending && matches!(entry.delivery.parcel, Parcel::Message(_))
    });
    let count = in_hand.count();
    let told = posted.iter().find_map(|delivery| match &delivery.parcel {
        Parcel::Notice(Notice::Ended { unseen, .. }) => Some(*unseen as usize == count),
        Parcel::Notice(Notice::NoAgents | Notice::StartFailed) => Some(true),
        _ => None,
    });
    let left = matches!(
        session.phase,
        Phase::Ending(EndReason::Customer | EndReason::Bot)
            | Phase::Ended(EndReason::Customer | EndReason::Bot)
    );
    match told {
        Some(true) => {}
        Some(false) => {
            world.broken("I4", format!("{}: the end tells another number than {count} unseen", session.id))
        }
        None if left || count == 0 => {}
        None => world.broken("I4", format!("{} ended with {count} unseen and told nobody", session.id)),
    }
}

/// I8: control goes back once for each time that it was given.
fn control(world: &World, before: Option<&Session>, session: &Session, posted: &[Delivery], turn: bool) {
    let held = |session: &Session| matches!(session.control, Control::Skill { .. });
    let (was, is) = (before.is_some_and(held), held(session));
    let results = posted.iter().filter(|delivery| gives_back(&delivery.parcel)).count();
    let id = session.id;
    if is && !session.phase.is_open() {
        world.broken("I8", format!("{id} is over and keeps control"));
    }
    match (was, is, results) {
        (_, _, 0) if was == is || is => {}
        // The bot has taken it back itself, with a goodbye or without.
        (true, false, 0) if turn => {}
        (true, false, 1) => {}
        // A message that no session is open for is turned away.
        (false, false, 1) if turn => {}
        _ => world
            .broken("I8", format!("{id}: control was held {was}, is held {is}, given back {results} times")),
    }
}

pub(super) fn gives_back(parcel: &Parcel) -> bool {
    matches!(parcel, Parcel::ActionResult(result) if result.to.action == Action::SendMessage)
}

/// A new delivery stands at the end of its lane.
pub(super) fn posted(world: &World, page: &mut Page, delivery: &Delivery) {
    let id = page.session.id;
    match &delivery.parcel {
        Parcel::Notice(Notice::Ended { .. }) => {
            page.ends_told += 1;
            if page.ends_told > 1 {
                world.broken("I3", format!("the end of {id} is told twice"));
            }
        }
        Parcel::ActionResult(result) if result.to.action == Action::StartConversation => {
            let answers = page.answers.entry(result.to.activity.clone().unwrap_or_default()).or_default();
            *answers += 1;
            if *answers > 1 {
                world.broken("I8", format!("a start of {id} is answered twice"));
            }
        }
        Parcel::AgentMessage(message) => {
            let key = message.text.split(' ').nth(1).unwrap_or_default();
            if !page.session.vendor.lookup_keys.iter().any(|known| known == key) {
                world.broken("I2", format!("{:?} was taken in for {id}", message.text));
            }
        }
        _ => {}
    }
    let lane = page.lane(delivery.direction);
    let expected = lane.entries.last_key_value().map_or(1, |(seq, _)| seq + 1);
    if delivery.seq != expected || delivery.id != DeliveryId::of(id, delivery.direction, delivery.seq) {
        world.broken("I5", format!("{id}: place {} follows {}", delivery.seq, expected - 1));
    }
    lane.entries.insert(
        delivery.seq,
        Entry {
            delivery: delivery.clone(),
            status: Status::Pending,
            in_hand: None,
            latest: 0,
            copies: Vec::new(),
            redriven: false,
            posted: world.elapsed(),
            arrived: None,
        },
    );
}
