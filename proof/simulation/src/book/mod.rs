//! The book: what was really committed and what really arrived, held against I1 to I8 at each step and at the end.
//!
//! It is written where things happen: [`commits`] by the lines to the store, [`lanes`] by who claims and takes,
//! [`arrivals`] by those that parcels arrive at, and [`reckoning`] closes it.

mod arrivals;
mod commits;
mod lanes;
mod questions;
mod reckoning;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use handover_handoff::delivery::{Delivery, Direction, Parcel, Receipt};
use handover_handoff::{Session, SessionId, Timestamp};

/// What became of a delivery, as far as commits tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// It is on its way.
    Pending,
    /// It is settled.
    Over,
    /// It is settled, unless that was too late: where the session stays as it is nobody can tell.
    Perhaps,
}

/// One delivery.
#[derive(Debug)]
struct Entry {
    delivery: Delivery,
    status: Status,
    /// The attempt that is in somebody's hand.
    in_hand: Option<u32>,
    /// The latest attempt that was handed out.
    latest: u32,
    /// What arrived of it, and whether it was marked as a possible duplicate.
    copies: Vec<bool>,
    redriven: bool,
    posted: u64,
    arrived: Option<u64>,
}

/// A lane of a session.
#[derive(Debug, Default)]
struct Lane {
    entries: BTreeMap<u64, Entry>,
    /// The last place that has arrived in order.
    furthest: u64,
}

/// One session.
#[derive(Debug)]
struct Page {
    session: Session,
    lanes: [Lane; 3],
    commits: u64,
    forgotten: bool,
    erased: bool,
    /// When the vendor's name of it was known.
    named: Option<u64>,
    closed: Option<u64>,
    /// How often the bot's starts were answered, by activity.
    answers: BTreeMap<String, u32>,
    /// The number of the last message that was taken in from each source.
    sources: BTreeMap<String, u64>,
    /// The end was shown to the customer, or control went back.
    over_shown: bool,
    ends_told: u32,
}

impl Page {
    fn new(session: Session) -> Self {
        Self {
            session,
            lanes: Default::default(),
            commits: 0,
            forgotten: false,
            erased: false,
            named: None,
            closed: None,
            answers: BTreeMap::new(),
            sources: BTreeMap::new(),
            over_shown: false,
            ends_told: 0,
        }
    }

    /// What was held when the conversation's next session began, and not taken along then: nobody asks for it any
    /// more.
    fn is_left_behind(&self, pages: &Pages, entry: &Entry) -> bool {
        let (mine, held) = (&self.session, entry.delivery.due == Timestamp::NEVER);
        held && entry.status == Status::Pending
            && pages.sessions.values().map(|page| &page.session).any(|other| {
                other.conversation == mine.conversation && other.marks.started > mine.marks.started
            })
    }

    /// Whether the live agent is told that this message did not arrive.
    fn tells_of(&self, text: &str) -> bool {
        self.lanes[at(Direction::Receipts)].entries.values().any(|entry| {
            matches!(&entry.delivery.parcel, Parcel::Receipt { message, receipt: Receipt::NotDelivered(_) }
                if message == text)
        })
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        &mut self.lanes[at(direction)]
    }

    fn entry(&mut self, delivery: &Delivery) -> Option<&mut Entry> {
        self.lane(delivery.direction).entries.get_mut(&delivery.seq)
    }
}

fn at(direction: Direction) -> usize {
    match direction {
        Direction::ToVendor => 0,
        Direction::ToCustomer => 1,
        Direction::Receipts => 2,
    }
}

/// A message in a callback that could not be read.
#[derive(Debug, Default)]
struct Unread {
    key: String,
    read: Option<u64>,
}

#[derive(Debug, Default)]
struct Pages {
    sessions: BTreeMap<SessionId, Page>,
    /// Which message is which delivery.
    texts: BTreeMap<String, (SessionId, Direction, u64)>,
    /// Turns that were taken in.
    turns: BTreeSet<String>,
    /// Starts that were acknowledged and are to be answered by a post.
    starts: Vec<(String, String)>,
    kept: BTreeMap<String, Unread>,
}

/// What was committed and what arrived.
#[derive(Debug, Default)]
pub struct Book(Mutex<Pages>);

impl Book {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
