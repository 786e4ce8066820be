//! The end, and receipts.

use handover_connector::{Connector, EndReason, Failure, Receipt, ReceiptOutcome, Signals, Update};
use serde_json::json;
use zendesk::Zendesk;

use crate::exchange::{context, context_with, refusal, replay, session, with_answer};

const UNCHANGED: Result<Update, Failure> = Ok(Update { state: None, tokens: None });

fn end(reason: EndReason) -> Result<Update, Failure> {
    Zendesk::end(context(), session(), reason)
}

fn report(outcome: ReceiptOutcome) -> Result<(), Failure> {
    Zendesk::report(context(), session(), Receipt { message_id: "a-1".to_owned(), outcome })
}

#[test]
fn the_agent_reads_that_the_customer_has_left_and_control_is_released() {
    assert_eq!(replay("end", || end(EndReason::Customer)), UNCHANGED);
    assert_eq!(replay("end-again", || end(EndReason::Customer)), UNCHANGED);
    assert_eq!(replay("end-by-the-agent", || end(EndReason::LiveAgent)), UNCHANGED);
}

#[test]
fn a_conversation_that_is_gone_has_ended() {
    assert_eq!(replay("end-of-what-is-gone", || end(EndReason::CustomerInactivity)), UNCHANGED);
    let mut never = session();
    never.lookup_keys.clear();
    let (outcome, asked) =
        with_answer(|_| refusal(500, "x", None), || Zendesk::end(context(), never, EndReason::Customer));
    assert_eq!((outcome, asked.len()), (UNCHANGED, 0));
}

#[test]
fn an_operator_who_wants_no_notice_gets_none() {
    let context = context_with(&json!({ "ended_notice": "" }));
    let outcome = replay("end-by-the-agent", || Zendesk::end(context, session(), EndReason::Customer));
    assert_eq!(outcome, UNCHANGED);
}

#[test]
fn read_is_an_activity_and_a_lost_message_is_told_in_words() {
    assert_eq!(replay("read", || report(ReceiptOutcome::Read)), Ok(()));
    let lost = ReceiptOutcome::NotDelivered("the channel is closed".to_owned());
    assert_eq!(replay("not-delivered", || report(lost)), Ok(()));
}

#[test]
fn what_zendesk_has_no_place_for_is_not_sent() {
    let (_, asked) = with_answer(
        |_| refusal(500, "x", None),
        || {
            assert_eq!(report(ReceiptOutcome::Delivered), Ok(()));
            assert_eq!(
                Zendesk::typing(context(), session(), true),
                Ok(()),
                "users cannot type (`activityTypes`)"
            );
        },
    );
    assert!(asked.is_empty());
}
