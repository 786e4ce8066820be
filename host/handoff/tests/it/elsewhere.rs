//! The first connector cannot take the customer: another one does.

use handover_handoff::delivery::{FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::Notice;
use handover_handoff::outcome::Outcome;
use handover_handoff::session::{Phase, StartStatus};
use handover_handoff::vendor::{Event, Routing};

use crate::house::House;
use crate::words::{failed, start_result, started};

fn house() -> House {
    House { further: vec!["second".to_owned(), "third".to_owned()], ..House::new() }
}

#[test]
fn who_has_no_agents_is_not_asked_twice() {
    for first in [
        failed(FailureReason::NoAgents, RetryAdvice::Never),
        failed(FailureReason::Unavailable, RetryAdvice::Safe(None)),
        failed(FailureReason::Misconfigured("settings".to_owned()), RetryAdvice::Never),
        started(&["chat-1"], vec![Event::Routed(Routing::NoAgents)], true),
        started(&["chat-1"], vec![Event::Routed(Routing::OutOfHours)], true),
    ] {
        let mut house = house();
        house.start();
        house.vendor(first);
        assert_eq!(house.session().connector, "second");
        assert_eq!(house.session().phase, Phase::Requested);
        assert!(house.session().vendor.lookup_keys.is_empty(), "what the first one knew is of no use here");
        assert!(house.customer_gets().is_empty(), "nobody is told before it is over");
        house.wait(1);
        house.vendor_takes("chat-2", Vec::new());
        assert_eq!(house.customer_gets(), [start_result("activity-1", "chat-2", StartStatus::Connected)]);
    }
}

#[test]
fn each_is_asked_once_and_then_the_bot_is_told() {
    let mut house = house();
    house.start();
    for connector in ["contoso", "second", "third"] {
        assert_eq!(house.session().connector, connector);
        house.vendor(failed(FailureReason::NoAgents, RetryAdvice::Never));
        house.wait(1);
    }
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::NoAgents)]);
    assert!(matches!(house.session().phase, Phase::Ended(_)));
}

#[test]
fn what_the_customer_wrote_meanwhile_goes_along_and_stays_behind_the_start() {
    let mut house = house();
    house.start();
    house.say("one");
    house.say("two");
    house.vendor(failed(FailureReason::NoAgents, RetryAdvice::Never));
    house.wait(1);
    house.vendor_takes("chat-2", Vec::new());
    assert_eq!(house.vendor_gets(), ["one", "two"]);
}

#[test]
fn what_may_exist_is_not_left_alone() {
    let mut house = house();
    house.start();
    house.vendor(failed(FailureReason::TimedOut, RetryAdvice::UnknownOutcome));
    assert_eq!(house.session().connector, "contoso", "the first vendor may have the conversation");
    house.wait(house.policy.retry_cap);
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert_eq!(house.session().connector, "contoso", "that is not known to this day");
    house.wait(house.policy.fresh_to_vendor + 1);
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert_eq!(house.session().connector, "second", "the customer does not wait for ever");
}

#[test]
fn a_start_of_several_steps_is_gone_on_with_where_it_began() {
    let mut house = house();
    house.start();
    house.vendor(Outcome::Progressed { progress: "half".to_owned(), tokens: None });
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert_eq!(house.session().connector, "contoso");
    house.wait(house.policy.retry_cap);
    house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!((house.session().connector.as_str(), &house.session().vendor.progress), ("second", &None));
}

#[test]
fn a_session_that_has_begun_stays_where_it_is() {
    let mut house = house();
    house.start();
    house.vendor_takes("chat-1", Vec::new());
    house.customer_gets();
    house.event(Event::Routed(Routing::NoAgents));
    assert_eq!(house.session().connector, "contoso");
    assert!(house.customer_gets().contains(&Parcel::Notice(Notice::NoAgents)));
}
