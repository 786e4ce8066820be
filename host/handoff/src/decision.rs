//! What a decision is: the session as it becomes, and what goes out because of it, to be committed as one.

use crate::address::Route;
use crate::delivery::{Delivery, Direction, Parcel, Receipt};
use crate::ids::{DeliveryId, Timestamp};
use crate::policy::Env;
use crate::session::Session;
use crate::timer;

/// What becomes of the delivery whose outcome was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It arrived, or nobody wants it any more.
    Done,
    /// Once more, at this time.
    Again {
        /// Not before.
        due: Timestamp,
        /// The attempt that failed may have arrived all the same.
        maybe_duplicate: bool,
        /// Whether it counts as a next attempt; a further step of a start does not.
        counts: bool,
    },
    /// Once more, to where the session leads now, as fresh as if it had just been posted.
    Elsewhere {
        /// Not before.
        due: Timestamp,
        /// How long it may be on its way there.
        deadline: Timestamp,
    },
    /// It did not arrive and will not be tried again; kept for the operator, with the reason.
    Dead(String),
}

/// A delivery and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which.
    pub delivery: DeliveryId,
    /// Which attempt it was. A claimer that was too slow has lost the delivery to another, whose attempt is a later
    /// one; what it settles no longer counts.
    pub attempt: u32,
    /// What becomes of it.
    pub fate: Fate,
}

/// What is to be committed, whole or not at all, and what the one who asked is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<V> {
    /// The session as it becomes; none leaves it as it is.
    pub session: Option<Session>,
    /// New deliveries, in order.
    pub deliveries: Vec<Delivery>,
    /// What becomes of the delivery that this is about.
    pub settlement: Option<Settlement>,
    /// What was held for this session's customer can be pushed from now on, until this time.
    pub released: Option<Timestamp>,
    /// When the session's next timer runs out; counts where `session` is given.
    pub wake: Option<Timestamp>,
    /// For the one who asked.
    pub verdict: V,
}

impl<V> Decision<V> {
    /// Nothing changes.
    pub fn nothing(verdict: V) -> Self {
        Self { session: None, deliveries: Vec::new(), settlement: None, released: None, wake: None, verdict }
    }
}

/// A session while a decision is made on it; collects what goes out.
pub(crate) struct Draft<'a> {
    pub(crate) session: Session,
    pub(crate) env: Env<'a>,
    /// What is posted is as old as this.
    pub(crate) since: Timestamp,
    released: Option<Timestamp>,
    deliveries: Vec<Delivery>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(session: Session, env: Env<'a>) -> Self {
        Self { session, env, since: env.now, released: None, deliveries: Vec::new() }
    }

    /// Puts a parcel at the end of its lane.
    pub(crate) fn post(&mut self, parcel: Parcel) {
        let direction = parcel.direction();
        let (seq, held) = match direction {
            Direction::ToVendor => (&mut self.session.to_vendor, false),
            Direction::ToCustomer => {
                (&mut self.session.to_customer, self.session.address.to_customer == Route::Held)
            }
            Direction::Receipts => (&mut self.session.receipts, false),
        };
        *seq += 1;
        let seq = *seq;
        if matches!(parcel, Parcel::Message(_)) {
            self.session.in_hand += 1;
        }
        self.deliveries.push(Delivery {
            id: DeliveryId::of(self.session.id, direction, seq),
            session: self.session.id,
            direction,
            seq,
            deadline: match held {
                true => Timestamp::NEVER,
                false => self.since.plus(self.env.policy.patience(&parcel)),
            },
            parcel,
            attempt: 1,
            created: self.since,
            due: if held { Timestamp::NEVER } else { self.env.now },
            maybe_duplicate: false,
        });
    }

    /// Tells the live agent what became of a message, where the connector can.
    pub(crate) fn report(&mut self, message: &str, receipt: Receipt) {
        if self.env.reports {
            self.post(Parcel::Receipt { message: message.to_owned(), receipt });
        }
    }

    /// Lets go of what is held: there is a way to the customer now.
    pub(crate) fn release(&mut self) {
        self.released = Some(self.env.now.plus(self.env.policy.fresh_to_customer));
    }

    /// The session as it becomes and what goes out, where no timer depends on it.
    pub(crate) fn parts(self) -> (Session, Vec<Delivery>) {
        (self.session, self.deliveries)
    }

    /// The session as it becomes, and its next timer.
    pub(crate) fn timed(self) -> (Session, Option<Timestamp>) {
        let wake = timer::next(&self.session, self.env.policy);
        (self.session, wake)
    }

    /// The session as it becomes, and what goes out.
    pub(crate) fn finish<V>(self, verdict: V) -> Decision<V> {
        let wake = timer::next(&self.session, self.env.policy);
        Decision {
            session: Some(self.session),
            deliveries: self.deliveries,
            settlement: None,
            released: self.released,
            wake,
            verdict,
        }
    }

    /// The same, for the outcome of a delivery.
    pub(crate) fn settle<V>(self, delivery: &Delivery, fate: Fate, verdict: V) -> Decision<V> {
        let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate };
        Decision { settlement: Some(settlement), ..self.finish(verdict) }
    }
}
