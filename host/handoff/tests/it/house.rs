//! Plays everything around the rules: the store with its lanes and timers, a clock, a bot and a vendor.
//!
//! Each decision is made twice and must come out the same, and is checked by `invariants` when it is committed.

use handover_handoff::address::{Account, Action, ActionRef, ReturnAddress, Route};
use handover_handoff::decision::Fate;
use handover_handoff::delivery::{Delivery, Direction, Failure, Parcel, RetryAdvice};
use handover_handoff::event::Told;
use handover_handoff::notice::Notice;
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::policy::{Env, Policy};
use handover_handoff::turn::{Opening, Request, Turn, Verdict};
use handover_handoff::vendor::{Customer, Event, StartRequest};
use handover_handoff::{ConversationKey, Decision, Session, SessionId, Timestamp};
use handover_handoff::{event, outcome, timer, turn};
use uuid::Uuid;

use crate::words::{agent_message, message, started};

/// What has become of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Pending,
    Done,
    Dead(String),
}

/// A delivery in its lane.
#[derive(Debug, Clone)]
pub struct Place {
    pub delivery: Delivery,
    pub status: Status,
    /// An attempt was made.
    pub carried: bool,
    /// The customer has been told that this message may not have been seen.
    pub told: bool,
    /// Of a start: the vendor shows the live agent the problem.
    pub shows_problem: bool,
}

/// A session as the store keeps it, with what the bot is owed.
#[derive(Debug, Clone)]
pub struct Kept {
    pub session: Session,
    pub wake: Option<Timestamp>,
    pub to_vendor: Vec<Place>,
    pub to_customer: Vec<Place>,
    pub receipts: Vec<Place>,
    /// The bot keeps a `sendMessage` open and nothing that ends it has been posted.
    pub bot_waits: bool,
    /// The `startConversation` actions that have no result yet.
    pub starts_owed: Vec<ActionRef>,
}

impl Kept {
    pub fn lane(&self, direction: Direction) -> &Vec<Place> {
        match direction {
            Direction::ToVendor => &self.to_vendor,
            Direction::ToCustomer => &self.to_customer,
            Direction::Receipts => &self.receipts,
        }
    }

    pub fn lane_mut(&mut self, direction: Direction) -> &mut Vec<Place> {
        match direction {
            Direction::ToVendor => &mut self.to_vendor,
            Direction::ToCustomer => &mut self.to_customer,
            Direction::Receipts => &mut self.receipts,
        }
    }

    pub fn head(&self, direction: Direction) -> Option<&Delivery> {
        self.lane(direction).iter().find(|place| place.status == Status::Pending).map(|place| &place.delivery)
    }

    pub fn pending(&self, direction: Direction) -> Vec<&Parcel> {
        let pending = self.lane(direction).iter().filter(|place| place.status == Status::Pending);
        pending.map(|place| &place.delivery.parcel).collect()
    }
}

/// What a decision was made on, as far as the checks care.
#[derive(Debug, Clone)]
pub enum Cause {
    Start {
        inline: bool,
        action: ActionRef,
    },
    Message {
        verdict: Verdict,
        /// With the input that opens an action.
        anew: bool,
    },
    Goodbye {
        verdict: Verdict,
        action: ActionRef,
    },
    Release,
    Event,
    Outcome {
        due_not_before: Option<Timestamp>,
    },
    Timer,
}

pub struct House {
    pub now: Timestamp,
    pub policy: Policy,
    /// In the order they were opened.
    pub sessions: Vec<Kept>,
    pub conversation: String,
    pub inline: bool,
    pub route: Route,
    pub turns: u64,
    /// The breaker is open.
    pub vendor_down: bool,
    /// Who calls, as its token says.
    pub caller: Option<String>,
    /// What the vendor tells has been acknowledged before.
    pub acknowledged: bool,
    /// Where a start goes when its first connector cannot take it.
    pub further: Vec<String>,
}

impl House {
    pub fn new() -> Self {
        Self {
            now: Timestamp(1_800_000_000_000),
            policy: Policy::default(),
            sessions: Vec::new(),
            conversation: "conversation-1".to_owned(),
            inline: false,
            route: Route::SkillCallback { base: "https://bot.example/".to_owned() },
            turns: 0,
            vendor_down: false,
            caller: Some("agent-1".to_owned()),
            acknowledged: false,
            further: Vec::new(),
        }
    }

    /// Turns carry their replies in their responses, and nothing can be pushed.
    pub fn held() -> Self {
        Self { inline: true, route: Route::Held, ..Self::new() }
    }

    pub fn env(&self) -> Env<'_> {
        Env { vendor_down: self.vendor_down, ..Env::new(self.now, &self.policy) }
    }

    // The bot's side

    pub fn turn(&mut self, request: Request) -> Verdict {
        self.turns += 1;
        let activity = Some(format!("activity-{}", self.turns));
        let turn = Turn {
            key: ConversationKey {
                tenant: "tenant".to_owned(),
                channel: "msteams".to_owned(),
                conversation: self.conversation.clone(),
            },
            address: ReturnAddress {
                to_bot: self.route.clone(),
                to_customer: self.route.clone(),
                channel: "msteams".to_owned(),
                conversation: self.conversation.clone(),
                service_url: "https://bot.example/".to_owned(),
                bot: None,
                customer: Account { id: "customer".to_owned(), name: None },
                locale: None,
                caller: self.caller.clone(),
            },
            customer: Customer { id: "customer".to_owned(), ..Customer::default() },
            activity: activity.clone(),
            inline: self.inline,
            request,
        };
        let at = self.by_conversation();
        let before = at.map(|at| self.sessions[at].session.clone());
        let opening = Opening {
            id: SessionId(Uuid::from_u128(u128::from(self.turns))),
            connector: "contoso".to_owned(),
            further: self.further.clone(),
            routing: Vec::new(),
        };
        let decision = turn::decide(before.clone(), &turn, opening.clone(), self.env());
        assert_eq!(decision, turn::decide(before, &turn, opening, self.env()));
        let verdict = decision.verdict.clone();
        let cause = match &turn.request {
            Request::Start(_) => Cause::Start {
                inline: turn.inline,
                action: ActionRef { action: Action::StartConversation, activity },
            },
            Request::Message { problem, .. } => {
                Cause::Message { verdict: verdict.clone(), anew: problem.is_some() }
            }
            Request::End => Cause::Goodbye {
                verdict: verdict.clone(),
                action: ActionRef { action: Action::EndConversation, activity },
            },
            Request::Release => Cause::Release,
        };
        self.commit(at, decision, &cause);
        verdict
    }

    pub fn start(&mut self) -> Verdict {
        self.turn(Request::Start(StartRequest::default()))
    }

    pub fn say(&mut self, text: &str) -> Verdict {
        self.say_with_problem(text, None)
    }

    pub fn say_with_problem(&mut self, text: &str, problem: Option<&str>) -> Verdict {
        let message = message(text, self.now);
        self.turn(Request::Message { message, problem: problem.map(str::to_owned) })
    }

    pub fn goodbye(&mut self) -> Verdict {
        self.turn(Request::End)
    }

    pub fn release(&mut self) -> Verdict {
        self.turn(Request::Release)
    }

    // The vendor's side

    pub fn event(&mut self, event: Event) -> event::Verdict {
        let at = self.sessions.len() - 1;
        self.event_for(at, &event)
    }

    pub fn event_for(&mut self, at: usize, event: &Event) -> event::Verdict {
        let before = self.sessions[at].session.clone();
        let decision = event::decide(Some(before.clone()), event, self.told(), self.env());
        assert_eq!(decision, event::decide(Some(before), event, self.told(), self.env()));
        let verdict = decision.verdict;
        self.commit(Some(at), decision, &Cause::Event);
        verdict
    }

    fn told(&self) -> Told {
        Told { at: self.now, acknowledged: self.acknowledged }
    }

    pub fn agent_writes(&mut self, text: &str) -> event::Verdict {
        self.event(Event::Message(agent_message(text)))
    }

    /// The outcome of the first delivery to the vendor; true where one was due.
    pub fn vendor(&mut self, outcome: Outcome) -> bool {
        let at = self.sessions.len() - 1;
        self.deliver(at, Direction::ToVendor, |_| outcome)
    }

    /// The outcome of the first receipt; true where one was due.
    pub fn receipt(&mut self, outcome: Outcome) -> bool {
        let at = self.sessions.len() - 1;
        self.deliver(at, Direction::Receipts, |_| outcome)
    }

    /// The vendor takes the start and names the conversation.
    pub fn vendor_takes(&mut self, key: &str, events: Vec<Event>) {
        assert!(self.vendor(started(&[key], events, true)));
    }

    /// Everything that waits for the vendor and is carried arrives there; these are the texts of the messages among it.
    pub fn vendor_gets(&mut self) -> Vec<String> {
        let (at, mut texts) = (self.sessions.len() - 1, Vec::new());
        let mut arrives = |delivery: &Delivery| {
            if let Parcel::Message(message) = &delivery.parcel {
                texts.push(message.text.clone());
            }
            Outcome::Done(Update::default())
        };
        while self.deliver(at, Direction::ToVendor, &mut arrives) {}
        while self.receipt(Outcome::Done(Update::default())) {}
        texts
    }

    /// Everything that can be pushed to the customer, and to the bot, arrives there.
    pub fn customer_gets(&mut self) -> Vec<Parcel> {
        let at = self.sessions.len() - 1;
        let mut got = Vec::new();
        while let Some(head) = self.sessions[at].head(Direction::ToCustomer).cloned() {
            if !self.deliver(at, Direction::ToCustomer, |_| Outcome::Done(Update::default())) {
                break;
            }
            got.push(head.parcel);
        }
        got
    }

    /// What an inline response takes along.
    pub fn take_held(&mut self) -> Vec<Parcel> {
        self.take_held_of(self.sessions.len() - 1)
    }

    pub fn take_held_of(&mut self, at: usize) -> Vec<Parcel> {
        let now = self.now;
        let kept = &mut self.sessions[at];
        let mut held = Vec::new();
        for place in kept.to_customer.iter_mut().skip_while(|place| place.status != Status::Pending) {
            if place.delivery.due != Timestamp::NEVER {
                break;
            }
            place.status = Status::Done;
            held.push(place.delivery.clone());
        }
        let (session, deliveries) = outcome::taken(kept.session.clone(), &held, now);
        let decision =
            Decision { session: Some(session), wake: kept.wake, deliveries, ..Decision::nothing(()) };
        self.commit(Some(at), decision, &Cause::Outcome { due_not_before: None });
        held.into_iter().map(|delivery| delivery.parcel).collect()
    }

    /// Attempts the head of a lane as a worker does; false where nothing is due.
    pub fn deliver(
        &mut self,
        at: usize,
        direction: Direction,
        attempt: impl FnOnce(&Delivery) -> Outcome,
    ) -> bool {
        self.deliver_with(at, direction, 0.5, attempt)
    }

    pub fn deliver_with(
        &mut self,
        at: usize,
        direction: Direction,
        jitter: f64,
        attempt: impl FnOnce(&Delivery) -> Outcome,
    ) -> bool {
        let kept = &self.sessions[at];
        let Some(head) = kept.head(direction).cloned().filter(|head| head.due <= self.now) else {
            return false;
        };
        let outcome = match outcome::is_wanted(&kept.session, &head) {
            false => Outcome::Unwanted,
            true if self.now > head.deadline => Outcome::Stale,
            true => match (attempt(&head), &head.parcel) {
                (Outcome::Done(_), Parcel::Notice(Notice::Ended { .. })) => {
                    Outcome::EndTold { crossed: kept.session.crossed }
                }
                (outcome, _) => outcome,
            },
        };
        let due_not_before = match &outcome {
            Outcome::Failed(Failure { retry: RetryAdvice::Safe(Some(after)), .. }) => {
                Some(self.now.plus(*after))
            }
            _ => None,
        };
        let before = kept.session.clone();
        let place =
            self.sessions[at].lane_mut(direction).iter_mut().find(|place| place.delivery.id == head.id);
        let place = place.unwrap();
        place.carried |= !matches!(outcome, Outcome::Unwanted | Outcome::Stale);
        place.shows_problem = matches!(outcome, Outcome::Started { problem_told: true, .. });
        let decision = outcome::decide(before.clone(), &head, outcome.clone(), jitter, self.env());
        assert_eq!(decision, outcome::decide(before, &head, outcome, jitter, self.env()));
        let settled = decision.settlement.as_ref().unwrap();
        assert_eq!((settled.delivery, settled.attempt), (head.id, head.attempt));
        self.commit(Some(at), decision, &Cause::Outcome { due_not_before });
        true
    }

    // Time

    /// Lets time pass, and each timer run out when it is due.
    pub fn wait(&mut self, ms: u64) {
        let until = self.now.plus(ms);
        while let Some((at, wake)) = self.next_timer().filter(|(_, wake)| *wake <= until) {
            self.now = self.now.max(wake);
            self.fire(at);
        }
        self.now = until;
    }

    pub fn next_timer(&self) -> Option<(usize, Timestamp)> {
        let timers = self.sessions.iter().enumerate().filter_map(|(at, kept)| Some((at, kept.wake?)));
        timers.min_by_key(|(_, wake)| *wake)
    }

    pub fn fire(&mut self, at: usize) {
        let before = self.sessions[at].session.clone();
        let decision = timer::decide(Some(before.clone()), self.env());
        assert_eq!(decision, timer::decide(Some(before), self.env()));
        self.commit(Some(at), decision, &Cause::Timer);
    }

    // The store's side

    pub fn last(&self) -> &Kept {
        self.sessions.last().unwrap()
    }

    pub fn session(&self) -> &Session {
        &self.last().session
    }

    /// The conversation's open session, else its latest.
    pub fn by_conversation(&self) -> Option<usize> {
        let mine = |at: &usize| self.sessions[*at].session.conversation.conversation == self.conversation;
        let open = |at: &usize| self.sessions[*at].session.phase.is_open();
        let ours = || (0..self.sessions.len()).rev().filter(mine);
        ours().find(open).or_else(|| ours().next())
    }

    fn commit<V>(&mut self, at: Option<usize>, decision: Decision<V>, cause: &Cause) {
        let Decision { session, deliveries, settlement, released, wake, verdict: _ } = decision;
        let Some(session) = session else {
            assert!(
                deliveries.is_empty() && settlement.is_none() && released.is_none(),
                "effects without a session are never written"
            );
            return;
        };
        let found = self.sessions.iter().position(|kept| kept.session.id == session.id);
        let before = found.map(|at| self.sessions[at].clone());
        assert!(found.is_none() || found == at, "a decision is about the session it was given, or a new one");
        let at = found.unwrap_or_else(|| {
            self.sessions.push(Kept {
                session: session.clone(),
                wake: None,
                to_vendor: Vec::new(),
                to_customer: Vec::new(),
                receipts: Vec::new(),
                bot_waits: false,
                starts_owed: Vec::new(),
            });
            self.sessions.len() - 1
        });
        let kept = &mut self.sessions[at];
        // As the store does: what was held can be pushed once there is a way.
        let way =
            kept.session.address.to_customer == Route::Held && session.address.to_customer != Route::Held;
        assert_eq!(released.is_some(), way, "what is held is let go of once it can be pushed, and only then");
        if let Some(deadline) = released {
            let held = |place: &&mut Place| {
                place.status == Status::Pending && place.delivery.due == Timestamp::NEVER
            };
            for place in kept.to_customer.iter_mut().filter(held) {
                place.delivery.due = self.now;
                place.delivery.deadline = deadline;
            }
        }
        kept.session = session;
        kept.wake = wake;
        for delivery in &deliveries {
            let place = Place {
                delivery: delivery.clone(),
                status: Status::Pending,
                carried: false,
                told: false,
                shows_problem: false,
            };
            kept.lane_mut(delivery.direction).push(place);
        }
        if let Some(settlement) = &settlement {
            let lanes = kept.to_vendor.iter_mut().chain(&mut kept.to_customer).chain(&mut kept.receipts);
            let place = lanes.into_iter().find(|place| place.delivery.id == settlement.delivery).unwrap();
            match &settlement.fate {
                Fate::Done => place.status = Status::Done,
                Fate::Dead(reason) => place.status = Status::Dead(reason.clone()),
                Fate::Again { due, maybe_duplicate, counts } => {
                    place.delivery.due = *due;
                    place.delivery.maybe_duplicate |= maybe_duplicate;
                    place.delivery.attempt += u32::from(*counts);
                }
                Fate::Elsewhere { due, deadline } => {
                    place.delivery.due = *due;
                    place.delivery.deadline = *deadline;
                    place.delivery.maybe_duplicate = false;
                    place.delivery.attempt += 1;
                }
            }
        }
        crate::invariants::check(self, at, before.as_ref(), &deliveries, settlement.as_ref(), cause);
    }
}
