//! Customer and live agent write to each other; each message arrives once, in order, or its sender is told.

use handover_handoff::address::Action;
use handover_handoff::delivery::{Direction, FailureReason, Parcel, Receipt, RetryAdvice};
use handover_handoff::event::Verdict as Heard;
use handover_handoff::notice::{FileRefusal, Notice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::{Control, Partly};
use handover_handoff::turn::{Request, Verdict};
use handover_handoff::vendor::{AgentMessage, Attachment, CustomerMessage, Event, Participant, StartRequest};

use crate::house::House;
use crate::words::{agent_message, failed, message};

fn connected() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.customer_gets();
    house
}

#[test]
fn the_bot_forwards_and_keeps_its_action_open() {
    let mut house = connected();
    let id = house.session().id;
    assert_eq!(house.say("hello"), Verdict::Forwarded(id));
    assert_eq!(house.say("are you there?"), Verdict::Forwarded(id));
    assert_eq!(house.session().in_hand, 2);
    assert_eq!(house.vendor_gets(), ["hello", "are you there?"]);
    assert_eq!(house.session().in_hand, 0);
    assert!(house.customer_gets().is_empty(), "any reply would end the action");
    let Control::Skill { action } = &house.session().control else { panic!("the bot holds the turn") };
    assert_eq!(action.activity.as_deref(), Some("activity-3"), "results name the latest activity");
}

#[test]
fn what_is_written_before_the_vendor_has_answered_waits_for_the_start() {
    let mut house = House::new();
    house.start();
    house.say("hello");
    assert_eq!(house.last().pending(Direction::ToVendor).len(), 2);
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.vendor_gets(), ["hello"]);
}

#[test]
fn a_problem_that_is_the_first_message_is_sent_once() {
    let mut house = connected();
    house.say_with_problem(" my order", Some("my order "));
    assert_eq!(house.vendor_gets(), [" my order"]);
}

#[test]
fn a_problem_that_is_not_the_first_message_is_sent_before_it() {
    let mut house = connected();
    house.say_with_problem("hello", Some("my order"));
    house.say_with_problem("and", Some("my order"));
    assert_eq!(house.vendor_gets(), ["my order", "hello", "and"]);
}

#[test]
fn a_problem_without_a_message_is_the_message() {
    let mut house = connected();
    house.say_with_problem("", Some("my order"));
    house.say_with_problem("", None);
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn a_problem_that_came_with_the_start_is_not_sent_before_the_first_message() {
    let mut house = House::new();
    house.turn(Request::Start(StartRequest {
        problem: Some("my order".to_owned()),
        ..StartRequest::default()
    }));
    house.vendor_takes("chat-7", Vec::new());
    house.say_with_problem("hello", Some("my order"));
    assert_eq!(house.vendor_gets(), ["hello"]);
}

#[test]
fn a_file_without_words_is_a_message() {
    let mut house = connected();
    let file = Attachment {
        name: "photo.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "https://files.example/1".to_owned(),
        size: None,
    };
    let message = CustomerMessage { attachments: vec![file], ..message("", house.now) };
    house.turn(Request::Message { message, problem: Some("my order".to_owned()) });
    assert_eq!(house.vendor_gets(), ["my order", ""]);
}

#[test]
fn the_live_agent_reads_what_became_of_a_message() {
    let mut house = connected();
    assert_eq!(house.agent_writes("hello"), Heard::Accepted);
    assert_eq!(house.customer_gets(), [Parcel::AgentMessage(agent_message("hello"))]);
    let receipt = Parcel::Receipt { message: "vendor-hello".to_owned(), receipt: Receipt::Delivered };
    assert_eq!(house.last().pending(Direction::Receipts), [&receipt]);

    house.vendor_gets();
    house.agent_writes("more");
    house.deliver(0, Direction::ToCustomer, |_| failed(FailureReason::TooLarge, RetryAdvice::Never));
    let receipt = Parcel::Receipt {
        message: "vendor-more".to_owned(),
        receipt: Receipt::NotDelivered("it is too long for the customer's channel".to_owned()),
    };
    assert_eq!(house.last().pending(Direction::Receipts), [&receipt]);
}

#[test]
fn a_message_without_an_id_has_no_receipt() {
    let mut house = connected();
    house.event(Event::Message(AgentMessage {
        id: None,
        author: Participant::default(),
        ..agent_message("hello")
    }));
    assert_eq!(house.customer_gets().len(), 1);
    assert!(house.last().pending(Direction::Receipts).is_empty());
}

#[test]
fn the_customer_is_told_what_did_not_arrive() {
    let mut house = connected();
    house.say("hello");
    house.say("more");
    house.vendor(failed(FailureReason::TooLarge, RetryAdvice::Never));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::NotDelivered)]);
    assert_eq!(house.vendor_gets(), ["more"], "the chat goes on");
}

#[test]
fn a_vendor_that_has_lost_the_conversation_ends_it() {
    let mut house = connected();
    house.say("hello");
    house.say("more");
    house.vendor(failed(FailureReason::ConversationGone, RetryAdvice::Never));
    let got = house.customer_gets();
    assert_eq!(got[0], Parcel::Notice(Notice::NotDelivered));
    assert!(matches!(got[1], Parcel::Notice(Notice::Ended { unseen: 1, .. })));
    assert_eq!(got[2], crate::words::result(Action::SendMessage, "activity-3"));
    house.vendor_gets();
    assert_eq!(house.session().in_hand, 0);
}

#[test]
fn a_file_that_is_held_back_is_told_after_its_message_arrived() {
    let mut house = connected();
    house.say("hello");
    let refused = ("big.iso".to_owned(), FileRefusal::TooLarge(10));
    house.vendor(Outcome::DoneWithout { update: Update::default(), files: vec![refused] });
    assert_eq!(
        house.customer_gets(),
        [Parcel::Notice(Notice::FileNotDelivered {
            name: "big.iso".to_owned(),
            why: FileRefusal::TooLarge(10)
        })]
    );
    assert_eq!(house.session().in_hand, 0);
}

#[test]
fn a_message_in_parts_keeps_its_place_and_is_done_with_the_last() {
    let mut house = connected();
    house.say("one two");
    house.say("more");
    let partly = Partly { parts: 1, bytes: 4 };
    let update = Update { state: Some("after one".to_owned()), ..Update::default() };
    house.vendor(Outcome::DoneInPart { update, partly });
    let session = house.session();
    assert_eq!((session.vendor.partly, session.vendor.state.as_str()), (Some(partly), "after one"));
    assert_eq!(session.in_hand, 2, "nothing has arrived as a whole");
    // A part that fails is tried again by itself, and what is there stays there.
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    assert_eq!(house.session().vendor.partly, Some(partly));
    house.now = house.now.plus(60_000);
    assert_eq!(house.vendor_gets(), ["one two", "more"]);
    assert_eq!((house.session().vendor.partly, house.session().in_hand), (None, 0));
}

#[test]
fn a_message_that_is_given_up_midway_leaves_nothing_to_the_next() {
    let mut house = connected();
    house.say("one two");
    house.say("more");
    let partly = Partly { parts: 1, bytes: 4 };
    house.vendor(Outcome::DoneInPart { update: Update::default(), partly });
    house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!(house.session().vendor.partly, None);
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::NotDelivered)]);
    assert_eq!(house.vendor_gets(), ["more"]);
}
