//! Fresh or told: what cannot be delivered in time is told to the one who wrote it, and what waits is said to wait.

use handover_handoff::address::Action;
use handover_handoff::delivery::{Direction, FailureReason, Parcel, Receipt, RetryAdvice};
use handover_handoff::event::{self, Told};
use handover_handoff::notice::Notice;
use handover_handoff::outcome::{self, Outcome, Update};
use handover_handoff::session::{EndReason, Phase, StartStatus};
use handover_handoff::vendor::Event;

use crate::house::{House, Status};
use crate::words::{agent_message, failed, result, start_result};

fn talking() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("hello");
    house.vendor_gets();
    house.customer_gets();
    house
}

fn down() -> Outcome {
    failed(FailureReason::Unavailable, RetryAdvice::Safe(None))
}

#[test]
fn a_message_that_nobody_tried_in_time_is_told_and_not_tried() {
    let mut house = talking();
    house.say("are you there?");
    house.wait(house.policy.fresh_to_vendor + 1);
    let tried = house.deliver(0, Direction::ToVendor, |_| panic!("it is too late"));
    assert!(tried);
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::NotDelivered)]);
    assert_eq!(house.session().in_hand, 0);
    assert_eq!(house.session().phase, Phase::Active, "the chat goes on");
}

#[test]
fn each_direction_has_a_deadline_of_its_own() {
    let mut house = talking();
    house.policy.fresh_to_customer = 5_000;
    house.agent_writes("hi");
    house.say("hi");
    house.wait(6_000);
    assert!(house.deliver(0, Direction::ToCustomer, |_| panic!("it is too late")));
    let [Parcel::Receipt { receipt: Receipt::NotDelivered(_), .. }] =
        house.last().pending(Direction::Receipts)[..]
    else {
        panic!("the live agent is told")
    };
    assert_eq!(house.vendor_gets(), ["hi"]);
}

#[test]
fn reports_and_ends_are_tried_for_longer_than_messages() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    for _ in 0..30 {
        house.wait(60_000);
        assert!(house.deliver(0, Direction::ToCustomer, |_| down()));
    }
    assert_eq!(house.customer_gets(), [] as [Parcel; 0], "the next try is a moment away");
    house.wait(30_000);
    let told = [
        Parcel::Notice(Notice::Ended { reason: EndReason::LiveAgent, unseen: 0 }),
        result(Action::SendMessage, "activity-2"),
    ];
    assert_eq!(house.customer_gets(), told);
}

#[test]
fn receipts_hold_no_message_up() {
    let mut house = talking();
    house.agent_writes("one");
    house.customer_gets();
    house.deliver(0, Direction::Receipts, |_| down());
    house.say("two");
    assert_eq!(house.vendor_gets(), ["two"]);
    assert_eq!(house.last().pending(Direction::Receipts).len(), 1);
}

#[test]
fn what_was_told_late_is_as_old_as_when_it_was_told() {
    let mut house = talking();
    let written = house.now;
    house.wait(house.policy.fresh_to_customer + 1);
    let event = Event::Message(agent_message("long ago"));
    let session = house.session().clone();
    let decision =
        event::decide(Some(session), &event, Told { at: written, acknowledged: false }, house.env());
    let delivery = &decision.deliveries[0];
    assert_eq!(delivery.created, written);
    assert!(delivery.deadline < house.now, "it is told as not delivered");
}

#[test]
fn a_start_while_the_vendor_is_silent_fails_at_once() {
    let mut house = House::new();
    house.vendor_down = true;
    house.start();
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::Failed)]);
    assert!(house.last().pending(Direction::ToVendor).is_empty(), "nobody is asked");
    assert!(matches!(house.session().phase, Phase::Ended(EndReason::VendorFailure)));
}

#[test]
fn a_customer_who_writes_while_the_vendor_is_silent_is_told_once() {
    let mut house = talking();
    house.vendor_down = true;
    house.say("one");
    house.say("two");
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::Delayed)]);
    house.vendor_down = false;
    assert_eq!(house.vendor_gets(), ["one", "two"]);
    house.vendor_down = true;
    house.say("three");
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::Delayed)], "it is another silence");
}

#[test]
fn what_is_postponed_is_no_attempt() {
    let mut house = talking();
    house.say("one");
    let until = house.now.plus(500);
    house.vendor(Outcome::Postponed { until });
    let head = house.last().head(Direction::ToVendor).unwrap();
    assert_eq!((head.attempt, head.due, head.maybe_duplicate), (1, until, false));
}

#[test]
fn a_start_of_unknown_outcome_is_brought_to_where_it_can_be_ended() {
    let mut house = House::new();
    house.start();
    house.vendor(failed(FailureReason::TimedOut, RetryAdvice::UnknownOutcome));
    house.goodbye();
    house.wait(1_000);
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.last().pending(Direction::ToVendor), [&Parcel::End { reason: EndReason::Customer }]);
    let end = house.last().head(Direction::ToVendor).unwrap().clone();
    assert!(outcome::is_wanted(house.session(), &end));
    house.vendor(Outcome::Done(Update::default()));
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
    assert!(house.last().to_vendor.iter().all(|place| place.status == Status::Done));
}
