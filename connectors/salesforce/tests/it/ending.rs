//! Ends from our side.

use handover_connector::http::Error;
use handover_connector::{Connector, Context, EndReason, Failure, RetryAdvice, Session, Update, testing};
use salesforce::Salesforce;

use crate::exchange::{ISSUED, LIFE, at, context, known, replay, session, status, with_answer};

const UNCHANGED: Update = Update { state: None, tokens: None };

fn end(context: Context) -> Result<Update, Failure> {
    Salesforce::end(context, session(), EndReason::Customer)
}

#[test]
fn a_guests_session_and_conversation_end_and_a_known_customers_session() {
    assert_eq!(replay("end-guest", || end(context())), Ok(UNCHANGED));
    assert_eq!(replay("end-known", || end(testing::context_of::<Salesforce>(&known()))), Ok(UNCHANGED));
}

#[test]
fn what_is_gone_has_ended() {
    assert_eq!(replay("end-of-what-is-gone", || end(context())), Ok(UNCHANGED));
    for code in [401, 403, 404, 409, 410] {
        assert!(with_answer(move || status(code, None), || end(context())).0.is_ok(), "{code}");
    }
}

#[test]
fn without_a_visitor_or_after_its_time_nothing_is_asked() {
    let never_begun = Session { tokens: None, lookup_keys: Vec::new(), ..session() };
    let call = || Salesforce::end(context(), never_begun, EndReason::Operator);
    let (ended, asked) = with_answer(|| status(204, None), call);
    assert_eq!((ended, asked.len()), (Ok(UNCHANGED), 0));
    let (ended, asked) = with_answer(|| status(204, None), || end(at(ISSUED + LIFE)));
    assert!(ended.is_ok() && asked.is_empty());
}

#[test]
fn an_end_that_failed_may_be_tried_again() {
    for code in [429, 500, 503] {
        let (ended, _) = with_answer(move || status(code, None), || end(context()));
        assert_eq!(ended.unwrap_err().retry, RetryAdvice::Safe(None), "{code}");
    }
    let (ended, _) = with_answer(|| Err(Error::Broken("why".to_owned())), || end(context()));
    assert_eq!(ended.unwrap_err().retry, RetryAdvice::Safe(None));
}
