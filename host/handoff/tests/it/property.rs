//! Any order of turns, events, outcomes and hours keeps the invariants, and every session ends.

use handover_handoff::address::{Action, Route};
use handover_handoff::delivery::{Delivery, Direction, FailureReason, Parcel, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::policy::Policy;
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::turn::Request;
use handover_handoff::vendor::{Event, MessageFate, Participant, QueueStatus, Routing, StartRequest};
use proptest::prelude::*;

use crate::house::House;
use crate::words::{agent_message, failed, in_silence, message, participant, started};

#[derive(Debug, Clone)]
enum Step {
    /// Another conversation of the same bot.
    Conversation(u8),
    /// From now on turns come and replies travel like this.
    Travel {
        inline: bool,
        held: bool,
    },
    Start {
        problem: Option<&'static str>,
    },
    Say {
        text: &'static str,
        problem: Option<&'static str>,
    },
    Goodbye,
    /// The breaker opens, or closes.
    Breaker(bool),
    Release,
    /// A response takes along what is held.
    TakeHeld(usize),
    Event(usize, Event),
    Vendor(usize, Answer, f64),
    Customer(usize, Answer, f64),
    Receipt(usize, Answer, f64),
    Wait(u64),
    /// A timer is looked at before its time, as by a node whose clock runs ahead.
    Look(usize),
}

/// How an attempt goes, where it is made.
#[derive(Debug, Clone)]
enum Answer {
    Well { keys: usize, events: Vec<Event>, proved: bool, told: bool },
    Further,
    Badly(FailureReason, RetryAdvice),
}

impl Answer {
    fn to(self, delivery: &Delivery) -> Outcome {
        match (self, &delivery.parcel) {
            (Answer::Well { keys, events, proved, told }, Parcel::Start(_)) => {
                let begun = started(&["key-1", "key-2"][..keys], events, proved);
                if told { begun } else { in_silence(begun) }
            }
            (Answer::Further, Parcel::Start(_)) => {
                Outcome::Progressed { progress: "half".to_owned(), tokens: None }
            }
            (Answer::Well { .. } | Answer::Further, _) => Outcome::Done(Update::default()),
            (Answer::Badly(reason, retry), _) => failed(reason, retry),
        }
    }
}

fn events() -> impl Strategy<Value = Event> {
    let names = || prop_oneof![Just(None), Just(Some("Ada".to_owned())), Just(Some("Grace".to_owned()))];
    let nameless = Participant::default;
    prop_oneof![
        6 => Just(Event::Message(agent_message("hello"))),
        1 => Just(Event::Message(handover_handoff::vendor::AgentMessage { author: nameless(), ..agent_message("x") })),
        1 => Just(Event::MessageEdited(agent_message("hello!"))),
        1 => Just(Event::MessageDeleted("vendor-hello".to_owned())),
        2 => names().prop_map(|name| Event::Joined(Participant { name, ..Participant::default() })),
        1 => names().prop_map(|name| Event::Left(Participant { name, ..Participant::default() })),
        1 => names().prop_map(|to| Event::Transferred { to, queue: None }),
        2 => (0..2_u32).prop_map(|n| Event::Queued(QueueStatus { position: (n > 0).then_some(n), ..QueueStatus::default() })),
        1 => prop_oneof![
            3 => Just(Routing::Accepted),
            1 => Just(Routing::NoAgents),
            1 => Just(Routing::OutOfHours),
            1 => Just(Routing::Failed("broken".to_owned())),
        ].prop_map(Event::Routed),
        1 => prop_oneof![Just(MessageFate::Read), Just(MessageFate::Failed("blocked".to_owned()))]
            .prop_map(|fate| Event::Delivery { message: "message".to_owned(), fate }),
        1 => prop_oneof![Just(EndReason::LiveAgent), Just(EndReason::Customer), Just(EndReason::CustomerInactivity)]
            .prop_map(|by| Event::Ended { by, detail: None }),
        1 => Just(Event::ControlReturned),
        1 => (0..3_usize).prop_map(|n| Event::Reference((0..n).map(|n| format!("reference-{n}")).collect())),
        1 => Just(Event::IdentityChanged("other".to_owned())),
        1 => Just(Event::Ignored("own echo".to_owned())),
    ]
}

fn answers() -> impl Strategy<Value = Answer> {
    let reasons = prop_oneof![
        Just(FailureReason::Rejected),
        Just(FailureReason::Unavailable),
        Just(FailureReason::NoAgents),
        Just(FailureReason::ConversationGone),
        Just(FailureReason::TimedOut),
    ];
    let advice = prop_oneof![
        Just(RetryAdvice::Never),
        Just(RetryAdvice::Safe(None)),
        prop_oneof![0..200_000_u64, Just(u64::MAX)].prop_map(|after| RetryAdvice::Safe(Some(after))),
        Just(RetryAdvice::UnknownOutcome),
    ];
    prop_oneof![
        6 => (prop_oneof![1 => Just(0_usize), 6 => Just(1), 1 => Just(2)], prop::collection::vec(events(), 0..3), prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(keys, events, proved, told)| Answer::Well { keys, events, proved, told }),
        1 => Just(Answer::Further),
        3 => (reasons, advice).prop_map(|(reason, retry)| Answer::Badly(reason, retry)),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let texts = || prop_oneof![Just("it is broken"), Just("my order"), Just("")];
    let problems = || prop_oneof![2 => Just(None), 1 => Just(Some("my order")), 1 => Just(Some(" "))];
    let which = || 0..4_usize;
    prop_oneof![
        1 => (0..2_u8).prop_map(Step::Conversation),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(inline, held)| Step::Travel { inline, held }),
        4 => problems().prop_map(|problem| Step::Start { problem }),
        10 => (texts(), problems()).prop_map(|(text, problem)| Step::Say { text, problem }),
        1 => Just(Step::Goodbye),
        2 => any::<bool>().prop_map(Step::Breaker),
        1 => Just(Step::Release),
        3 => which().prop_map(Step::TakeHeld),
        10 => (which(), events()).prop_map(|(at, event)| Step::Event(at, event)),
        14 => (which(), answers(), 0.0..1.0).prop_map(|(at, answer, jitter)| Step::Vendor(at, answer, jitter)),
        14 => (which(), answers(), 0.0..1.0).prop_map(|(at, answer, jitter)| Step::Customer(at, answer, jitter)),
        5 => (which(), answers(), 0.0..1.0).prop_map(|(at, answer, jitter)| Step::Receipt(at, answer, jitter)),
        4 => prop_oneof![4 => 0..3_000_u64, 2 => 0..150_000_u64, 1 => 0..4_000_000_u64].prop_map(Step::Wait),
        1 => which().prop_map(Step::Look),
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    let span = || prop_oneof![Just(None), (1..4_000_000_u64).prop_map(Some)];
    let patience = || 0..200_000_u64;
    let figures =
        (1..20_000_u64, patience(), patience(), 0..400_000_u64, span(), span(), span(), 1..90_000_000_u64);
    let figures = (figures, 0..60_000_u64);
    figures.prop_map(
        |(
            (
                start_budget,
                fresh_to_vendor,
                fresh_to_customer,
                persistence,
                queue_timeout,
                customer_inactivity,
                agent_inactivity,
                hard_limit,
            ),
            repetition,
        )| Policy {
            start_budget,
            repetition,
            fresh_to_vendor,
            fresh_to_customer,
            persistence,
            queue_timeout,
            customer_inactivity,
            agent_inactivity,
            hard_limit,
            ..Policy::default()
        },
    )
}

fn take(house: &mut House, step: Step) {
    let some = |house: &House, at: usize| (!house.sessions.is_empty()).then(|| at % house.sessions.len());
    match step {
        Step::Conversation(n) => house.conversation = format!("conversation-{n}"),
        Step::Travel { inline, held } => {
            // Nothing but a response can be held for.
            house.inline = inline || held;
            house.route = match held {
                true => Route::Held,
                false => Route::SkillCallback { base: "https://bot.example/".to_owned() },
            };
        }
        Step::Start { problem } => {
            let problem = problem.map(str::to_owned);
            house.turn(Request::Start(StartRequest { problem, ..StartRequest::default() }));
        }
        Step::Say { text, problem } => {
            let message = message(text, house.now);
            house.turn(Request::Message { message, problem: problem.map(str::to_owned) });
        }
        Step::Goodbye => drop(house.goodbye()),
        Step::Breaker(open) => house.vendor_down = open,
        Step::Release => drop(house.release()),
        Step::TakeHeld(at) => {
            if let Some(at) = some(house, at) {
                house.take_held_of(at);
            }
        }
        Step::Event(at, event) => {
            if let Some(at) = some(house, at) {
                house.event_for(at, &event);
            }
        }
        Step::Vendor(at, answer, jitter) => {
            if let Some(at) = some(house, at) {
                house.deliver_with(at, Direction::ToVendor, jitter, |delivery| answer.to(delivery));
            }
        }
        Step::Receipt(at, answer, jitter) => {
            if let Some(at) = some(house, at) {
                house.deliver_with(at, Direction::Receipts, jitter, |delivery| answer.to(delivery));
            }
        }
        Step::Customer(at, answer, jitter) => {
            if let Some(at) = some(house, at) {
                house.deliver_with(at, Direction::ToCustomer, jitter, |delivery| answer.to(delivery));
            }
        }
        Step::Wait(ms) => house.wait(ms),
        Step::Look(at) => {
            if let Some(at) = some(house, at) {
                house.fire(at);
            }
        }
    }
}

/// Lets time run on, and every attempt go the same way, until nothing is left to do.
fn run_out(house: &mut House, answer: &Answer) {
    for _ in 0..5_000 {
        let mut idle = true;
        for at in 0..house.sessions.len() {
            for direction in Direction::ALL {
                idle &= !house.deliver(at, direction, |delivery| answer.clone().to(delivery));
            }
        }
        if matches!(answer, Answer::Further) || idle {
            let due = house.sessions.iter().flat_map(|kept| {
                [
                    kept.wake,
                    kept.head(Direction::ToVendor).map(|d| d.due),
                    kept.head(Direction::ToCustomer).map(|d| d.due),
                    kept.head(Direction::Receipts).map(|d| d.due),
                ]
            });
            let next = due.flatten().filter(|due| *due != handover_handoff::Timestamp::NEVER).min();
            match next {
                // A step of a start takes its time, too.
                Some(next) => house.wait(next.since(house.now).max(1_000)),
                None => return,
            }
        }
    }
    panic!("I6: never at rest");
}

/// The customer comes back in each conversation, and is not left without an answer.
fn come_back(house: &mut House) {
    for n in 0..2 {
        house.conversation = format!("conversation-{n}");
        let Some(at) = house.by_conversation() else { continue };
        house.say("is anybody there?");
        if house.inline {
            house.take_held_of(at);
        }
        run_out(house, &Answer::Well { keys: 1, events: Vec::new(), proved: true, told: true });
        let kept = &house.sessions[at];
        let result =
            |parcel: &Parcel| matches!(parcel, Parcel::ActionResult(r) if r.to.action == Action::SendMessage);
        assert!(!kept.pending(Direction::ToCustomer).into_iter().any(result), "a result that goes nowhere");
        assert!(!kept.bot_waits);
    }
}

/// Enough for every change; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens(
        policy in policies(),
        further in 0..3_usize,
        steps in prop::collection::vec(steps(), 1..80),
        end in prop_oneof![
            Just(Answer::Well { keys: 1, events: vec![Event::Joined(participant("Ada"))], proved: true, told: false }),
            Just(Answer::Badly(FailureReason::Unavailable, RetryAdvice::Safe(None))),
            Just(Answer::Badly(FailureReason::TimedOut, RetryAdvice::UnknownOutcome)),
            Just(Answer::Badly(FailureReason::Rejected, RetryAdvice::Never)),
            Just(Answer::Further),
        ],
    ) {
        let mut house = House { policy, further: vec!["other".to_owned(); further], ..House::new() };
        for step in steps {
            take(&mut house, step);
        }
        run_out(&mut house, &end);
        for kept in &house.sessions {
            prop_assert!(matches!(kept.session.phase, Phase::Ended(_)), "I6: {:?}", kept.session.phase);
            prop_assert!(kept.pending(Direction::ToVendor).is_empty(), "I4: something is never tried");
            prop_assert!(kept.pending(Direction::Receipts).is_empty(), "I4: a receipt is never tried");
            prop_assert!(kept.starts_owed.is_empty());
        }
        come_back(&mut house);
    }
}
