//! The bot hands the start what the customer has just typed, and forwards it as the first message, too.

use handover_handoff::delivery::{Direction, FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::Notice;
use handover_handoff::outcome::Outcome;
use handover_handoff::policy::Policy;
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::turn::{Request, Verdict};
use handover_handoff::vendor::{Attachment, CustomerMessage, Event, Routing, StartRequest};

use crate::house::{House, Status};
use crate::words::{failed, message, started, started_in_silence};

fn asked(problem: &str) -> House {
    let mut house = House::new();
    start(&mut house, problem);
    house
}

fn start(house: &mut House, problem: &str) {
    let problem = Some(problem.to_owned());
    house.turn(Request::Start(StartRequest { problem, ..StartRequest::default() }));
}

fn connected(problem: &str) -> House {
    let mut house = asked(problem);
    house.vendor_takes("chat-7", Vec::new());
    house.customer_gets();
    house
}

#[test]
fn a_first_message_that_repeats_the_problem_is_delivered_with_the_start() {
    let mut house = connected(" my order\n");
    let id = house.session().id;
    assert_eq!(house.say_with_problem("my order ", Some("my order")), Verdict::Forwarded(id));
    assert_eq!(house.session().in_hand, 1, "it is accepted like any other");
    assert!(house.vendor_gets().is_empty());
    assert_eq!(house.last().to_vendor[1].status, Status::Done);
    assert_eq!(house.session().in_hand, 0);
    assert!(house.customer_gets().is_empty(), "nothing was lost");
}

#[test]
fn what_repeats_the_problem_before_the_vendor_has_answered_waits_for_the_start() {
    let mut house = asked("my order");
    house.say("my order");
    house.say("hello?");
    assert_eq!(house.last().pending(Direction::ToVendor).len(), 3);
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.vendor_gets(), ["hello?"]);
}

#[test]
fn an_input_without_words_repeats_the_problem_too() {
    let mut house = connected("my order");
    house.say_with_problem("", Some("my order"));
    assert!(house.vendor_gets().is_empty());
    assert_eq!(house.session().in_hand, 0);
}

#[test]
fn whoever_says_it_again_means_it() {
    let mut house = connected("my order");
    house.say("my order");
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["my order"]);

    let mut house = connected("my order");
    house.say("hello");
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["hello", "my order"]);
}

#[test]
fn whoever_says_it_later_means_it() {
    let mut house = connected("my order");
    house.wait(house.policy.repetition);
    house.say("my order");
    assert!(house.vendor_gets().is_empty(), "just in time");

    let mut house = connected("my order");
    house.wait(house.policy.repetition + 1);
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn other_words_or_a_file_are_no_repetition() {
    let mut house = connected("my order");
    house.say("My order");
    assert_eq!(house.vendor_gets(), ["My order"]);

    let mut house = connected("my order");
    let file = Attachment {
        name: "photo.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "https://files.example/1".to_owned(),
        size: None,
    };
    let message = CustomerMessage { attachments: vec![file], ..message("my order", house.now) };
    house.turn(Request::Message { message, problem: None });
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn a_start_without_a_problem_tells_nothing_that_could_be_repeated() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say_with_problem("my order", Some("my order"));
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn where_a_vendor_is_not_told_the_problem_nothing_is_left_out() {
    let mut house = House { policy: Policy { repetition: 0, ..Policy::default() }, ..House::new() };
    start(&mut house, "my order");
    house.vendor_takes("chat-7", Vec::new());
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn a_start_that_does_not_show_the_problem_leaves_it_to_the_first_message() {
    // Said before the start has come to something.
    let mut house = asked("my order");
    house.say("my order");
    house.say("hello?");
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    assert_eq!(house.vendor_gets(), ["my order", "hello?"]);
    assert_eq!(house.session().in_hand, 0);

    // And after.
    let mut house = asked("my order");
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["my order"]);
    assert!(!house.customer_gets().contains(&Parcel::Notice(Notice::NotDelivered)));
}

#[test]
fn a_problem_that_nobody_was_shown_is_passed_on_from_the_next_input() {
    // Said before the start has come to something.
    let mut house = asked("my order");
    house.say_with_problem("hello?", Some("my order"));
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    assert_eq!(house.vendor_gets(), ["my order", "hello?"]);
    house.say_with_problem("still there?", Some("my order"));
    assert_eq!(house.vendor_gets(), ["still there?"], "they know");

    // And after.
    let mut house = asked("my order");
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    house.say_with_problem("hello?", Some("my order"));
    assert_eq!(house.vendor_gets(), ["my order", "hello?"]);
}

#[test]
fn a_problem_that_was_shown_is_not_passed_on_from_an_input() {
    let mut house = asked("my order");
    house.say_with_problem("hello?", Some("my order"));
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.vendor_gets(), ["hello?"]);
    assert_eq!(house.session().in_hand, 0);

    let mut house = connected("my order");
    house.say_with_problem("hello?", Some("my order"));
    assert_eq!(house.vendor_gets(), ["hello?"]);
}

#[test]
fn a_step_of_a_start_says_nothing_of_the_problem() {
    let mut house = asked("my order");
    house.say("my order");
    let step = Outcome::Progressed { progress: "half".to_owned(), tokens: None };
    assert!(house.vendor(step));
    assert_eq!(house.session().vendor.problem_told, None);
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn what_the_connector_that_took_the_start_says_counts() {
    let mut house = House { further: vec!["other".to_owned()], ..House::new() };
    start(&mut house, "my order");
    house.say("my order");
    house.vendor(started(&["chat-7"], vec![Event::Routed(Routing::NoAgents)], true));
    house.wait(1);
    assert!(house.vendor(started_in_silence(&["chat-8"])));
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn a_customer_whose_words_were_not_shown_is_told_that_it_takes_longer() {
    let mut house = asked("my order");
    assert!(house.vendor(started_in_silence(&["chat-7"])));
    house.customer_gets();
    house.vendor_down = true;
    house.say("my order");
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::Delayed)]);
}

#[test]
fn a_session_that_was_stored_before_this_was_noted_loses_nothing() {
    let mut house = connected("my order");
    let mut stored = serde_json::to_value(house.session()).unwrap();
    stored["vendor"].as_object_mut().unwrap().remove("problem_told").unwrap();
    house.sessions[0].session = serde_json::from_value(stored).unwrap();
    house.say("my order");
    assert_eq!(house.vendor_gets(), ["my order"]);
}

#[test]
fn a_start_that_fails_has_told_nobody() {
    let mut house = asked("my order");
    house.say("my order");
    house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never));
    assert!(house.customer_gets().contains(&Parcel::Notice(Notice::StartFailed)));
    house.vendor_gets();
    assert!(matches!(house.last().to_vendor[1].status, Status::Dead(_)), "it was never delivered");
    assert_eq!(house.session().in_hand, 0);
}

#[test]
fn the_connector_that_takes_the_start_instead_is_told_the_problem_once() {
    let mut house = House { further: vec!["other".to_owned()], ..House::new() };
    start(&mut house, "my order");
    house.say("my order");
    house.vendor(started(&["chat-7"], vec![Event::Routed(Routing::NoAgents)], true));
    house.wait(1);
    house.vendor_takes("chat-8", Vec::new());
    assert_eq!(house.session().connector, "other");
    assert!(house.vendor_gets().is_empty());
    assert_eq!(house.last().to_vendor[1].status, Status::Done);
}

#[test]
fn a_customer_who_leaves_before_the_vendor_has_answered_is_told_that_nobody_saw_it() {
    let mut house = asked("my order");
    house.say("my order");
    house.goodbye();
    house.vendor_gets();
    assert!(house.customer_gets().contains(&Parcel::Notice(Notice::NotDelivered)));
    assert_eq!(house.session().phase, Phase::Ended(EndReason::Customer));
}

#[test]
fn a_vendor_that_is_down_delays_nothing_that_it_has() {
    let mut house = connected("my order");
    house.vendor_down = true;
    house.say("my order");
    assert!(house.customer_gets().is_empty());
    house.say("hello?");
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::Delayed)]);
}

#[test]
fn the_session_keeps_no_words_of_the_problem() {
    let house = asked("my order");
    assert!(!format!("{:?}", house.session()).contains("order"));
    assert!(!serde_json::to_string(house.session()).unwrap().contains("order"));
}
