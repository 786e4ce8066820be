//! What an operator does: ends a session, and sends on its way again what did not arrive.

use handover_handoff::address::Action;
use handover_handoff::delivery::{Delivery, Direction, FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::Notice;
use handover_handoff::operator::{self, Refusal};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::vendor::Event;

use crate::house::{House, Status};
use crate::words::{failed, result};

fn talking() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("hello");
    house.vendor_gets();
    house.customer_gets();
    house
}

/// The last dead letter of a lane.
fn dead(house: &House, direction: Direction) -> Delivery {
    let dead = house.last().lane(direction).iter().rfind(|place| matches!(place.status, Status::Dead(_)));
    dead.unwrap().delivery.clone()
}

fn refuse() -> handover_handoff::outcome::Outcome {
    failed(FailureReason::Rejected, RetryAdvice::Never)
}

#[test]
fn an_operator_ends_a_session_and_everybody_is_told() {
    let mut house = talking();
    let decision = operator::end(Some(house.session().clone()), house.env());
    assert!(decision.verdict);
    let parcels: Vec<_> = decision.deliveries.iter().map(|delivery| delivery.parcel.clone()).collect();
    assert_eq!(
        parcels,
        [
            Parcel::Notice(Notice::Ended { reason: EndReason::Operator, unseen: 0 }),
            result(Action::SendMessage, "activity-2"),
            Parcel::End { reason: EndReason::Operator },
        ]
    );
    house.goodbye();
    assert!(!operator::end(Some(house.session().clone()), house.env()).verdict, "it is over");
    assert!(!operator::end(None, house.env()).verdict);
}

#[test]
fn a_message_is_sent_on_its_way_again_with_new_patience() {
    let mut house = talking();
    house.say("one");
    house.vendor(refuse());
    house.wait(300_000);
    let redriven =
        operator::redrive(house.session().clone(), &dead(&house, Direction::ToVendor), house.env()).unwrap();
    assert_eq!(redriven.deadline, house.now.plus(house.policy.fresh_to_vendor));
    assert_eq!(redriven.session.in_hand, 1);
}

#[test]
fn nothing_follows_an_end() {
    let mut house = talking();
    house.say("one");
    house.vendor(refuse());
    house.agent_writes("two");
    house.deliver(0, Direction::ToCustomer, |_| refuse());
    let letters = [dead(&house, Direction::ToVendor), dead(&house, Direction::ToCustomer)];
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    for letter in letters {
        assert_eq!(operator::redrive(house.session().clone(), &letter, house.env()), Err(Refusal::Ended));
    }
}

#[test]
fn an_end_that_the_vendor_did_not_hear_can_be_told_again() {
    let mut house = talking();
    house.goodbye();
    house.vendor(refuse());
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
    let end = dead(&house, Direction::ToVendor);
    let redriven = operator::redrive(house.session().clone(), &end, house.env()).unwrap();
    assert_eq!(redriven.session.phase, Phase::Ending(EndReason::Customer));
    assert!(handover_handoff::outcome::is_wanted(&redriven.session, &end));
}

#[test]
fn a_start_and_passing_news_cannot() {
    let mut house = House::new();
    house.start();
    house.vendor(refuse());
    let start = dead(&house, Direction::ToVendor);
    assert_eq!(operator::redrive(house.session().clone(), &start, house.env()), Err(Refusal::Passed));
}
