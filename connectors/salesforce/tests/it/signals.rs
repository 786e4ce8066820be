//! Typing and acknowledgements.

use handover_connector::{Failure, FailureReason, Receipt, ReceiptOutcome, RetryAdvice, Signals};
use salesforce::Salesforce;

use crate::exchange::{at, body, context, replay, session, status, with_answer};

fn report(outcome: ReceiptOutcome) -> Result<(), Failure> {
    Salesforce::report(context(), session(), Receipt { message_id: "a-1".to_owned(), outcome })
}

#[test]
fn typing_begins_and_stops_each_time_with_an_id_of_its_own() {
    assert_eq!(replay("typing", || Salesforce::typing(context(), session(), true)), Ok(()));
    assert_eq!(replay("typing-stopped", || Salesforce::typing(context(), session(), false)), Ok(()));
    let id = |now| {
        let call = || Salesforce::typing(at(now), session(), true);
        body(&with_answer(|| status(202, None), call).1[0])["id"].as_str().unwrap().to_owned()
    };
    assert_ne!(id(1_763_846_646_000), id(1_763_846_647_000));
    assert_eq!(id(1_763_846_646_000), id(1_763_846_646_000), "the same call is the same entry");
}

#[test]
fn acknowledgements_name_the_reps_message() {
    assert_eq!(replay("delivered", || report(ReceiptOutcome::Delivered)), Ok(()));
    assert_eq!(replay("read", || report(ReceiptOutcome::Read)), Ok(()));
}

#[test]
fn what_has_not_arrived_cannot_be_told() {
    let (told, asked) =
        with_answer(|| status(200, None), || report(ReceiptOutcome::NotDelivered("why".to_owned())));
    let failure = told.unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unsupported, RetryAdvice::Never));
    assert!(asked.is_empty());
}

#[test]
fn a_sign_that_failed_did_no_harm() {
    for (code, reason, retry) in [
        (404, FailureReason::ConversationGone, RetryAdvice::Never),
        (500, FailureReason::Unavailable, RetryAdvice::Safe(None)),
    ] {
        let failure = with_answer(move || status(code, None), || report(ReceiptOutcome::Read)).0.unwrap_err();
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{code}");
    }
}
