//! The start, step by step.

use handover_connector::http::Error;
use handover_connector::testing::{Asked, Made};
use handover_connector::{
    Attribute, AuthorKind, Connector, Context, Customer, Event, Failure, FailureReason, NewSession,
    QueueStatus, RetryAdvice, StartOutcome, Turn, testing,
};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{
    CONVERSATION, answered, body, context, fixture, is_uuid, known, replay, settings, status, tokens,
    with_answer,
};

fn begun(done: usize) -> NewSession {
    NewSession {
        progress: Some(json!({ "event": "2147867834", "done": done }).to_string()),
        tokens: Some(tokens("guest")),
        ..testing::new_session()
    }
}

fn problem_unsaid(session: NewSession) -> NewSession {
    NewSession { problem: None, ..session }
}

fn turn(author: AuthorKind, name: Option<&str>, text: &str) -> Turn {
    Turn { author, name: name.map(str::to_owned), text: text.to_owned(), time: None }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn goes_on(outcome: Result<StartOutcome, Failure>) -> (Value, Option<Value>) {
    let Ok(StartOutcome::Continue(progress)) = outcome else { panic!("{outcome:?}") };
    let tokens = progress.tokens.map(|tokens| serde_json::from_str(&tokens).unwrap());
    (serde_json::from_str(&progress.state).unwrap(), tokens)
}

#[test]
fn a_visitor_comes_in_first_and_the_token_is_kept_apart() {
    let (progress, tokens) =
        goes_on(replay("admit-guest", || Salesforce::start(context(), testing::new_session())));
    assert_eq!(progress, json!({ "event": "2147867834", "done": 0 }));
    let token = fixture("tokens")["guest"].clone();
    let expected = json!({
        "access_token": token, "issued": 1_763_846_645_000_u64, "expires": 1_763_868_245_000_u64, "tried": 0,
    });
    assert_eq!(tokens, Some(expected));
}

#[test]
fn a_known_customer_is_vouched_for_with_a_signed_token() {
    let vouch = |asked: &Asked<'_>| {
        let Asked::JwtSign { credential: "identity", headers, claims, .. } = asked else {
            panic!("{asked:?}")
        };
        assert_eq!(*headers, [attribute("kid", "key-1")]);
        let claims: Value = serde_json::from_str(claims).unwrap();
        let expected = json!({ "iss": "acme", "sub": "29:jane", "iat": 1_763_846_645, "exp": 1_763_846_945 });
        assert_eq!(claims, expected);
        Ok(Made::Token("signed.by.host".to_owned()))
    };
    let start = || Salesforce::start(testing::context_of::<Salesforce>(&known()), testing::new_session());
    let (_, tokens) = goes_on(testing::with_crypto(vouch, || replay("admit-known", start)));
    assert_eq!(tokens.unwrap()["access_token"], fixture("tokens")["known"]);
    let vouch = |_: &Asked<'_>| Ok(Made::Token("signed.by.host".to_owned()));
    let failure = testing::with_crypto(vouch, || replay("admit-not-believed", start)).unwrap_err();
    assert_eq!(failure.reason, FailureReason::Misconfigured("credentials.identity".to_owned()));
    assert_eq!(failure.retry, RetryAdvice::Never);
}

#[test]
fn the_conversation_is_opened_under_our_id_however_often_it_is_asked_for() {
    for name in ["open", "open-again"] {
        let outcome = replay(name, || Salesforce::start(context(), begun(0)));
        assert_eq!(goes_on(outcome), (json!({ "event": "2147867834", "done": 1 }), None), "{name}");
    }
}

#[test]
fn attributes_go_along_under_the_names_that_the_operator_gives() {
    let mut settings = settings();
    settings["prechat"] = json!({ "first_name": "FirstName" });
    let session = NewSession {
        customer: Customer { email: Some("jane@example.com".to_owned()), ..testing::new_session().customer },
        attributes: vec![attribute("order", "5"), attribute("queue", "all"), attribute("empty", "")],
        routing: vec![attribute("queue", "vip")],
        ..begun(0)
    };
    goes_on(replay("open-with-attributes", || {
        Salesforce::start(testing::context_of::<Salesforce>(&settings), session)
    }));
}

#[test]
fn a_long_attribute_is_cut_between_characters() {
    let session = NewSession { problem: Some("💥".repeat(200)), ..begun(0) };
    let (_, asked) = with_answer(|| status(201, None), || Salesforce::start(context(), session));
    let subject = body(&asked[0])["routingAttributes"]["_subject"].as_str().unwrap().to_owned();
    assert_eq!(subject, "💥".repeat(127), "255 units hold 127 pairs");
}

#[test]
fn what_was_said_before_is_the_first_message() {
    let session = NewSession {
        transcript: vec![
            turn(AuthorKind::Customer, Some("Jane Doe"), "My läptop is 💥"),
            turn(AuthorKind::Bot, None, "I get you a person"),
            turn(AuthorKind::Bot, None, " "),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Hello"),
            turn(AuthorKind::System, None, "Ann left"),
        ],
        ..begun(1)
    };
    let Ok(StartOutcome::Started(started)) = replay("opening", || Salesforce::start(context(), session))
    else {
        panic!("one message is all")
    };
    assert_eq!(started.lookup_keys, [CONVERSATION]);
    let state: Value = serde_json::from_str(&started.state).unwrap();
    assert_eq!((&state["event"], &state["since"]), (&json!("2147867834"), &json!(0)));
    assert_eq!(started.tokens, None, "they are stored already");
    let waiting = QueueStatus { position: None, wait_seconds: None, text: None };
    assert_eq!(started.events, [Event::Queued(waiting)]);
    assert!(started.problem_told);
}

#[test]
fn without_anything_to_say_the_conversation_is_all() {
    let with = |opening: &str| {
        let mut settings = settings();
        settings["opening"] = json!(opening);
        testing::context_of::<Salesforce>(&settings)
    };
    let silent: [(Context, NewSession); 2] =
        [(with("none"), begun(0)), (with("problem"), problem_unsaid(begun(0)))];
    for (context, session) in silent {
        let (outcome, asked) = with_answer(|| status(201, None), || Salesforce::start(context, session));
        let Ok(StartOutcome::Started(started)) = outcome else { panic!("{outcome:?}") };
        assert!(!started.problem_told, "the rep has not read it");
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn a_long_transcript_is_told_in_its_last_five_messages_with_an_id_each() {
    let transcript = vec![turn(AuthorKind::Customer, None, &"Wörter 🙂 ".repeat(4_000))];
    let mut ids = Vec::new();
    for done in 1..=5 {
        let session = NewSession { transcript: transcript.clone(), ..begun(done) };
        let (outcome, asked) = with_answer(|| status(202, None), || Salesforce::start(context(), session));
        match outcome {
            Ok(StartOutcome::Started(started)) => {
                assert_eq!(done, 5);
                assert!(!started.problem_told, "the problem is the beginning, which is cut off");
            }
            outcome => assert!(outcome.is_ok() && done < 5, "{outcome:?}"),
        }
        let body = body(&asked[0]);
        let text = body["message"]["staticContent"]["text"].as_str().unwrap();
        assert!(!text.trim().is_empty() && text.encode_utf16().count() <= 4_096);
        ids.push(body["message"]["id"].as_str().unwrap().to_owned());
    }
    assert!(ids.iter().all(|id| is_uuid(id)));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[test]
fn every_step_may_be_made_again_and_a_refusal_names_what_to_mend() {
    let deployment = || FailureReason::Misconfigured("settings.deployment".to_owned());
    let address = || FailureReason::Misconfigured("upstreams.api.base_url".to_owned());
    let safe = RetryAdvice::Safe(None);
    for (code, admission, opening, retry) in [
        (400, deployment(), FailureReason::Rejected, RetryAdvice::Never),
        (401, deployment(), deployment(), RetryAdvice::Never),
        (403, deployment(), deployment(), RetryAdvice::Never),
        (404, address(), address(), RetryAdvice::Never),
        (429, FailureReason::RateLimited, FailureReason::RateLimited, safe),
        (500, FailureReason::Unavailable, FailureReason::Unavailable, safe),
        (503, FailureReason::Unavailable, FailureReason::Unavailable, safe),
    ] {
        for (session, reason) in [(testing::new_session(), admission), (begun(0), opening)] {
            let refused = move || status(code, None);
            let (outcome, _) = with_answer(refused, || Salesforce::start(context(), session));
            let failure = outcome.unwrap_err();
            assert_eq!((failure.reason, failure.retry), (reason, retry), "{code}");
        }
    }
    for session in [testing::new_session(), begun(0), begun(1)] {
        let lost = || Err(Error::TimedOut("why".to_owned()));
        let (outcome, _) = with_answer(lost, || Salesforce::start(context(), session));
        assert_eq!(outcome.unwrap_err().retry, safe);
    }
}

#[test]
fn an_opening_that_is_there_already_is_told() {
    let session = problem_said_again();
    let (outcome, _) = with_answer(|| status(409, None), || Salesforce::start(context(), session));
    assert!(matches!(outcome, Ok(StartOutcome::Started(_))), "{outcome:?}");
    let gone = with_answer(|| status(404, None), || Salesforce::start(context(), problem_said_again())).0;
    assert_eq!(gone.unwrap_err().reason, FailureReason::ConversationGone);
}

fn problem_said_again() -> NewSession {
    NewSession { attempt: 2, ..begun(1) }
}

#[test]
fn a_refusal_repeats_the_vendors_code_and_none_of_its_sentences() {
    let told = || answered(400, &json!({ "message": "no such field: secret", "errorCode": "BAD_FIELD" }));
    let (outcome, _) = with_answer(told, || Salesforce::start(context(), begun(0)));
    assert_eq!(outcome.unwrap_err().detail, "the vendor answered 400 BAD_FIELD");
    let told = || answered(400, &json!({ "errorCode": "a sentence with a secret" }));
    let (outcome, _) = with_answer(told, || Salesforce::start(context(), begun(0)));
    assert_eq!(outcome.unwrap_err().detail, "the vendor answered 400");
}
