//! The start, step by step.

use handover_connector::{
    AuthorKind, Connector, Event, NewSession, QueueStatus, StartOutcome, Started, Turn, crypto, testing,
};
use serde_json::{Value, json};
use zendesk::Zendesk;

use crate::exchange::{attribute, context, context_with, refusal, replay, start, with_answer};

fn started(conversation: &str) -> StartOutcome {
    let queued = Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None });
    StartOutcome::Started(Started {
        lookup_keys: vec![conversation.to_owned(), "user:u-1".to_owned()],
        state: "u-1".to_owned(),
        tokens: None,
        events: vec![queued],
        problem_told: true,
    })
}

#[test]
fn a_new_customer_gets_a_user_and_a_conversation_that_goes_to_the_agents() {
    let outcome = replay("start", || start(&context(), testing::new_session()));
    assert_eq!(outcome, Ok(started("c-1")));
}

#[test]
fn what_was_said_goes_along_and_attributes_become_ticket_fields() {
    let turn = |author, name: Option<&str>, text: &str| Turn {
        author,
        name: name.map(str::to_owned),
        text: text.to_owned(),
        time: None,
    };
    let session = NewSession {
        transcript: vec![
            turn(AuthorKind::Customer, None, "My läptop is 💥"),
            turn(AuthorKind::Bot, None, "I get you a person"),
            turn(AuthorKind::LiveAgent, Some("Ann"), "Hello"),
            turn(AuthorKind::System, None, "Ann left"),
        ],
        attributes: vec![attribute("order", "5")],
        routing: vec![
            attribute("urgency", "high"),
            attribute("tags", "vip,bot"),
            attribute("queue", "sales"),
        ],
        ..testing::new_session()
    };
    let context = context_with(&json!({ "fields": { "order": "360012345", "urgency": "priority" } }));
    assert_eq!(replay("start-with-transcript", || start(&context, session)), Ok(started("c-1")));
}

#[test]
fn a_known_customer_keeps_user_and_conversation() {
    for name in ["start-of-a-known-user", "start-with-an-open-ticket"] {
        let outcome = replay(name, || start(&context(), testing::new_session()));
        assert_eq!(outcome, Ok(started("c-7")), "{name}");
    }
}

#[test]
fn a_second_conversation_that_is_refused_is_the_first_one_again() {
    let name = "start-where-a-second-conversation-is-refused";
    let context = context_with(&json!({ "new_conversation": true }));
    let outcome = replay(name, || start(&context, testing::new_session())).unwrap();
    let StartOutcome::Started(started) = outcome else { panic!("{outcome:?}") };
    assert_eq!(started.lookup_keys, ["c-7"], "a user with several conversations is no key");
    assert_eq!(started.state, "u-1");
}

#[test]
fn what_an_attempt_made_whose_end_nobody_saw_is_found_and_not_made_twice() {
    let session = NewSession { attempt: 2, ..testing::new_session() };
    assert_eq!(replay("start-again-after-a-crash", || start(&context(), session)), Ok(started("c-1")));
}

#[test]
fn each_step_that_makes_something_is_committed_before_the_next() {
    let mut session = testing::new_session();
    let steps = replay("start", || {
        let mut steps = 0;
        while let StartOutcome::Continue(progress) = Zendesk::start(context(), session.clone()).unwrap() {
            steps += 1;
            session.progress = Some(progress.state);
        }
        steps
    });
    assert_eq!(steps, 3, "user, conversation, transcript");
}

/// Bodies of all requests of a start that Zendesk answers with plausible nothings.
fn bodies(context: handover_connector::Context, session: NewSession) -> Vec<Value> {
    let answer = |request: &handover_connector::http::Request| {
        let path = request.path.as_str();
        let body = if path.contains("/users") {
            json!({ "user": { "id": "u-1" } })
        } else if path.contains("filter") {
            json!({ "conversations": [] })
        } else if path.ends_with("/conversations") {
            json!({ "conversation": { "id": "c-1" } })
        } else {
            json!({ "messages": [{ "id": "m" }] })
        };
        let read = path.contains("filter") || request.body.is_empty();
        let metadata_free =
            if read && path.ends_with("/messages") { json!({ "messages": [] }) } else { body };
        testing::json(if read { 200 } else { 201 }, &metadata_free)
    };
    let (outcome, asked) = with_answer(answer, || start(&context, session));
    assert!(matches!(outcome, Ok(StartOutcome::Started(_))), "{outcome:?}");
    asked.iter().filter_map(|request| serde_json::from_slice(&request.body).ok()).collect()
}

#[test]
fn a_transcript_of_any_length_and_alphabet_is_cut_to_posts_that_zendesk_takes() {
    let text = "e\u{301}👩\u{200d}👩\u{200d}👧 שלום \0".repeat(10_000);
    let turn = Turn { author: AuthorKind::Bot, name: None, text, time: None };
    let session =
        NewSession { transcript: vec![turn], problem: Some("💥".repeat(5_000)), ..testing::new_session() };
    let posts: Vec<Value> =
        bodies(context(), session).into_iter().filter(|body| !body["content"].is_null()).collect();
    assert_eq!(posts.len(), 8 + 3, "the end of the transcript, and the problem");
    for post in &posts {
        let text = post["content"]["text"].as_str().unwrap();
        assert!(!text.trim().is_empty() && text.encode_utf16().count() <= 4096 && !text.contains('\0'));
        assert!(!text.starts_with(['\u{301}', '\u{200d}']), "no character is broken");
    }
}

#[test]
fn a_problem_that_the_agents_do_not_have_whole_is_not_told() {
    let told = |problem: Option<&str>| {
        let progress =
            json!({ "user": "u-1", "conversation": "c-1", "with_agents": true, "first_message": "m" });
        let session = NewSession {
            problem: problem.map(str::to_owned),
            progress: Some(progress.to_string()),
            ..testing::new_session()
        };
        let (outcome, _) =
            with_answer(|_| testing::json(200, &json!({})), || Zendesk::start(context(), session));
        let Ok(StartOutcome::Started(started)) = outcome else { panic!("{outcome:?}") };
        started.problem_told
    };
    assert!(told(Some("My laptop does not start")));
    assert!(told(Some(&"x".repeat(4 * 4_096))));
    assert!(!told(Some(&"x".repeat(4 * 4_096 + 1))));
    assert!(!told(Some(" ")) && !told(None));
}

#[test]
fn nothing_that_the_channel_says_makes_a_user_that_zendesk_refuses() {
    let mut session = testing::new_session();
    session.customer.name = Some(format!(" Jane\u{7} {}", "ö".repeat(300)));
    session.customer.email = Some("no address".to_owned());
    session.customer.locale = Some(String::new());
    session.customer.id = "x".repeat(2_000);
    let user = bodies(context(), session.clone()).remove(0);
    assert_eq!(user["profile"]["givenName"], "Jane");
    assert_eq!(user["profile"]["surname"].as_str().unwrap().chars().count(), 128);
    assert_eq!(user["profile"].as_object().unwrap().len(), 2, "neither email nor locale");
    assert_eq!(user["externalId"], json!(session.id), "a longer id than Zendesk takes is none");
    session.customer.name = None;
    session.customer.email = Some("jane@example.com".to_owned());
    assert_eq!(bodies(context(), session).remove(0)["profile"], json!({ "email": "jane@example.com" }));
}

#[test]
fn the_operator_can_say_which_attribute_is_the_external_id() {
    let mut session = testing::new_session();
    session.customer.attributes = vec![attribute("aadObjectId", "aad-1")];
    let context = context_with(&json!({ "external_id_attribute": "aadObjectId" }));
    assert_eq!(bodies(context.clone(), session)[0]["externalId"], "aad-1");
    let made = bodies(context, testing::new_session()).remove(0);
    assert_eq!(made["externalId"], "default:msteams:29:jane", "where there is none");
}

#[test]
fn fields_beyond_the_four_kilobytes_of_metadata_are_left_out() {
    let long = "x".repeat(3_000);
    let session = NewSession {
        routing: vec![attribute("a", &long), attribute("b", &long), attribute("tags", "short")],
        ..testing::new_session()
    };
    let asked = bodies(context(), session);
    let passed = asked.iter().find(|body| body["switchboardIntegration"] == "zd:agentWorkspace").unwrap();
    let metadata = &passed["metadata"];
    assert!(metadata.to_string().len() <= 4_096);
    assert_eq!(metadata["a"], json!(long));
    assert!(metadata["b"].is_null());
    assert_eq!(metadata["dataCapture.systemField.tags"], "short");
}

#[test]
fn with_a_key_to_sign_with_each_request_carries_a_token() {
    let context = context_with(&json!({ "key_id": "app_1" }));
    let sign = |asked: &testing::Asked<'_>| match asked {
        testing::Asked::JwtSign {
            credential: "api",
            algorithm: crypto::Algorithm::Hs256,
            headers,
            claims,
        } => {
            assert_eq!((headers[0].name.as_str(), headers[0].value.as_str()), ("kid", "app_1"));
            let claims: Value = serde_json::from_str(claims).unwrap();
            assert_eq!(claims, json!({ "scope": "app", "exp": 1_763_846_645 + 300 }));
            Ok(testing::Made::Token("a.b.c".to_owned()))
        }
        other => panic!("{other:?}"),
    };
    let (_, asked) = testing::with_crypto(sign, || {
        with_answer(|_| refusal(500, "x", None), || start(&context, testing::new_session()))
    });
    let header = asked[0].headers.iter().find(|header| header.name == "authorization").unwrap();
    assert_eq!(header.value, "Bearer a.b.c");
    let (_, asked) =
        with_answer(|_| refusal(500, "x", None), || start(&self::context(), testing::new_session()));
    assert!(asked[0].headers.iter().all(|header| header.name != "authorization"), "else the host adds it");
}
