//! A call goes in and comes back with everything that it was given, in the domain's words.

use handover_handoff::delivery::{FailureReason, Receipt, RetryAdvice};
use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::session::EndReason;
use handover_handoff::vendor::{
    AgentMessage, Attachment, AuthorKind, Event, MessageFate, Participant, QueueStatus, Routing,
    StartRequest, TextFormat, Utterance,
};
use handover_handoff::vendor::{Attribute, CustomerMessage};
use handover_sandbox::{CallError, Generation, Happening, Limits, MapError, MappedEvent};

use crate::house::House;
use crate::people::{NOW, callback, delivery, message, say, session};

async fn echo() -> (House, std::sync::Arc<Generation>) {
    let mut house = House::new();
    house
        .grant("echo-v1", "http://127.0.0.1:1")
        .settings
        .insert("grüße".to_owned(), serde_json::json!("ja 🙂"));
    house.put("echo-v1.wasm", &crate::house::built("echo-v1"));
    let sandbox = house.open().await;
    let generation = crate::house::serving(&sandbox, "echo-v1");
    (house, generation)
}

#[tokio::test]
async fn a_component_says_who_it_is() {
    let (_house, echo) = echo().await;
    let description = echo.description();
    assert_eq!(
        (description.name.as_str(), description.version.as_str(), description.vendor.as_str()),
        ("echo", "1.0.0", "Echo, Ünlimited")
    );
    assert_eq!(description.upstreams, ["api"]);
    assert!(description.callbacks[0].takes("") && !description.callbacks[0].takes("else"));
    assert!(description.capabilities.signals && !description.capabilities.feed);
}

#[tokio::test]
async fn a_start_is_given_all_and_gives_back_all() {
    let (_house, echo) = echo().await;
    let request = StartRequest {
        problem: Some("Mein Läptop 💥 startet nicht".to_owned()),
        transcript: vec![Utterance {
            author: AuthorKind::Bot,
            name: Some("Böt".to_owned()),
            text: "Wie kann ich helfen?".to_owned(),
            time: Some(NOW),
        }],
        attributes: vec![Attribute { name: "order".to_owned(), value: "№ 5".to_owned() }],
        routing: vec![Attribute { name: "queue".to_owned(), value: "vip".to_owned() }],
    };
    let outcome = echo.start(&session(), &request, 2, NOW).await.unwrap();
    let Outcome::Started { lookup_keys, update, events, proved, problem_told } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(lookup_keys, ["echo-00000000-0000-0000-0000-000000000007", "second-key"]);
    assert!(proved && problem_told);
    assert_eq!(update.tokens.as_deref(), Some("visitor-token"));
    let given = update.state.unwrap();
    for part in [
        "1.0.0 ",
        "connector: \"echo-v1\"",
        "https://handover.example/api/callbacks/echo-v1",
        "grüße",
        "now: 1763846645120",
        "id: \"00000000-0000-0000-0000-000000000007\"",
        "tenant: \"default\"",
        "Jäne 王 🙂",
        "de-CH",
        "aadObjectId",
        "channel: \"msteams\"",
        "Mein Läptop 💥 startet nicht",
        "AuthorKind::Bot",
        "Wie kann ich helfen?",
        "№ 5",
        "vip",
        "attempt: 2",
    ] {
        assert!(given.contains(part), "{part} is missing in {given}");
    }
    assert_eq!(
        events,
        [
            Event::Queued(QueueStatus {
                position: Some(3),
                wait_seconds: Some(60),
                text: Some("gleich 🙂".to_owned())
            }),
            Event::Joined(agent("Ädä")),
        ]
    );
}

#[tokio::test]
async fn a_start_may_take_steps_and_may_be_proved_later() {
    let (_house, echo) = echo().await;
    let start = |problem: &str| StartRequest { problem: Some(problem.to_owned()), ..Default::default() };
    let first = echo.start(&session(), &start("in two steps"), 1, NOW).await.unwrap();
    let Outcome::Progressed { progress, tokens } = first else { panic!("{first:?}") };
    assert_eq!(progress, "one step done");
    let mut session = session();
    session.vendor.progress = Some(progress);
    session.vendor.tokens = tokens;
    let second = echo.start(&session, &start("in two steps"), 1, NOW).await.unwrap();
    assert!(
        matches!(&second, Outcome::Started { proved: true, problem_told: false, update, .. }
            if update.state.as_ref().unwrap().contains("one step done")),
        "{second:?}"
    );
    let later = echo.start(&session, &start("prove it later"), 1, NOW).await.unwrap();
    assert!(matches!(later, Outcome::Started { proved: false, problem_told: true, .. }), "{later:?}");
}

#[tokio::test]
async fn a_message_is_carried_whole_and_the_state_is_handed_back() {
    let (_house, echo) = echo().await;
    let first = say(&echo, "héllo").await.unwrap();
    assert_eq!(first, "before|1.0.0:héllo");
    let mut session = session();
    session.vendor.state = first;
    let outcome = echo.send(&session, delivery(), &message("wörld"), 1, NOW).await.unwrap();
    let told = Update {
        state: Some("before|1.0.0:héllo|1.0.0:wörld".to_owned()),
        tokens: Some("visitor-token".to_owned()),
        schema: Some(1),
    };
    assert_eq!(outcome, Outcome::Done(told));

    let whole = CustomerMessage {
        attachments: vec![Attachment {
            name: "bïld.png".to_owned(),
            content_type: "image/png".to_owned(),
            url: "https://files.example/1".to_owned(),
            size: Some(u64::MAX),
        }],
        format: TextFormat::Markdown,
        ..message("say all")
    };
    let outcome = echo.send(&session, delivery(), &whole, 3, NOW).await.unwrap();
    let Outcome::Done(Update { state: Some(given), .. }) = outcome else { panic!("{outcome:?}") };
    for part in [
        delivery().to_string().as_str(),
        "attempt: 3",
        "author: Some(\"Jäne\")",
        "TextFormat::Markdown",
        "bïld.png",
        "image/png",
        "https://files.example/1",
        "18446744073709551615",
        "time: 1763846645120",
        "lookup-keys: [\"vendor-1\"]",
        "tokens: Some(\"visitor-token\")",
    ] {
        assert!(given.contains(part), "{part} is missing in {given}");
    }
}

#[tokio::test]
async fn an_end_says_why() {
    let (_house, echo) = echo().await;
    for (reason, word) in [
        (EndReason::Customer, "Customer"),
        (EndReason::AgentInactivity, "AgentInactivity"),
        (EndReason::Bot, "Bot"),
    ] {
        let outcome = echo.end(&session(), reason, NOW).await.unwrap();
        let Outcome::Done(update) = outcome else { panic!("{outcome:?}") };
        assert_eq!(update.state.unwrap(), format!("before|1.0.0 ended EndReason::{word}"));
        assert_eq!(update.tokens, None);
    }
}

#[tokio::test]
async fn signals_reach_the_connector_that_has_them() {
    let (_house, echo) = echo().await;
    let CallError::Failed(failure) = echo.typing(&session(), true, NOW).await.unwrap_err() else { panic!() };
    assert_eq!(failure.detail, "true before");
    let receipt = Receipt::NotDelivered("weg 🙂".to_owned());
    let CallError::Failed(failure) = echo.report(&session(), "m-9", &receipt, NOW).await.unwrap_err() else {
        panic!()
    };
    assert!(failure.detail.contains("m-9") && failure.detail.contains("weg 🙂"), "{failure:?}");

    let (_house, _sandbox, quiet) = House::with("traps", "http://127.0.0.1:1", Limits::default()).await;
    assert_eq!(quiet.typing(&session(), true, NOW).await, Err(CallError::Unsupported("signals")));
    assert_eq!(
        quiet.report(&session(), "m-9", &Receipt::Delivered, NOW).await,
        Ok(Outcome::Done(Update::default()))
    );
}

#[tokio::test]
async fn a_connector_that_can_says_whether_a_message_arrived() {
    let (_house, _sandbox, knows) =
        House::with("knows-what-arrived", "http://127.0.0.1:1", Limits::default()).await;
    assert!(knows.description().capabilities.reconcile);
    for (text, found) in [("taken", Some(true)), ("not taken", Some(false)), ("unknown", None)] {
        assert_eq!(knows.find(&session(), delivery(), &message(text), 2, NOW).await, Ok(found), "{text}");
    }
    let refused = knows.find(&session(), delivery(), &message("?"), 2, NOW).await.unwrap_err();
    assert_eq!(refused.into_failure().detail, session().id.to_string());
    let (_house, echo) = echo().await;
    let found = echo.find(&session(), delivery(), &message("taken"), 2, NOW).await;
    assert_eq!(found, Ok(None), "who cannot tell is not asked");
}

#[tokio::test]
async fn failures_keep_their_reason_and_their_advice() {
    let (_house, echo) = echo().await;
    for (text, reason, retry) in [
        ("refuse:rejected no", FailureReason::Rejected, RetryAdvice::Never),
        ("refuse:rate-limited slowly", FailureReason::RateLimited, RetryAdvice::Safe(Some(1_500))),
        ("refuse:unavailable down", FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        ("refuse:no-agents", FailureReason::NoAgents, RetryAdvice::Never),
        ("refuse:conversation-gone", FailureReason::ConversationGone, RetryAdvice::Never),
        ("refuse:too-large", FailureReason::TooLarge, RetryAdvice::Never),
        ("refuse:unsupported", FailureReason::Unsupported, RetryAdvice::Never),
        ("refuse:moved eu.x", FailureReason::Moved("eu.x".to_owned()), RetryAdvice::Safe(None)),
        ("refuse:misconfigured queue", FailureReason::Misconfigured("queue".to_owned()), RetryAdvice::Never),
    ] {
        let error = say(&echo, text).await.unwrap_err();
        assert!(error.to_string().starts_with(reason.as_str()), "{error}");
        let failure = error.into_failure();
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{text}");
    }
    let start = StartRequest { problem: Some("refuse:no-agents closed".to_owned()), ..Default::default() };
    let failure = echo.start(&session(), &start, 1, NOW).await.unwrap_err().into_failure();
    assert_eq!((failure.reason, failure.detail.as_str()), (FailureReason::NoAgents, "closed"));
}

#[tokio::test]
async fn a_callback_becomes_events_of_every_kind() {
    let (_house, echo) = echo().await;
    let agent_message = |text: &str| AgentMessage {
        id: Some("m-1".to_owned()),
        author: agent("Ädä"),
        text: text.to_owned(),
        format: TextFormat::Html,
        attachments: vec![Attachment {
            name: "ärger.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            url: "https://echo.example/1".to_owned(),
            size: Some(1 << 40),
        }],
        reply_to: Some("m-0".to_owned()),
    };
    let fate = |fate| Event::Delivery { message: "m-2".to_owned(), fate };
    let lines = [
        ("message k1 Grüezi 🙂", Event::Message(agent_message("Grüezi 🙂"))),
        ("edited k1 b", Event::MessageEdited(agent_message("b"))),
        ("deleted k1 m-1", Event::MessageDeleted("m-1".to_owned())),
        ("joined k1 Bo", Event::Joined(agent("Bo"))),
        ("left k1 Bo", Event::Left(agent("Bo"))),
        (
            "transferred k1 Cy",
            Event::Transferred { to: Some("Cy".to_owned()), queue: Some("second line".to_owned()) },
        ),
        ("queued k1 4", Event::Queued(QueueStatus { position: Some(4), ..Default::default() })),
        ("routed k1 accepted", Event::Routed(Routing::Accepted)),
        ("routed k1 no-agents", Event::Routed(Routing::NoAgents)),
        ("routed k1 out-of-hours", Event::Routed(Routing::OutOfHours)),
        ("routed k1 odd", Event::Routed(Routing::Failed("odd".to_owned()))),
        ("delivery k1 delivered", fate(MessageFate::Delivered)),
        ("delivery k1 read", fate(MessageFate::Read)),
        ("delivery k1 lost", fate(MessageFate::Failed("lost".to_owned()))),
        ("ended k1 bye", Event::Ended { by: EndReason::LiveAgent, detail: Some("bye".to_owned()) }),
        ("control-returned k1 flow", Event::ControlReturned),
        ("reference k1 k8 k9", Event::Reference(vec!["k8".to_owned(), "k9".to_owned()])),
        ("identity-changed k2 30:j", Event::IdentityChanged("30:j".to_owned())),
        ("ignored k2 own echo", Event::Ignored("own echo".to_owned())),
    ];
    let body: Vec<&str> =
        lines.iter().map(|(line, _)| *line).chain(["typing k1 on", "typing k1 off"]).collect();
    let mapped = echo.map(callback(&body.join("\n"))).await.unwrap();
    let expected = lines.map(|(line, event)| (line, Happening::Event(Box::new(event))));
    let typing =
        [true, false].map(|on| (if on { "typing k1 on" } else { "typing k1 off" }, Happening::Typing(on)));
    let expected: Vec<MappedEvent> = expected
        .into_iter()
        .chain(typing)
        .map(|(line, happening)| MappedEvent {
            lookup_key: line.split(' ').nth(1).unwrap().to_owned(),
            dedupe_id: Some(line.to_owned()),
            happening,
        })
        .collect();
    assert_eq!(mapped.events, expected);

    let answer = mapped.answer.unwrap();
    assert_eq!((answer.status, answer.headers), (202, callback("").headers));
    assert_eq!(
        String::from_utf8(answer.body).unwrap(),
        "1.0.0 POST https://handover.example/api/callbacks/echo/events?x=1 events \
         https://handover.example/api/callbacks/echo-v1 {\"grüße\":\"ja 🙂\"}"
    );
    assert_eq!(mapped.answer_when_closed.unwrap().status, 410);
}

#[tokio::test]
async fn a_callback_that_cannot_be_read_says_whose_fault_it_is() {
    let (_house, echo) = echo().await;
    let refused = echo.map(callback("message")).await.unwrap_err();
    assert_eq!(refused, MapError::Malformed("no key in \"message\"".to_owned()));
    let refused = echo.map(callback("danced k1")).await.unwrap_err();
    assert_eq!(refused, MapError::Unmapped("no event \"danced\"".to_owned()));
    let mut binary = callback("");
    binary.body = vec![0xff, 0xfe];
    assert_eq!(echo.map(binary).await.unwrap_err(), MapError::Malformed("no UTF-8".to_owned()));
}

#[tokio::test]
async fn nothing_is_kept_between_calls() {
    let (_house, echo) = echo().await;
    let body = "message k1 same";
    let (once, again) = (echo.map(callback(body)).await.unwrap(), echo.map(callback(body)).await.unwrap());
    assert_eq!(once, again);
}

fn agent(name: &str) -> Participant {
    Participant {
        id: Some("7".to_owned()),
        name: Some(name.to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: Some("https://echo.example/7.png".to_owned()),
    }
}
