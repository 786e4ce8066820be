//! Nothing lasts for ever: waiting, silence and sessions run out (I6).

use handover_handoff::delivery::{Direction, Parcel};
use handover_handoff::notice::Notice;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::vendor::{Event, QueueStatus};
use handover_handoff::{Timestamp, timer};

use crate::house::House;
use crate::words::participant;

const MINUTE: u64 = 60_000;

fn connected() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.customer_gets();
    house
}

fn ended_by(house: &mut House) -> Option<EndReason> {
    house.customer_gets().into_iter().find_map(|parcel| match parcel {
        Parcel::Notice(Notice::Ended { reason, .. }) => Some(reason),
        _ => None,
    })
}

#[test]
fn nobody_takes_the_conversation_in_time() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", vec![Event::Queued(QueueStatus::default())]);
    house.wait(30 * MINUTE - 1);
    assert_eq!(ended_by(&mut house), None);
    house.wait(1);
    assert_eq!(ended_by(&mut house), Some(EndReason::QueueTimeout));
    assert_eq!(house.last().pending(Direction::ToVendor), [&Parcel::End { reason: EndReason::QueueTimeout }]);
}

#[test]
fn the_live_agent_is_silent() {
    let mut house = connected();
    for _ in 0..3 {
        house.wait(30 * MINUTE);
        house.say("hello?");
    }
    assert_eq!(house.session().phase, Phase::Ending(EndReason::AgentInactivity));
}

#[test]
fn the_customer_is_silent() {
    let mut house = connected();
    for _ in 0..3 {
        house.wait(30 * MINUTE);
        house.agent_writes("hello?");
    }
    assert_eq!(house.session().phase, Phase::Ending(EndReason::CustomerInactivity));
}

#[test]
fn silence_is_counted_from_when_somebody_was_there() {
    let mut house = House { policy: Policy { queue_timeout: None, ..Policy::default() }, ..House::new() };
    house.start();
    house.vendor_takes("chat-7", vec![Event::Queued(QueueStatus::default())]);
    house.wait(90 * MINUTE);
    house.event(Event::Joined(participant("Ada")));
    house.wait(60 * MINUTE - 1);
    assert_eq!(house.session().phase, Phase::Active);
}

#[test]
fn who_takes_over_has_not_been_silent() {
    let mut house = connected();
    house.wait(50 * MINUTE);
    house.event(Event::Transferred { to: Some("Grace".to_owned()), queue: None });
    house.say("hello");
    house.wait(50 * MINUTE);
    assert_eq!(house.session().phase, Phase::Active);
}

#[test]
fn any_session_ends_at_the_hard_limit() {
    let policy = Policy {
        queue_timeout: None,
        customer_inactivity: None,
        agent_inactivity: None,
        ..Policy::default()
    };
    let mut house = House { policy, ..House::new() };
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.wait(24 * 60 * MINUTE);
    assert_eq!(house.session().phase, Phase::Ending(EndReason::VendorFailure));
}

#[test]
fn a_look_too_early_only_looks_again_by_todays_figures() {
    let mut house = connected();
    let wake = house.last().wake.unwrap();
    house.policy.agent_inactivity = Some(MINUTE);
    house.policy.customer_inactivity = Some(MINUTE);
    house.fire(0);
    assert_eq!(house.session().phase, Phase::Active);
    assert!(house.last().wake.unwrap() < wake);
}

#[test]
fn budget_and_session_that_run_out_together_are_both_told() {
    let mut house = House::new();
    house.start();
    let session = house.session().clone();
    let env = Env::new(house.now.plus(48 * 60 * MINUTE), &house.policy);
    let decision = timer::decide(Some(session), env);
    let parcels: Vec<_> = decision.deliveries.iter().map(|delivery| delivery.parcel.kind()).collect();
    assert_eq!(parcels, ["action-result", "notice", "end"]);
    assert_eq!(decision.wake, None);
}

#[test]
fn who_has_ended_has_no_timer_and_who_is_gone_none_either() {
    let mut house = connected();
    house.goodbye();
    assert_eq!(house.last().wake, None);
    house.fire(0);
    assert_eq!(house.last().wake, None);
    assert_eq!(timer::decide(None, house.env()).session, None);
}

#[test]
fn times_do_not_run_over() {
    assert_eq!(Timestamp(u64::MAX - 1).plus(5), Timestamp::NEVER);
    assert_eq!(Timestamp(5).plus(u64::MAX), Timestamp::NEVER);
    assert_eq!(Timestamp(5).since(Timestamp(7)), 0);
}
