//! Callbacks: who writes, comes, waits and goes.

use handover_connector::{
    AgentMessage, CallbackRequest, Connector, EndReason, Ended, Event, Mapped, Participant, QueueStatus,
    Refusal, RoutingResult, TextFormat, Typing, testing,
};
use serde_json::{Value, json};
use servicenow::ServiceNow;

use crate::exchange::{SESSION, fixture};

pub fn map_with(settings: &Value, body: &[u8]) -> Result<Mapped, Refusal> {
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/servicenow".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    ServiceNow::map(testing::context_of::<ServiceNow>(settings), request)
}

pub fn events_with(settings: &Value, callback: &Value) -> Vec<Event> {
    let mapped = map_with(settings, callback.to_string().as_bytes()).unwrap();
    assert!(mapped.events.iter().all(|event| event.lookup_key == SESSION));
    mapped.events.into_iter().map(|mapped| mapped.event).collect()
}

fn events(name: &str) -> Vec<Event> {
    events_with(&json!({}), &fixture(name))
}

/// The events of a callback with this one element in agent chat.
pub fn element(settings: &Value, element: Value) -> Vec<Event> {
    events_with(settings, &json!({ "clientSessionId": SESSION, "agentChat": true, "body": [element] }))
}

fn named(name: &str) -> Participant {
    Participant { id: None, name: Some(name.to_owned()), role: Some("agent".to_owned()), avatar_url: None }
}

fn beth() -> Participant {
    Participant {
        id: Some("46d44a23a9fe19810012d100cca80666".to_owned()),
        avatar_url: Some("https://instance.servicenow.com/ee4eebf3.iix?t=small".to_owned()),
        ..named("Beth Anglin")
    }
}

pub fn queued(text: &str) -> Event {
    Event::Queued(QueueStatus { position: None, wait_seconds: None, text: Some(text.to_owned()) })
}

fn ended(detail: &str) -> Event {
    Event::Ended(Ended { by: EndReason::LiveAgent, detail: Some(detail.to_owned()) })
}

fn said(id: &str, text: &str) -> Event {
    Event::Message(AgentMessage {
        id: Some(id.to_owned()),
        author: beth(),
        text: text.to_owned(),
        format: TextFormat::Markdown,
        attachments: Vec::new(),
        reply_to: None,
    })
}

#[test]
fn waiting_is_told_in_the_instances_own_words() {
    let spinner = QueueStatus {
        position: None,
        wait_seconds: Some(8),
        text: Some("Routing you to a live agent... 8 Seconds".to_owned()),
    };
    let stand_by = queued("Please stand by while I connect you to a live agent.");
    assert_eq!(events("callback-waiting"), [stand_by, Event::Queued(spinner)]);
}

#[test]
fn wait_times_are_figures_only_where_they_are_plain() {
    for (text, seconds) in [
        ("1 Hour 5 Minutes", Some(3_900)),
        ("1 minute", Some(60)),
        ("3 Minuten", None),
        ("soon", None),
        ("-1 Seconds", None),
        ("5000000000 Hours", None),
        ("5 Seconds more", None),
    ] {
        let spinner = json!({ "uiType": "ActionMsg", "actionType": "StartSpinner", "waitTime": text });
        let events = element(&json!({}), spinner);
        let [Event::Queued(status)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((status.wait_seconds, status.text.as_deref()), (seconds, Some(text)));
    }
}

#[test]
fn a_live_agent_comes_types_writes_and_goes() {
    assert_eq!(events("callback-joined"), [Event::Joined(named("Beth Anglin"))]);
    let typing = |author, on| Event::Typing(Typing { author, on });
    assert_eq!(events("callback-typing"), [typing(Some(beth()), true), typing(None, false)]);
    assert_eq!(events("callback-message"), [said("a-1", "Have you tried *turning it off*?")]);
    assert_eq!(events("callback-left"), [Event::Left(named("Beth Anglin"))]);
}

#[test]
fn the_beginning_brings_the_vendors_ids_and_proves_the_start() {
    let keys = ["240c91c8fd9f2e50f877c29ac5fbe8ed", "a40c91c8fd9f2e50f877c29ac5fbe8eb"].map(str::to_owned);
    let expected = [Event::Routed(RoutingResult::Accepted), Event::Reference(keys.to_vec())];
    assert_eq!(events("callback-begun"), expected);
}

#[test]
fn the_end_comes_last_and_once_and_what_the_instance_says_of_it_is_its_reason() {
    let farewell = "The conversation has ended. If you need help again, type hi.";
    let ignored = Event::Ignored("the end, announced".to_owned());
    assert_eq!(events("callback-completed"), [said("a-2", "Goodbye!"), ignored, ended(farewell)]);
    assert_eq!(events("callback-taken-back"), [Event::ControlReturned(Some("takeControl".to_owned()))]);
}

#[test]
fn that_nobody_is_there_is_recognised_by_the_words_of_the_instance() {
    let nobody = Event::Routed(RoutingResult::NoAgents);
    assert_eq!(events("callback-no-agents"), [nobody.clone(), ended("completed")]);
    let german = json!({ "no_agents_words": ["Niemand ist DA"] });
    let told = json!({ "uiType": "ActionMsg", "actionType": "System", "message": "Leider: niemand ist da." });
    assert_eq!(element(&german, told), [nobody]);
}

#[test]
fn announcements_are_read_in_the_words_that_the_operator_gives() {
    let german =
        json!({ "joined_words": ["hat den Chat betreten"], "left_words": ["hat den Chat verlassen"] });
    let system = |text: &str| json!({ "uiType": "ActionMsg", "actionType": "System", "message": text });
    let event = |settings: &Value, text: &str| element(settings, system(text)).remove(0);
    assert_eq!(event(&german, "İlk Öz hat den Chat betreten"), Event::Joined(named("İlk Öz")));
    assert_eq!(event(&german, "Öz hat den Chat verlassen"), Event::Left(named("Öz")));
    assert_eq!(event(&json!({}), "You are being transferred"), queued("You are being transferred"));
    let last = json!({ "leaving_ends": true });
    assert_eq!(event(&last, "Ann has left the chat"), ended("Ann has left the chat"));
}

#[test]
fn live_agents_without_names_are_live_agents_where_the_operator_says_so() {
    let words = json!({ "uiType": "OutputText", "value": "Hello" });
    assert_eq!(element(&json!({}), words.clone()), [queued("Hello")]);
    let settings = json!({ "anonymous_agents": true, "agent_name": "Help Desk" });
    let events = element(&settings, words.clone());
    let [Event::Message(message)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(message.author, named("Help Desk"));
    let from_bot =
        json!({ "uiType": "OutputText", "value": "Hello", "agentInfo": { "sentFromAgent": false } });
    assert_eq!(element(&settings, from_bot), [queued("Hello")]);
    let before = json!({ "clientSessionId": SESSION, "body": [words] });
    assert_eq!(events_with(&settings, &before), [queued("Hello")]);
}

#[test]
fn messages_are_told_apart_by_their_ids_and_everything_else_counts_each_time() {
    let ids = |name: &str| -> Vec<Option<String>> {
        let mapped = map_with(&json!({}), fixture(name).to_string().as_bytes()).unwrap();
        mapped.events.into_iter().map(|mapped| mapped.dedupe_id).collect()
    };
    assert_eq!(ids("callback-message"), [Some("a-1".to_owned())]);
    assert_eq!(ids("callback-typing"), [None, None]);
    assert_eq!(ids("callback-waiting"), [None, None]);
    let begun = "begun/240c91c8fd9f2e50f877c29ac5fbe8ed".to_owned();
    assert_eq!(ids("callback-begun"), [None, Some(begun)]);
    let one = json!({ "uiType": "OutputText", "value": "x", "messageId": "m" });
    let twice = json!({ "clientSessionId": SESSION, "body": [one, one] });
    let mapped = map_with(&json!({}), twice.to_string().as_bytes()).unwrap();
    assert_ne!(mapped.events[0].dedupe_id, mapped.events[1].dedupe_id);
}

#[test]
fn a_callback_is_answered_with_success_and_an_echo_is_counted() {
    let echo = json!({ "clientSessionId": SESSION, "message": { "text": "hi" }, "body": [] });
    let mapped = map_with(&json!({}), echo.to_string().as_bytes()).unwrap();
    let answer = mapped.answer.unwrap();
    assert_eq!((answer.status, answer.body), (200, br#"{"status":"success"}"#.to_vec()));
    assert_eq!(mapped.events[0].event, Event::Ignored("an echo of our own request".to_owned()));
}

#[test]
fn the_session_is_found_by_either_of_what_comes_back() {
    let other =
        json!({ "clientSessionId": "", "clientVariables": { "handoverSession": SESSION }, "body": [] });
    assert_eq!(events_with(&json!({}), &other).len(), 1);
}

#[test]
fn what_the_instance_never_sends_is_refused_without_repeating_it() {
    let malformed = |body: &str| match map_with(&json!({}), body.as_bytes()).unwrap_err() {
        Refusal::Malformed(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(malformed("secret"), "no JSON (line 1, column 1)");
    assert_eq!(malformed("[]"), "no JSON object");
    let nobody = "it names no session: `clientSessionId` is missing or empty";
    assert_eq!(malformed("{}"), nobody);
    assert_eq!(malformed(r#"{"clientSessionId": 7}"#), nobody);
    assert_eq!(malformed(r#"{"clientSessionId": "s", "body": "secret"}"#), "`body` is no list");
    assert!(malformed(&"[".repeat(100_000)).starts_with("no JSON"), "deep nesting fills no stack");
}
