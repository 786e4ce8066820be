//! The start, step by step, and what becomes of it when a step was made before.

use handover_connector::{
    Attribute, AuthorKind, Availability, Connector, Failure, FailureReason, NewSession, RetryAdvice,
    StartOutcome, Turn,
};
use matrix::Matrix;
use serde_json::{Value, json};

use crate::exchange::{GHOST, ROOM, answered, body, context, context_with, new_session, replay};

fn begun(asked: u64, reached: u64) -> Value {
    json!({ "ghost": GHOST, "room": ROOM, "asked": asked, "reached": reached })
}

fn progress(outcome: Result<StartOutcome, Failure>) -> Value {
    let Ok(StartOutcome::Continue(progress)) = outcome else { panic!("{outcome:?}") };
    serde_json::from_str(&progress.state).unwrap()
}

#[test]
fn the_first_step_makes_the_ghost_and_its_room() {
    let first = || Matrix::start(context(), new_session(None));
    assert_eq!(progress(replay("start-room", first)), begun(0, 0));
}

#[test]
fn a_room_that_was_made_before_is_found_by_its_alias() {
    let again = || Matrix::start(context(), new_session(None));
    assert_eq!(progress(replay("start-room-again", again)), begun(0, 0));
}

#[test]
fn a_room_that_the_homeserver_died_over_is_made_anew() {
    let again = || Matrix::start(context(), new_session(None));
    assert_eq!(progress(replay("start-room-half-made", again)), begun(0, 0));
}

#[test]
fn the_second_step_tells_what_was_said_and_invites() {
    let session = NewSession {
        transcript: vec![
            Turn { author: AuthorKind::Customer, name: None, text: "Hi\0!".to_owned(), time: None },
            Turn { author: AuthorKind::Bot, name: None, text: "I get you a person".to_owned(), time: None },
        ],
        attributes: vec![Attribute { name: "order".to_owned(), value: "5".to_owned() }],
        ..new_session(Some(begun(0, 0)))
    };
    let outcome = replay("start-invite", || Matrix::start(context(), session)).unwrap();
    let StartOutcome::Started(started) = outcome else { panic!("{outcome:?}") };
    assert_eq!(started.lookup_keys, [ROOM]);
    assert_eq!(started.state, json!({ "ghost": GHOST }).to_string());
    assert!(started.problem_told);
}

#[test]
fn a_problem_of_which_a_part_is_left_out_is_not_told() {
    let told = |problem: Option<String>| {
        let session = NewSession { problem, ..new_session(Some(begun(0, 0))) };
        let (outcome, _) = answered(200, &json!({}), || Matrix::start(context(), session));
        let Ok(StartOutcome::Started(started)) = outcome else { panic!("{outcome:?}") };
        started.problem_told
    };
    assert!(told(Some("It is broken \0".to_owned())));
    assert!(told(Some("word ".repeat(5_000))), "in several notices, but whole");
    assert!(!told(Some("word ".repeat(50_000))));
    assert!(!told(Some(" ".to_owned())) && !told(None));
}

#[test]
fn many_agents_are_invited_in_several_steps_and_those_that_cannot_be_are_named() {
    let agents: Vec<String> = (0..5).map(|nth| format!("@agent{nth}:example.org")).collect();
    let context = || context_with(json!({ "agents": agents }));
    let (outcome, asked) =
        answered(200, &json!({}), || Matrix::start(context(), new_session(Some(begun(0, 0)))));
    assert_eq!(progress(outcome), begun(4, 4));
    assert!(asked.len() <= 16, "{}", asked.len());
    let (outcome, asked) =
        answered(200, &json!({}), || Matrix::start(context(), new_session(Some(begun(4, 4)))));
    assert!(matches!(outcome, Ok(StartOutcome::Started(_))), "{outcome:?}");
    assert_eq!(body(&asked[0]), json!({ "user_id": "@agent4:example.org" }));
    let refused = json!({ "errcode": "M_FORBIDDEN" });
    let (outcome, asked) =
        answered(403, &refused, || Matrix::start(context(), new_session(Some(begun(4, 0)))));
    assert_eq!(asked.len(), 2, "asked for, and looked for");
    assert_eq!(outcome.unwrap_err().reason, FailureReason::Misconfigured("settings.agents".to_owned()));
}

#[test]
fn routing_says_who_is_invited() {
    let routing =
        vec![Attribute { name: "agents".to_owned(), value: "@bob:example.org, @eve:example.org".to_owned() }];
    let session = NewSession { routing, ..new_session(Some(begun(0, 0))) };
    let (_, asked) = answered(200, &json!({}), || Matrix::start(context(), session));
    let invited: Vec<_> = asked.iter().filter(|one| one.path.contains("/invite?")).map(body).collect();
    assert_eq!(invited, [json!({ "user_id": "@bob:example.org" }), json!({ "user_id": "@eve:example.org" })]);
}

#[test]
fn what_is_configured_wrongly_is_named() {
    let start = |status, code: &str| {
        let said = json!({ "errcode": code });
        answered(status, &said, || Matrix::start(context(), new_session(None))).0.unwrap_err().reason
    };
    let key = |key: &str| FailureReason::Misconfigured(key.to_owned());
    assert_eq!(start(401, "M_UNKNOWN_TOKEN"), key("credentials.as_token"));
    assert_eq!(start(403, "M_FORBIDDEN"), key("settings.prefix"));
    assert_eq!(start(400, "M_EXCLUSIVE"), key("settings.prefix"));
    assert_eq!(start(404, "M_UNRECOGNIZED"), key("upstreams.homeserver.base_url"));
    let nobody = context_with(json!({ "agents": [] }));
    let (outcome, _) = answered(200, &json!({}), || Matrix::start(nobody, new_session(Some(begun(0, 0)))));
    assert_eq!(outcome.unwrap_err().reason, key("settings.agents"));
    let device = || replay("start-without-devices", || Matrix::start(context(), new_session(None)));
    assert_eq!(device().unwrap_err().reason, key("settings.device"));
}

#[test]
fn a_start_without_an_answer_is_made_again() {
    for status in [500, 502, 503, 429] {
        let (outcome, _) = answered(status, &json!({}), || Matrix::start(context(), new_session(None)));
        assert!(matches!(outcome.unwrap_err().retry, RetryAdvice::Safe(_)), "{status}");
    }
    let (outcome, _) =
        answered(429, &json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500 }), || {
            Matrix::start(context(), new_session(None))
        });
    assert_eq!(outcome.unwrap_err().retry, RetryAdvice::Safe(Some(1500)));
}

#[test]
fn presence_counts_only_where_the_operator_wants_it() {
    let check =
        |settings, said: Value| answered(200, &said, || Matrix::check(context_with(settings), Vec::new()));
    let (status, asked) = check(json!({}), json!({}));
    assert_eq!((status.unwrap().open, asked.len()), (true, 0));
    let (status, _) = check(json!({ "presence": true }), json!({ "presence": "online" }));
    assert_eq!(status.unwrap().agents_online, Some(1));
    let (status, _) = check(json!({ "presence": true }), json!({ "presence": "unavailable" }));
    assert!(!status.unwrap().open);
}
