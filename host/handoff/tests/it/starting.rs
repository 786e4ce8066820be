//! The customer asks for a person, and the bot hears what came of it in time.

use handover_handoff::address::Action;
use handover_handoff::delivery::{FailureReason, Parcel, RetryAdvice};
use handover_handoff::notice::Notice;
use handover_handoff::outcome::Outcome;
use handover_handoff::session::{EndReason, Phase, StartAnswer, StartStatus};
use handover_handoff::turn::{Request, Verdict};
use handover_handoff::vendor::{Event, QueueStatus, Routing, StartRequest};

use crate::house::House;
use crate::words::{failed, over, participant, result, start_result, started};

#[test]
fn a_live_agent_is_there_at_once() {
    let mut house = House::new();
    let Verdict::Starting(id) = house.start() else { panic!("not started") };
    assert_eq!(house.session().id, id);
    assert_eq!(house.session().phase, Phase::Requested);
    assert!(house.customer_gets().is_empty(), "nobody is told before the vendor has answered");

    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.session().phase, Phase::Active);
    assert_eq!(house.customer_gets(), [start_result("activity-1", "chat-7", StartStatus::Connected)]);
}

#[test]
fn the_customer_waits_in_the_vendors_queue() {
    let mut house = House::new();
    house.start();
    let status = QueueStatus { position: Some(3), ..QueueStatus::default() };
    house.vendor_takes("chat-7", vec![Event::Queued(status.clone())]);
    assert_eq!(house.session().phase, Phase::Queued);
    assert_eq!(
        house.customer_gets(),
        [start_result("activity-1", "chat-7", StartStatus::Queued), Parcel::Notice(Notice::Queued(status))]
    );
    house.event(Event::Joined(participant("Ada")));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::AgentJoined { name: Some("Ada".to_owned()) })]);
}

#[test]
fn nobody_is_there() {
    for events in [vec![Event::Routed(Routing::NoAgents)], vec![Event::Routed(Routing::OutOfHours)]] {
        let mut house = House::new();
        house.start();
        house.vendor_takes("chat-7", events);
        assert_eq!(house.customer_gets(), [start_result("activity-1", "chat-7", StartStatus::NoAgents)]);
        assert!(matches!(house.session().phase, Phase::Ended(_)));
    }
    let mut house = House::new();
    house.start();
    house.vendor(failed(FailureReason::NoAgents, RetryAdvice::Never));
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::NoAgents)]);
}

#[test]
fn the_vendor_refuses() {
    let mut house = House::new();
    house.start();
    house.vendor(failed(FailureReason::Misconfigured("base-url".to_owned()), RetryAdvice::Never));
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::Failed)]);
    assert_eq!(house.session().phase, Phase::Ended(EndReason::VendorFailure));
}

#[test]
fn a_slow_vendor_is_pending_at_the_budgets_end_and_the_outcome_follows() {
    let mut house = House::new();
    house.start();
    house.wait(7_999);
    assert!(house.customer_gets().is_empty());
    house.wait(1);
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::Pending)]);

    house.vendor_takes("chat-7", vec![Event::Joined(participant("Ada"))]);
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::AgentJoined { name: Some("Ada".to_owned()) })]);
}

#[test]
fn a_pending_start_that_comes_to_nothing_is_told_in_the_chat() {
    for (reason, notice) in
        [(FailureReason::NoAgents, Notice::NoAgents), (FailureReason::Rejected, Notice::StartFailed)]
    {
        let mut house = House::new();
        house.start();
        house.wait(8_000);
        house.customer_gets();
        house.say("hello?");
        house.vendor(failed(reason, RetryAdvice::Never));
        assert_eq!(
            house.customer_gets(),
            [Parcel::Notice(notice), result(Action::SendMessage, "activity-2")],
            "told why, and given back"
        );
        assert!(house.vendor_gets().len() <= 1 && house.session().in_hand == 0);
    }
}

#[test]
fn a_second_start_finds_the_running_session() {
    let mut house = House::new();
    let first = house.start();
    assert_eq!(house.start(), first);
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(
        house.customer_gets(),
        [
            start_result("activity-1", "chat-7", StartStatus::Connected),
            start_result("activity-2", "chat-7", StartStatus::Connected)
        ],
        "both that wait are answered"
    );
    assert_eq!(house.start(), first);
    assert_eq!(house.customer_gets(), [start_result("activity-3", "chat-7", StartStatus::Connected)]);
    assert_eq!(house.sessions.len(), 1);
}

#[test]
fn a_start_after_the_end_opens_a_new_session() {
    let mut house = House::new();
    let first = house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.goodbye();
    assert!(matches!(house.session().phase, Phase::Ending(_)), "the vendor has not been told yet");
    assert_ne!(house.start(), first);
    assert_eq!(house.sessions.len(), 2);
}

#[test]
fn an_inline_start_is_answered_by_its_own_response() {
    let mut house = House { inline: true, ..House::new() };
    house.start();
    assert!(matches!(&house.session().answer, StartAnswer::Owed { to, .. } if to.is_empty()));
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.session().answer, StartAnswer::Given(StartStatus::Connected));
    assert!(house.customer_gets().is_empty(), "nothing is pushed");
}

#[test]
fn agents_that_do_not_look_at_the_status_get_control_back_with_their_first_message() {
    for (reason, notice) in
        [(FailureReason::NoAgents, Notice::NoAgents), (FailureReason::Rejected, Notice::StartFailed)]
    {
        let mut house = House::new();
        house.start();
        house.vendor(failed(reason.clone(), RetryAdvice::Never));
        house.customer_gets();
        let verdict = house.say_with_problem("my order", Some("my order"));
        assert_eq!(verdict, Verdict::Over { result: None, notice: None });
        assert_eq!(
            house.customer_gets(),
            [Parcel::Notice(notice.clone()), result(Action::SendMessage, "activity-2")]
        );

        let mut house = House { inline: true, ..House::new() };
        house.start();
        house.vendor(failed(reason, RetryAdvice::Never));
        let verdict = house.say("my order");
        let result = over(Action::SendMessage, "activity-2");
        assert_eq!(verdict, Verdict::Over { result: Some(result), notice: Some(notice) });
    }
}

#[test]
fn who_is_not_known_at_all_is_told_so() {
    let mut house = House::new();
    assert!(matches!(house.say("hello?"), Verdict::Unknown(action) if action.action == Action::SendMessage));
    assert!(matches!(house.goodbye(), Verdict::Unknown(action) if action.action == Action::EndConversation));
    assert_eq!(house.release(), Verdict::Nothing);
}

#[test]
fn only_a_later_callback_proves_the_start() {
    let mut house = House::new();
    house.start();
    house.vendor(started(&["request-1"], Vec::new(), false));
    assert_eq!(house.session().phase, Phase::Requested);
    assert!(house.customer_gets().is_empty());
    house.event(Event::Routed(Routing::Accepted));
    assert_eq!(house.customer_gets(), [start_result("activity-1", "request-1", StartStatus::Queued)]);
}

#[test]
fn a_start_in_steps_goes_on_at_once_and_counts_as_one_attempt() {
    let mut house = House::new();
    house.start();
    for step in 1..=5 {
        house.vendor(Outcome::Progressed {
            progress: format!("step {step}"),
            tokens: Some("secret".to_owned()),
        });
        assert_eq!(house.session().vendor.progress, Some(format!("step {step}")));
        let head = house.last().head(handover_handoff::delivery::Direction::ToVendor).unwrap();
        assert_eq!((head.attempt, head.due), (1, house.now));
    }
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(house.session().vendor.progress, None);
    assert_eq!(house.session().vendor.tokens.as_deref(), Some("secret"));
}

#[test]
fn a_start_that_never_comes_to_an_end_is_given_up() {
    let mut house = House::new();
    house.start();
    house.wait(house.policy.fresh_to_vendor + 1);
    house.customer_gets();
    house.vendor(Outcome::Progressed { progress: "and on".to_owned(), tokens: None });
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::StartFailed)]);
    assert_eq!(house.session().phase, Phase::Ended(EndReason::VendorFailure));
}

#[test]
fn a_vendor_that_names_nothing_is_still_talked_to() {
    let mut house = House::new();
    house.start();
    house.vendor(started(&[], Vec::new(), true));
    let id = house.session().id.to_string();
    assert_eq!(house.customer_gets(), [start_result("activity-1", &id, StartStatus::Connected)]);
    house.say("hello");
    assert_eq!(house.vendor_gets(), ["hello"]);
}

#[test]
fn an_empty_problem_tells_nobody_anything() {
    let mut house = House::new();
    house.turn(Request::Start(StartRequest { problem: Some(" ".to_owned()), ..StartRequest::default() }));
    house.vendor_takes("chat-7", Vec::new());
    house.say_with_problem("hello", Some("my order"));
    assert_eq!(house.vendor_gets(), ["my order", "hello"]);
}

#[test]
fn a_start_that_fails_once_the_customer_has_written_is_told_in_the_chat_too() {
    let mut house = House::new();
    house.start();
    house.say("hello?");
    house.vendor(failed(FailureReason::Rejected, RetryAdvice::Never));
    let id = house.session().id.to_string();
    assert_eq!(
        house.customer_gets(),
        [
            start_result("activity-1", &id, StartStatus::Failed),
            Parcel::Notice(Notice::StartFailed),
            result(Action::SendMessage, "activity-2")
        ],
        "the topic that would have told them has gone on"
    );
}
