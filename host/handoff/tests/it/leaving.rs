//! The customer leaves: by a goodbye, or because the bot lets go of the skill.

use handover_handoff::address::Action;
use handover_handoff::delivery::{Delivery, Direction, FailureReason, Parcel, RetryAdvice};
use handover_handoff::event::Verdict as Heard;
use handover_handoff::outcome::{self, Outcome, Update};
use handover_handoff::session::{EndReason, Phase, StartStatus};
use handover_handoff::turn::Verdict;
use handover_handoff::vendor::Event;

use crate::house::House;
use crate::words::{failed, over, result, start_result, started};

fn talking() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("hello");
    house.vendor_gets();
    house.customer_gets();
    house
}

#[test]
fn a_goodbye_answers_its_own_action_and_no_other() {
    let mut house = talking();
    assert_eq!(house.goodbye(), Verdict::Over { result: None, notice: None });
    assert_eq!(house.customer_gets(), [result(Action::EndConversation, "activity-3")]);
    assert_eq!(house.last().pending(Direction::ToVendor), [&Parcel::End { reason: EndReason::Customer }]);
    assert_eq!(house.session().phase, Phase::Ending(EndReason::Customer));
    house.vendor(Outcome::Done(Update::default()));
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
}

#[test]
fn an_inline_goodbye_is_answered_by_its_own_response() {
    let mut house = talking();
    house.inline = true;
    let result = over(Action::EndConversation, "activity-3");
    assert_eq!(house.goodbye(), Verdict::Over { result: Some(result), notice: None });
    assert!(house.customer_gets().is_empty());
}

#[test]
fn what_was_written_before_the_goodbye_arrives_before_it() {
    let mut house = talking();
    house.say("thank you");
    house.goodbye();
    let lane = house.last().pending(Direction::ToVendor);
    assert!(matches!(lane[..], [Parcel::Message(_), Parcel::End { .. }]));
    assert_eq!(house.vendor_gets(), ["thank you"]);
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
}

#[test]
fn a_second_goodbye_is_answered_too() {
    let mut house = talking();
    house.goodbye();
    house.vendor_gets();
    house.goodbye();
    let results =
        [result(Action::EndConversation, "activity-3"), result(Action::EndConversation, "activity-4")];
    assert_eq!(house.customer_gets(), results);
    assert_eq!(house.vendor_gets().len(), 0);
}

#[test]
fn a_bot_that_lets_go_is_told_nothing() {
    let mut house = talking();
    assert_eq!(house.release(), Verdict::Nothing);
    assert!(house.customer_gets().is_empty());
    assert_eq!(house.last().pending(Direction::ToVendor), [&Parcel::End { reason: EndReason::Bot }]);
    assert_eq!(house.release(), Verdict::Nothing);
    assert_eq!(house.last().pending(Direction::ToVendor).len(), 1);
}

#[test]
fn a_goodbye_while_the_vendor_is_asked_ends_what_the_vendor_then_begins() {
    let mut house = House::new();
    house.start();
    house.goodbye();
    let id = house.session().id.to_string();
    assert_eq!(
        house.customer_gets(),
        [start_result("activity-1", &id, StartStatus::Failed), result(Action::EndConversation, "activity-2")]
    );
    // The call was under way.
    let kept = house.last().clone();
    let head = kept.head(Direction::ToVendor).unwrap();
    assert!(!outcome::is_wanted(&kept.session, head), "a new attempt is not made");
    let begun = Delivery { maybe_duplicate: true, ..head.clone() };
    assert!(
        outcome::is_wanted(&kept.session, &begun),
        "what may have begun is brought to where it can be ended"
    );
    let decision =
        outcome::decide(kept.session.clone(), head, started(&["chat-7"], Vec::new(), true), 0.0, house.env());
    let session = decision.session.unwrap();
    assert_eq!(session.phase, Phase::Ending(EndReason::Customer));
    let end = kept.to_vendor.last().unwrap();
    assert!(outcome::is_wanted(&session, &end.delivery));
}

#[test]
fn a_goodbye_before_the_vendor_was_asked_leaves_the_vendor_alone() {
    let mut house = House::new();
    house.start();
    house.goodbye();
    while house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never)) {}
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
    let done = house.last().to_vendor.iter().all(|place| place.status == crate::house::Status::Done);
    assert!(done, "nothing was tried, nothing has failed");
}

#[test]
fn a_vendor_that_hangs_up_at_the_same_time_need_not_be_told() {
    let mut house = talking();
    house.goodbye();
    assert_eq!(house.event(Event::Ended { by: EndReason::LiveAgent, detail: None }), Heard::Accepted);
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer), "who left first stays the reason");
    assert!(house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never)));
    assert_eq!(house.last().to_vendor.last().unwrap().status, crate::house::Status::Done, "it was not tried");
}

#[test]
fn an_end_that_the_vendor_will_not_hear_is_an_end() {
    let mut house = talking();
    house.goodbye();
    house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
}
