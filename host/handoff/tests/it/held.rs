//! Where nothing can be pushed, the customer's next turn takes along what waits, and nothing is told twice.

use handover_handoff::address::{Action, Route};
use handover_handoff::delivery::{Direction, Parcel, Receipt};
use handover_handoff::notice::Notice;
use handover_handoff::session::{Control, EndReason};
use handover_handoff::turn::Verdict;
use handover_handoff::vendor::Event;

use crate::house::House;
use crate::words::{agent_message, over, result};

fn held() -> House {
    let mut house = House::held();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("hello");
    house.vendor_gets();
    house
}

#[test]
fn messages_wait_for_the_customers_next_turn_and_have_their_receipts_then() {
    let mut house = held();
    house.agent_writes("hello");
    house.wait(10 * 60_000);
    assert!(house.customer_gets().is_empty(), "nothing is due of itself");
    house.say("are you there?");
    assert_eq!(house.take_held(), [Parcel::AgentMessage(agent_message("hello"))]);
    let receipt = Parcel::Receipt { message: "vendor-hello".to_owned(), receipt: Receipt::Delivered };
    assert_eq!(*house.last().pending(Direction::Receipts).last().unwrap(), &receipt);
    assert!(house.take_held().is_empty());
}

#[test]
fn an_end_that_is_held_is_told_once() {
    let mut house = held();
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    assert_eq!(house.say("are you there?"), Verdict::Over { result: None, notice: None });
    assert_eq!(
        house.take_held(),
        [
            Parcel::Notice(Notice::Ended { reason: EndReason::LiveAgent, unseen: 0 }),
            result(Action::SendMessage, "activity-2")
        ]
    );
    assert_eq!(house.session().control, Control::Bot);
    let again = over(Action::SendMessage, "activity-4");
    let notice = Some(Notice::NotDelivered);
    assert_eq!(house.say("hello?"), Verdict::Over { result: Some(again), notice });
}

#[test]
fn an_end_between_a_turn_and_its_response_goes_out_with_that_response() {
    let mut house = held();
    assert!(matches!(house.say("are you there?"), Verdict::Forwarded(_)));
    house.event(Event::Ended { by: EndReason::LiveAgent, detail: None });
    assert_eq!(house.take_held().len(), 2);
    let verdict = house.say("hello?");
    assert_eq!(
        verdict,
        Verdict::Over {
            result: Some(over(Action::SendMessage, "activity-4")),
            notice: Some(Notice::NotDelivered)
        }
    );
}

#[test]
fn a_turn_that_nothing_can_be_pushed_to_takes_no_way_away() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.customer_gets();
    house.inline = true;
    house.route = Route::Held;
    house.say("hi");
    house.agent_writes("hello");
    assert_eq!(house.customer_gets(), [Parcel::AgentMessage(agent_message("hello"))]);
}

#[test]
fn what_was_held_is_pushed_once_there_is_a_way() {
    let mut house = held();
    house.agent_writes("hello");
    house.inline = false;
    house.route = House::new().route;
    house.say("hi");
    house.agent_writes("more");
    let texts = house.customer_gets();
    assert_eq!(
        texts,
        [Parcel::AgentMessage(agent_message("hello")), Parcel::AgentMessage(agent_message("more"))]
    );
}
