//! The live agent ends the conversation: the customer is told, and the bot has its customer back, once.

use handover_handoff::address::Action;
use handover_handoff::delivery::{Direction, FailureReason, Parcel, Receipt, RetryAdvice};
use handover_handoff::event::Verdict as Heard;
use handover_handoff::notice::Notice;
use handover_handoff::outcome::{self, Outcome, Update};
use handover_handoff::session::{Control, EndReason, Phase};
use handover_handoff::turn::Verdict;
use handover_handoff::vendor::Event;

use crate::house::House;
use crate::words::{agent_message, failed, result};

fn talking() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("hello");
    house.vendor_gets();
    house.customer_gets();
    house
}

fn ended(reason: EndReason, unseen: u32) -> Parcel {
    Parcel::Notice(Notice::Ended { reason, unseen })
}

#[test]
fn the_customer_is_told_and_then_the_open_action_ends() {
    for event in [Event::Ended { by: EndReason::LiveAgent, detail: None }, Event::ControlReturned] {
        let mut house = talking();
        house.agent_writes("goodbye");
        house.event(event.clone());
        assert_eq!(house.session().control, Control::Returning { further: 0 });
        house.event(event);
        assert_eq!(
            house.customer_gets(),
            [
                Parcel::AgentMessage(agent_message("goodbye")),
                ended(EndReason::LiveAgent, 0),
                result(Action::SendMessage, "activity-2")
            ]
        );
        assert_eq!(house.session().control, Control::Bot);
        assert_eq!(house.session().phase, Phase::Ended(EndReason::LiveAgent));
    }
}

#[test]
fn a_bot_that_waits_for_nothing_gets_no_result() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.customer_gets();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    assert_eq!(house.customer_gets(), [ended(EndReason::LiveAgent, 0)]);
}

#[test]
fn messages_that_were_on_their_way_are_counted() {
    let mut house = talking();
    house.say("one more thing");
    house.say("and another");
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    assert_eq!(house.customer_gets()[0], ended(EndReason::LiveAgent, 2));
    house.vendor_gets();
    assert_eq!(house.session().in_hand, 0);
    assert!(house.customer_gets().is_empty(), "they were told of already");
}

#[test]
fn messages_that_wait_when_we_end_it_are_counted_and_still_carried() {
    let mut house = talking();
    house.say("are you there?");
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    house.sessions[0].session.marks.agent = handover_handoff::Timestamp(0);
    house.fire(0);
    assert_eq!(house.customer_gets()[0], ended(EndReason::AgentInactivity, 1));
    house.wait(1_000);
    assert_eq!(house.vendor_gets(), ["are you there?"]);
    assert_eq!(house.session().phase, Phase::Ended(EndReason::AgentInactivity));
}

#[test]
fn an_end_that_the_vendor_lays_at_the_customers_door_is_news_all_the_same() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::Customer, detail: None });
    assert_eq!(
        house.customer_gets(),
        [ended(EndReason::Customer, 0), result(Action::SendMessage, "activity-2")]
    );
}

#[test]
fn a_message_that_crosses_the_end_is_answered_by_it() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    assert_eq!(house.say("wait!"), Verdict::Over { result: None, notice: None });
    assert_eq!(
        house.customer_gets(),
        [ended(EndReason::LiveAgent, 0), result(Action::SendMessage, "activity-2")],
        "once"
    );
    assert_eq!(house.session().crossed, 1, "which the news of the end counts");
    house.say("hello?");
    assert_eq!(
        house.customer_gets(),
        [Parcel::Notice(Notice::NotDelivered), result(Action::SendMessage, "activity-4")],
        "a new stretch, a new result"
    );
}

#[test]
fn a_message_that_crosses_the_news_of_the_end_is_told_after_it() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    house.say("before it");
    // The news is on its way, and counts one message.
    let kept = house.last().clone();
    let head = kept.head(Direction::ToCustomer).unwrap().clone();
    house.say("while it is told");
    house.say("and another");
    let decision = outcome::decide(
        house.session().clone(),
        &head,
        Outcome::EndTold { crossed: kept.session.crossed },
        0.0,
        house.env(),
    );
    let told: Vec<_> = decision.deliveries.iter().map(|delivery| delivery.parcel.clone()).collect();
    assert_eq!(told, [Parcel::Notice(Notice::NotDelivered), Parcel::Notice(Notice::NotDelivered)], "each");

    // Told, but the bot has not got control back: each is told by itself.
    house.deliver(0, Direction::ToCustomer, |_| Outcome::Done(Update::default()));
    house.say("after it");
    assert_eq!(
        house.customer_gets(),
        [result(Action::SendMessage, "activity-2"), Parcel::Notice(Notice::NotDelivered)]
    );
}

#[test]
fn an_inline_message_that_crosses_a_pushed_end_is_answered_by_it() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    house.inline = true;
    assert_eq!(house.say("wait!"), Verdict::Over { result: None, notice: None });
    assert_eq!(house.customer_gets().len(), 2);
}

#[test]
fn a_result_that_does_not_arrive_is_made_up_for_with_the_next_message() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    for _ in 0..2 {
        house.deliver(0, Direction::ToCustomer, |_| failed(FailureReason::Rejected, RetryAdvice::Never));
    }
    assert_eq!(house.session().control, Control::Bot);
    house.say("hello?");
    assert_eq!(
        house.customer_gets(),
        [Parcel::Notice(Notice::NotDelivered), result(Action::SendMessage, "activity-3")]
    );
}

#[test]
fn a_vendor_that_writes_after_the_end_is_told_that_it_is_over() {
    let mut house = talking();
    house.goodbye();
    house.customer_gets();
    assert_eq!(house.agent_writes("one moment"), Heard::Closed);
    house.vendor_gets();
    assert_eq!(house.agent_writes("one moment"), Heard::Closed);
    assert_eq!(house.event(Event::Ended { by: EndReason::LiveAgent, detail: None }), Heard::Accepted);
    assert!(house.customer_gets().is_empty());
}

#[test]
fn what_was_acknowledged_unread_and_is_read_after_the_end_is_told_as_not_delivered() {
    let mut house = talking();
    house.goodbye();
    house.customer_gets();
    house.acknowledged = true;
    assert_eq!(house.agent_writes("one moment"), Heard::Accepted);
    assert!(matches!(
        house.last().pending(Direction::Receipts)[..],
        [Parcel::Receipt { receipt: Receipt::NotDelivered(_), .. }]
    ));
    assert!(house.customer_gets().is_empty());
}

#[test]
fn an_action_that_is_opened_anew_has_a_result_of_its_own() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    // The bot has the result, and its topic has begun again before its arrival is committed.
    house.say_with_problem("hello?", Some("hello?"));
    assert_eq!(
        house.customer_gets(),
        [
            ended(EndReason::LiveAgent, 0),
            result(Action::SendMessage, "activity-2"),
            Parcel::Notice(Notice::NotDelivered),
            result(Action::SendMessage, "activity-3")
        ]
    );
    assert_eq!(house.session().control, Control::Bot);
}

#[test]
fn messages_of_the_agent_from_before_the_end_have_their_receipts() {
    let mut house = talking();
    house.agent_writes("goodbye");
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    house.customer_gets();
    assert!(matches!(house.last().pending(Direction::Receipts)[..], [Parcel::Receipt { .. }]));
}

#[test]
fn an_inline_goodbye_does_not_hide_a_result_that_is_on_its_way() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    house.inline = true;
    assert!(matches!(house.goodbye(), Verdict::Over { result: Some(_), .. }));
    house.inline = false;
    house.say("wait!");
    assert_eq!(
        house.customer_gets(),
        [ended(EndReason::LiveAgent, 0), result(Action::SendMessage, "activity-2")],
        "one result for both"
    );
}

#[test]
fn another_caller_cannot_reach_into_a_session() {
    let mut house = talking();
    let before = house.session().clone();
    house.caller = Some("agent-2".to_owned());
    assert_eq!(house.say("let me in"), Verdict::Foreign);
    assert_eq!(house.goodbye(), Verdict::Foreign);
    assert_eq!(house.release(), Verdict::Foreign);
    assert_eq!(house.start(), Verdict::Foreign);
    assert_eq!(*house.session(), before);
    assert_eq!(house.sessions.len(), 1);
}

#[test]
fn what_a_session_still_has_to_tell_does_not_go_to_another_caller() {
    let mut house = talking();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    let address = house.session().address.clone();
    house.caller = Some("agent-2".to_owned());
    assert!(matches!(house.say("who is there?"), Verdict::Unknown(_)));
    assert_eq!(house.session().address, address);
    assert!(matches!(house.start(), Verdict::Starting(_)));
    assert_eq!(house.sessions.len(), 2, "a session of its own");
}
