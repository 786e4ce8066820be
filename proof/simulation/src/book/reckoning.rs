//! The reckoning, once everything is at rest: what was accepted has arrived or its sender knows, all sessions have
//! ended, nobody is captured, and nothing was slower than it had to be.

use std::collections::BTreeSet;

use handover_handoff::DeliveryId;
use handover_handoff::address::Action;
use handover_handoff::delivery::{Direction, Parcel};
use handover_handoff::session::Phase;
use handover_store::DeadLetter;

use super::{Book, Entry, Page, Pages};
use crate::customer::RECOVERY;
use crate::vendor::shows_problem;
use crate::weather::Mood;
use crate::world::World;

/// How long a message takes at most where nothing is wrong.
const PROMPT: u64 = 3_000;

impl Book {
    /// Closes the book. These are the dead letters that the database has.
    pub fn close(&self, world: &World, dead: &[DeadLetter]) {
        let pages = self.pages();
        let dead: BTreeSet<DeliveryId> = dead.iter().map(|letter| letter.delivery.id).collect();
        for page in pages.sessions.values() {
            if !matches!(page.session.phase, Phase::Ended(_)) {
                world.broken("I6", format!("{} never ended: {:?}", page.session.id, page.session.phase));
            }
            for entry in page.lanes.iter().flat_map(|lane| lane.entries.values()) {
                arrived_or_known(world, &pages, page, entry, dead.contains(&entry.delivery.id));
                prompt(world, page, entry);
            }
        }
        nobody_is_captured(world, &pages, &dead);
        kept_callbacks(world, &pages);
    }
}

/// I4.
fn arrived_or_known(world: &World, pages: &Pages, page: &Page, entry: &Entry, dead: bool) {
    if page.is_left_behind(pages, entry) {
        world.tally.count("held and left behind");
        return;
    }
    let parcel = &entry.delivery.parcel;
    // What was only begun for a session that is over is not wanted any more.
    let unwanted = matches!(parcel, Parcel::Start(_) | Parcel::End { .. });
    if entry.copies.is_empty() && !dead && page.was_told_at_the_start(entry) {
        world.tally.count("delivered with the start");
        return;
    }
    if entry.copies.is_empty() && !dead && !unwanted && !page.forgotten {
        world.broken(
            "I4",
            format!(
                "{} {} of {} is settled, and has never arrived",
                parcel.kind(),
                entry.delivery.seq,
                page.session.id
            ),
        );
    }
    match (parcel, entry.arrived) {
        (Parcel::Message(_), Some(_)) => world.tally.count("delivered to vendors"),
        (Parcel::AgentMessage(_), Some(_)) => world.tally.count("delivered to customers"),
        (Parcel::Message(_) | Parcel::AgentMessage(_), None) => world.tally.count("reported instead"),
        _ => {}
    }
}

impl Page {
    /// Whether a first message says nothing but the problem, and the start that showed it is there.
    fn was_told_at_the_start(&self, entry: &Entry) -> bool {
        let lane = &self.lanes[0].entries;
        let Parcel::Message(message) = &entry.delivery.parcel else { return false };
        let mut messages = lane.values().filter(|other| matches!(other.delivery.parcel, Parcel::Message(_)));
        messages.next().is_some_and(|first| first.delivery.id == entry.delivery.id)
            && lane.values().any(|other| match &other.delivery.parcel {
                Parcel::Start(start) => {
                    !other.copies.is_empty()
                        && shows_problem(self.session.id)
                        && start.problem.as_deref() == Some(&message.text)
                }
                _ => false,
            })
    }
}

/// Where nothing is wrong a message is there at once.
fn prompt(world: &World, page: &Page, entry: &Entry) {
    if !matches!(entry.delivery.parcel, Parcel::Message(_) | Parcel::AgentMessage(_)) {
        return;
    }
    let recovered = world.healed().map_or(u64::MAX, |at| at + RECOVERY);
    let leads_well =
        page.session.connector == world.vendors[0].name || entry.delivery.direction == Direction::ToCustomer;
    let well = match world.weather.mood {
        Mood::Calm => true,
        Mood::OneDead => leads_well,
        Mood::Rough => entry.posted >= recovered,
    };
    let Some(arrived) = entry.arrived.filter(|_| well) else { return };
    // What is held waits for the customer.
    let held = entry.delivery.due == handover_handoff::Timestamp::NEVER;
    if !held && arrived - entry.posted > PROMPT {
        world.broken(
            "liveness",
            format!(
                "{} {} of {} took {} ms though nothing was wrong",
                entry.delivery.parcel.kind(),
                entry.delivery.seq,
                page.session.id,
                arrived - entry.posted
            ),
        );
    }
}

/// I8: every bot has control again, and every start is answered.
fn nobody_is_captured(world: &World, pages: &Pages, dead: &BTreeSet<DeliveryId>) {
    let conversations: BTreeSet<&String> =
        pages.sessions.values().map(|page| &page.session.conversation.conversation).collect();
    for conversation in conversations {
        let ours =
            || pages.sessions.values().filter(|page| page.session.conversation.conversation == *conversation);
        // What the bot refused for good stands among the dead letters.
        let known = ours().any(|page| {
            page.forgotten
                || page.lanes[1].entries.values().any(|entry| {
                    dead.contains(&entry.delivery.id)
                        && matches!(&entry.delivery.parcel, Parcel::ActionResult(_))
                })
        });
        if known {
            continue;
        }
        if world.channel.waits(conversation) {
            world.broken("I8", format!("the bot of {conversation} never gets control back"));
        }
        for (_, activity) in pages.starts.iter().filter(|(owner, _)| owner == conversation) {
            let held = ours().any(|page| {
                page.lanes[1].entries.values().any(|entry| {
                    entry.copies.is_empty()
                        && matches!(&entry.delivery.parcel, Parcel::ActionResult(result)
                        if result.to.action == Action::StartConversation)
                })
            });
            if world.channel.answer(conversation, activity).is_none() && !held {
                world.broken("I8", format!("start {activity} is never answered"));
            }
        }
    }
}

/// I4: what was kept unread is taken in, once it can be read; where its session is over by then, its author knows.
fn kept_callbacks(world: &World, pages: &Pages) {
    for (text, unread) in &pages.kept {
        if pages.texts.contains_key(text) {
            world.tally.count("kept message taken in");
            continue;
        }
        let owner =
            pages.sessions.values().find(|page| page.session.vendor.lookup_keys.contains(&unread.key));
        // Of a start whose outcome nobody knew then there was nothing to name it by.
        let nameless = |page: &Page| {
            page.forgotten || page.named.is_none_or(|at| Some(at) >= unread.read) && page.closed.is_some()
        };
        let known = owner.is_some_and(|page| !page.forgotten && page.tells_of(text));
        match unread.read {
            Some(_) if known => world.tally.count("kept message read too late, and told"),
            Some(_) if owner.is_none_or(nameless) => {
                world.tally.count("kept message of a session that is not known");
            }
            Some(_) => world.broken("I4", format!("{text:?} was kept, read, and dropped")),
            None => world.broken("I4", format!("{text:?} was kept and never read")),
        }
    }
}
