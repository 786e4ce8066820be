//! The stream of events.

use handover_connector::{
    AgentMessage, Attachment, Batch, Delivery, DeliveryStatus, EndReason, Ended, Event, FailureReason, Feed,
    Frame, Participant, QueueStatus, RetryAdvice, RoutingResult, Session, TextFormat, Transfer, Transport,
    Typing,
};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{CONVERSATION, ISSUED, LIFE, MESSAGE, at, context, fixture, session};

/// A frame as it comes over the wire: the entry's payload is JSON within a text.
fn frame(name: &str, id: Option<&str>, conversation: &str, entry: &Value) -> Frame {
    let mut entry = entry.clone();
    if entry["entryPayload"].is_object() {
        entry["entryPayload"] = json!(entry["entryPayload"].to_string());
    }
    let data = json!({
        "channelType": "embedded_messaging",
        "conversationId": conversation,
        "conversationEntry": entry,
    });
    let id = id.map(str::to_owned);
    Frame { name: Some(name.to_owned()), id, data: data.to_string().into_bytes() }
}

fn recorded(about: &str) -> Frame {
    let frames = fixture("frames");
    let record = frames.as_array().unwrap().iter().find(|record| record["about"] == about).unwrap();
    frame(record["name"].as_str().unwrap(), record["id"].as_str(), CONVERSATION, &record["entry"])
}

fn read(frame: Frame) -> Batch {
    Salesforce::read(context(), session(), frame).unwrap()
}

fn events(about: &str) -> Vec<Event> {
    read(recorded(about)).items.into_iter().map(|item| item.event).collect()
}

fn person(subject: &str, name: Option<&str>, role: &str) -> Participant {
    let name = name.map(str::to_owned);
    Participant { id: Some(subject.to_owned()), name, role: Some(role.to_owned()), avatar_url: None }
}

fn ann() -> Participant {
    person("005xx0000012345", Some("Ann"), "agent")
}

fn said(id: &str, author: Participant, text: &str) -> AgentMessage {
    AgentMessage {
        id: Some(id.to_owned()),
        author,
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    }
}

fn queued(position: Option<u32>, wait_seconds: Option<u32>) -> Event {
    Event::Queued(QueueStatus { position, wait_seconds, text: None })
}

fn ignored(why: &str) -> Event {
    Event::Ignored(why.to_owned())
}

#[test]
fn every_kind_of_entry_has_its_meaning() {
    let delivery = |status| Event::Delivery(Delivery { message_id: MESSAGE.to_owned(), status });
    let file = Attachment {
        name: "scréen.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "https://files.example/1?sig=x".to_owned(),
        size: None,
    };
    let look = AgentMessage {
        attachments: vec![file],
        reply_to: Some("m-1".to_owned()),
        ..said("a-2", ann(), "Look")
    };
    let nobody = Transfer { from_participant: None, to_participant: None, queue: None };
    let bot = person("0Xxxx", Some("Astro"), "bot");
    let by_rep = Ended { by: EndReason::LiveAgent, detail: Some("ended by Agent".to_owned()) };
    for (about, expected) in [
        ("routed, with a wait", vec![Event::Routed(RoutingResult::Accepted), queued(None, Some(90))]),
        ("place in the queue", vec![queued(Some(3), None)]),
        ("a rep joins", vec![Event::Joined(ann())]),
        ("a rep writes", vec![Event::Message(said("a-1", ann(), "Hello  Jane,\nwhat is it?"))]),
        ("our own message comes back", vec![ignored("the customer's own message")]),
        ("a rep types", vec![Event::Typing(Typing { author: Some(ann()), on: true })]),
        ("a rep stops", vec![Event::Typing(Typing { author: Some(ann()), on: false })]),
        ("a file", vec![Event::Message(look)]),
        ("a link", vec![Event::Message(said("a-3", ann(), "Manual\nhttps://acme.example/manual"))]),
        ("choices of a bot", vec![Event::Message(said("a-4", bot, "Which one?\n1. Laptop\n2. Phone\nany"))]),
        ("delivered to the rep", vec![delivery(DeliveryStatus::Delivered)]),
        ("read by the rep", vec![delivery(DeliveryStatus::Read)]),
        ("our acknowledgement comes back", vec![ignored("an entry of type ReadAcknowledgement")]),
        ("a transfer", vec![Event::Transferred(nobody)]),
        (
            "one rep for another",
            vec![Event::Left(ann()), Event::Joined(person("005xx0000012346", Some("Ben"), "agent"))],
        ),
        ("a failed delivery", vec![delivery(DeliveryStatus::Failed("ATTACHMENT_BLOCKED".to_owned()))]),
        ("the session is active", vec![ignored("the session is Active")]),
        ("something new", vec![ignored("an entry of type Hologram")]),
        ("the rep ends", vec![Event::Ended(by_rep)]),
    ] {
        assert_eq!(events(about), expected, "{about}");
    }
}

#[test]
fn what_flows_send_can_be_read_without_buttons() {
    let of = |message: Value| {
        let entry = json!({
            "identifier": "x", "sender": { "role": "Chatbot" },
            "entryPayload": { "entryType": "Message", "abstractMessage": message },
        });
        match read(frame("CONVERSATION_MESSAGE", Some("1"), CONVERSATION, &entry)).items[0].event.clone() {
            Event::Message(message) => (
                message.text,
                message.attachments.into_iter().map(|file| file.url).collect::<Vec<_>>().concat(),
            ),
            other => panic!("{other:?}"),
        }
    };
    let fixed =
        |content: Value| of(json!({ "messageType": "StaticContentMessage", "staticContent": content }));
    let item = |title: &str| json!({ "titleItem": { "title": title } });
    for (content, text, file) in [
        (
            json!({ "formatType": "Links", "links": [{ "url": "https://a.example" }] }),
            "https://a.example",
            "",
        ),
        (
            json!({ "formatType": "WebView", "title": { "title": "Survey" }, "url": "https://b.example" }),
            "Survey\nhttps://b.example",
            "",
        ),
        (
            json!({ "formatType": "Media", "mediaAsset": { "assetUrl": "https://c.example", "mimeType": "image/png" } }),
            "",
            "https://c.example",
        ),
        (json!({ "formatType": "Hologram", "text": "Hi" }), "Hi", ""),
    ] {
        assert_eq!(fixed(content), (text.to_owned(), file.to_owned()));
    }
    let carousel = json!({ "formatType": "Carousel", "items": [
        { "titleItem": { "title": "Phones" }, "interactionItems": [item("Old"), item("New")] },
    ] });
    let carousel = of(json!({ "messageType": "ChoicesMessage", "choices": carousel }));
    assert_eq!(carousel.0, "1. Phones\n2. Old\n3. New");
    let form = json!({ "formatType": "Inputs", "formTitle": { "title": "Your order" }, "sections": [
        { "input": { "label": "Number" } }, { "title": { "title": "Date" } },
    ] });
    assert_eq!(of(json!({ "messageType": "FormMessage", "form": form })).0, "Your order\nNumber\nDate");
}

#[test]
fn no_record_is_forgotten_here() {
    assert_eq!(fixture("frames").as_array().unwrap().len(), 19);
}

#[test]
fn an_entry_is_named_by_its_identifier_and_further_events_of_it_by_their_place() {
    let names = |about: &str| -> Vec<String> {
        read(recorded(about)).items.into_iter().map(|item| item.dedupe_id).collect()
    };
    assert_eq!(names("a rep writes"), ["a-1"]);
    assert_eq!(names("one rep for another"), ["p-2", "p-2/1"]);
    let batch = read(recorded("a rep writes"));
    assert_eq!(batch.items[0].time, fixture("frames")[3]["entry"]["transcriptedTimestamp"].as_u64());
}

#[test]
fn an_end_tells_who_and_a_routing_why() {
    let of = |payload: Value| {
        let entry = json!({ "identifier": "x", "entryPayload": payload, "sender": { "role": "System" } });
        read(frame("CONVERSATION_X", Some("1"), CONVERSATION, &entry)).items[0].event.clone()
    };
    for (role, by) in [
        ("Agent", EndReason::LiveAgent),
        ("Supervisor", EndReason::LiveAgent),
        ("Chatbot", EndReason::LiveAgent),
        ("EndUser", EndReason::Customer),
        ("System", EndReason::CustomerInactivity),
    ] {
        let ended = json!({ "entryType": "SessionStatusChanged", "sessionStatus": "Ended", "sessionEndedByRole": role });
        let Event::Ended(ended) = of(ended) else { panic!("{role}") };
        assert_eq!((ended.by, ended.detail), (by, Some(format!("ended by {role}"))));
    }
    let routed = |kind: &str, failure: &str, reason: Value| {
        of(json!({
            "entryType": "RoutingResult", "routingType": kind, "failureType": failure, "failureReason": reason,
            "errorMessages": ["queue is empty"],
        }))
    };
    let failed = |why: &str| Event::Routed(RoutingResult::Failed(why.to_owned()));
    assert_eq!(routed("Initial", "RoutingError", json!("No_Agent")), Event::Routed(RoutingResult::NoAgents));
    let hours = json!("Outside Business Hours");
    assert_eq!(routed("Initial", "RoutingError", hours), Event::Routed(RoutingResult::OutOfHours));
    assert_eq!(routed("Initial", "SubmissionError", json!("Flow failed")), failed("Flow failed"));
    assert_eq!(routed("Initial", "Unknown", Value::Null), failed("queue is empty"));
    assert_eq!(routed("Transfer", "RoutingError", Value::Null), ignored("a routing: RoutingError"));
    assert_eq!(routed("Initial", "Cancelled", Value::Null), ignored("a routing: Cancelled"));
    assert_eq!(routed("Conference", "None", Value::Null), ignored("a further routing"));
}

#[test]
fn the_customers_own_close_comes_with_or_without_an_entry() {
    let ended = Event::Ended(Ended { by: EndReason::Customer, detail: None });
    let name = "CONVERSATION_CLOSE_CONVERSATION";
    let batch = read(frame(name, Some("9"), CONVERSATION, &Value::Null));
    assert_eq!(
        (&batch.items[0].event, batch.items[0].dedupe_id.as_str()),
        (&ended, &*format!("{CONVERSATION}/over"))
    );
    let entry = json!({ "identifier": "c-1", "entryType": "CloseConversation", "entryPayload": "{}" });
    assert_eq!(read(frame(name, Some("9"), CONVERSATION, &entry)).items[0].event, ended);
}

#[test]
fn the_cursor_goes_on_with_every_event_and_is_the_state() {
    let batch = read(recorded("a rep writes"));
    let expected =
        json!({ "event": "2147867838", "since": 1_763_846_654_000_u64, "seen": ["a-1"], "page": null });
    assert_eq!(serde_json::from_str::<Value>(&batch.cursor).unwrap(), expected);
    assert_eq!(batch.update.state.as_ref(), Some(&batch.cursor));
    // The next call sees the state, whatever the cursor.
    let session = Session { state: batch.cursor, ..session() };
    let next = Salesforce::read(context(), session, recorded("a rep types")).unwrap();
    let next: Value = serde_json::from_str(&next.cursor).unwrap();
    assert_eq!((&next["event"], &next["seen"]), (&json!("2147867840"), &json!(["a-1", "t-1"])));
}

#[test]
fn pings_and_what_is_of_others_change_nothing_but_the_place_in_the_stream() {
    let ping = Frame { name: Some("ping".to_owned()), id: None, data: b"0".to_vec() };
    let batch = read(ping);
    assert!(batch.items.is_empty());
    assert_eq!(batch.update.state, None);
    let event = |batch: &Batch| serde_json::from_str::<Value>(&batch.cursor).unwrap()["event"].clone();
    assert_eq!(event(&batch), "2147867834");
    let entry = &fixture("frames")[3]["entry"];
    let other = read(frame("CONVERSATION_MESSAGE", Some("7"), "another", entry));
    assert!(other.items.is_empty());
    assert_eq!(event(&other), "7");
    let nameless = read(frame("CONVERSATION_MESSAGE", Some("8"), CONVERSATION, &json!({ "identifier": "" })));
    assert!(nameless.items.is_empty());
}

#[test]
fn the_state_stays_small() {
    let mut session = session();
    for number in 0..500 {
        let id = format!("0193a5c8-0000-4000-8000-{number:012}");
        let entry = json!({ "identifier": id, "entryType": "Note", "entryPayload": "{}", "transcriptedTimestamp": number });
        let batch = Salesforce::read(
            context(),
            session.clone(),
            frame("CONVERSATION_NOTE", Some("1"), CONVERSATION, &entry),
        );
        session.state = batch.unwrap().cursor;
    }
    assert!(session.state.len() < 4_096, "{} bytes", session.state.len());
}

#[test]
fn nonsense_is_refused_without_repeating_it() {
    let frame =
        Frame { name: Some("CONVERSATION_MESSAGE".to_owned()), id: None, data: b"{\"secret\": ".to_vec() };
    let failure = Salesforce::read(context(), session(), frame).unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
    assert_eq!(failure.detail, "CONVERSATION_MESSAGE cannot be read (line 1, column 11)");
}

#[test]
fn it_is_opened_with_the_visitors_token_the_short_organization_and_the_last_event() {
    let open = |cursor: Option<&str>| {
        let cursor = cursor.map(str::to_owned);
        Salesforce::open(context(), session(), cursor).unwrap().unwrap()
    };
    let subscription = open(None);
    assert_eq!(
        (subscription.upstream.as_str(), subscription.transport),
        ("api", Transport::ServerSentEvents)
    );
    assert_eq!(subscription.request.path, "/eventrouter/v1/sse");
    let headers: Vec<(&str, &str)> = subscription
        .request
        .headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect();
    let bearer = format!("Bearer {}", fixture("tokens")["guest"].as_str().unwrap());
    let expected = [
        ("authorization", bearer.as_str()),
        ("accept", "text/event-stream"),
        ("x-org-id", "00Dxx0000001gEr"),
        ("last-event-id", "2147867834"),
    ];
    assert_eq!(headers, expected);
    let later = open(Some(r#"{"event":"2147867900","since":5}"#));
    assert_eq!(later.request.headers[3].value, "2147867900");
    let fresh = Salesforce::open(context(), Session { state: String::new(), ..session() }, None);
    assert_eq!(fresh.unwrap().unwrap().request.headers.len(), 3);
}

#[test]
fn with_an_expired_token_no_stream_is_opened() {
    let failure = Salesforce::open(at(ISSUED + LIFE), session(), None).unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
}
