//! Transactions, queries and the room's history.

use handover_connector::{
    CallbackRequest, Connector, DeliveryStatus, Event, Feed, Mapped, Refusal, TextFormat, testing,
};
use matrix::Matrix;
use serde_json::{Value, json};

use crate::exchange::{GHOST, ROOM, context, context_with, fixture, replay, session};

fn call(method: &str, path: &str, body: &[u8], more: Value) -> Result<Mapped, Refusal> {
    let mut settings = json!({ "timeline": "transactions" });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = CallbackRequest {
        method: method.to_owned(),
        url: format!("https://handover.example/api/callbacks/matrix/{path}"),
        path: path.to_owned(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    Matrix::map(context_with(settings), request)
}

fn transaction(body: &Value) -> Mapped {
    call("PUT", "_matrix/app/v1/transactions/7", body.to_string().as_bytes(), json!({})).unwrap()
}

/// The events of one event of the homeserver.
fn events(sender: &str, kind: &str, state_key: Option<&str>, content: Value) -> Vec<Event> {
    let mut event = json!({
        "type": kind, "event_id": "$1", "room_id": ROOM, "sender": sender, "origin_server_ts": 5, "content": content,
    });
    if let Some(key) = state_key {
        event["state_key"] = json!(key);
        let before = &content["before"];
        event["unsigned"] =
            if before.is_null() { json!({}) } else { json!({ "prev_content": { "membership": before } }) };
    }
    transaction(&json!({ "events": [event] })).events.into_iter().map(|mapped| mapped.event).collect()
}

fn said(content: Value) -> handover_connector::AgentMessage {
    match events("@ann:example.org", "m.room.message", None, content).remove(0) {
        Event::Message(message) | Event::MessageEdited(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_recorded_transaction_becomes_its_events_in_order() {
    let mapped = transaction(&fixture("transaction"));
    let names: Vec<_> =
        mapped.events.iter().map(|one| (one.lookup_key.as_str(), one.dedupe_id.as_deref())).collect();
    let expected = [
        (ROOM, Some("$join")),
        (ROOM, Some("$hello")),
        (ROOM, Some("$leave")),
        (ROOM, Some("$leave/1")),
        (ROOM, None),
        (ROOM, Some("$said1/read/@ann:example.org")),
    ];
    assert_eq!(names, expected);
    let Event::Joined(ann) = &mapped.events[0].event else { panic!("{mapped:?}") };
    assert_eq!((ann.name.as_deref(), ann.id.as_deref()), (Some("Ann"), Some("@ann:example.org")));
    assert!(matches!(&mapped.events[3].event, Event::Ended(_)));
    assert!(matches!(&mapped.events[4].event, Event::Typing(typing) if typing.on));
    assert!(matches!(&mapped.events[5].event, Event::Delivery(one) if one.status == DeliveryStatus::Read));
    let answer = mapped.answer.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(mapped.answer_when_closed.unwrap().status, 200, "nothing holds the homeserver up");
}

#[test]
fn where_the_history_counts_a_transaction_brings_only_what_passes() {
    let body = fixture("transaction").to_string();
    let path = "_matrix/app/v1/transactions/7";
    let mapped = call("PUT", path, body.as_bytes(), json!({ "timeline": "history" })).unwrap();
    assert_eq!(mapped.events.len(), 2);
    let batch = replay("history", || Matrix::poll(context(), session(), Some("t1".to_owned()))).unwrap();
    let names: Vec<_> = batch.items.iter().map(|item| item.dedupe_id.as_str()).collect();
    assert_eq!(names, ["$join", "$hello"], "under the names that transactions give them");
    assert_eq!((batch.cursor.as_str(), batch.next_delay), ("t2", Some(1_000)));
    // Where there is nothing new the cursor stays.
    let batch =
        replay("history-quiet", || Matrix::poll(context(), session(), Some("t2".to_owned()))).unwrap();
    assert_eq!((batch.cursor.as_str(), batch.items.len()), ("t2", 0));
}

#[test]
fn texts_come_as_clients_mean_them() {
    let plain = said(json!({ "msgtype": "m.text", "body": "a <b> & c" }));
    assert_eq!((plain.text.as_str(), plain.format), ("a <b> & c", TextFormat::Plain));
    assert_eq!(plain.author.name, None, "the host has the name they joined with");
    let html = json!({ "msgtype": "m.text", "body": "**a**", "format": "org.matrix.custom.html", "formatted_body": "<b>a</b>" });
    assert_eq!((said(html.clone()).text.as_str(), said(html).format), ("<b>a</b>", TextFormat::Html));
    assert_eq!(said(json!({ "msgtype": "m.emote", "body": "waves" })).text, "* ann waves");
    let reply = said(json!({ "msgtype": "m.text", "body": "> <@x:y> old\n\nnew",
        "m.relates_to": { "m.in_reply_to": { "event_id": "$0" } } }));
    assert_eq!((reply.text.as_str(), reply.reply_to.as_deref()), ("new", Some("$0")));
    let edit = said(
        json!({ "msgtype": "m.text", "body": "* b", "m.new_content": { "msgtype": "m.text", "body": "b" },
        "m.relates_to": { "rel_type": "m.replace", "event_id": "$0" } }),
    );
    assert_eq!((edit.text.as_str(), edit.id.as_deref()), ("b", Some("$0")));
}

#[test]
fn files_are_for_the_gateway_to_fetch() {
    let file = json!({ "msgtype": "m.file", "body": "a caption", "filename": "a.pdf",
        "url": "mxc://example.org/AbC-1_", "info": { "mimetype": "application/pdf", "size": 7 } });
    let message = said(file.clone());
    assert_eq!(message.text, "a caption");
    let [one] = message.attachments.as_slice() else { panic!("{message:?}") };
    assert_eq!(one.url, "upstream:homeserver/_matrix/client/v1/media/download/example.org/AbC-1_");
    assert_eq!(
        (one.name.as_str(), one.content_type.as_str(), one.size),
        ("a.pdf", "application/pdf", Some(7))
    );
    for url in ["mxc://../../x/y", "mxc://a/../b", "https://example.org/x", "mxc://a/b?c", "mxc://a/"] {
        let bad = json!({ "msgtype": "m.file", "body": "a.pdf", "url": url });
        assert!(said(bad).attachments.is_empty(), "{url}");
    }
}

#[test]
fn coming_and_going_is_told_of_agents_alone() {
    let member = |sender: &str, user: &str, before: &str, is: &str| {
        let before = if before.is_empty() { Value::Null } else { json!(before) };
        events(sender, "m.room.member", Some(user), json!({ "membership": is, "before": before }))
    };
    let ann = "@ann:example.org";
    assert!(matches!(member(ann, ann, "invite", "join")[..], [Event::Joined(_)]));
    assert!(matches!(member(ann, ann, "join", "join")[..], [Event::Ignored(_)]));
    assert!(
        matches!(member(ann, ann, "invite", "leave")[..], [Event::Ignored(_)]),
        "an invitation turned down"
    );
    assert!(matches!(member(ann, ann, "join", "leave")[..], [Event::Left(_), Event::Ended(_)]));
    assert!(matches!(member(ann, GHOST, "join", "leave")[..], [Event::Ended(_)]), "the customer was removed");
    assert!(member(GHOST, GHOST, "join", "leave").is_empty(), "our own");
    assert!(member(GHOST, ann, "", "invite").is_empty(), "our own");
    let stays = json!({ "end_when_agent_leaves": false });
    let left = json!({ "events": [{ "type": "m.room.member", "event_id": "$1", "room_id": ROOM, "sender": ann,
        "state_key": ann, "content": { "membership": "leave" } }] });
    let mapped = call("PUT", "_matrix/app/v1/transactions/7", left.to_string().as_bytes(), stays).unwrap();
    assert_eq!(mapped.events.len(), 1);
}

#[test]
fn the_rest_is_counted_or_does_no_harm() {
    let ann = "@ann:example.org";
    assert!(events(GHOST, "m.room.message", None, json!({ "msgtype": "m.text", "body": "mine" })).is_empty());
    assert!(matches!(events(ann, "m.room.encrypted", None, json!({}))[..], [Event::Ignored(_)]));
    assert!(matches!(events(ann, "m.reaction", None, json!({}))[..], [Event::Ignored(_)]));
    assert!(
        matches!(events(ann, "m.room.message", None, json!({}))[..], [Event::Ignored(_)]),
        "a redacted message"
    );
    assert!(matches!(
        events(ann, "m.room.redaction", None, json!({ "redacts": "$0" }))[..],
        [Event::MessageDeleted(_)]
    ));
    let end = json!({ "msgtype": "m.text", "body": " !end " });
    assert!(matches!(events(ann, "m.room.message", None, end)[..], [Event::Ended(_)]));
    let odd = json!({ "events": [7, null, {}, { "room_id": ROOM }, []], "ephemeral": [{}, 5] });
    assert!(transaction(&odd).events.is_empty());
    for malformed in ["", "[]", "{}", "null", "{\"events\": 5}"] {
        let refused = call("PUT", "_matrix/app/v1/transactions/7", malformed.as_bytes(), json!({}));
        assert!(matches!(refused, Err(Refusal::Malformed(_))), "{malformed}");
    }
}

#[test]
fn questions_are_answered() {
    let ask = |method: &str, path: &str| {
        let mapped = call(method, path, b"", json!({})).unwrap();
        let answer = mapped.answer.unwrap();
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap()["errcode"].clone())
    };
    assert_eq!(
        ask("GET", "_matrix/app/v1/users/%40_handover_msteams.29=3ajane%3Aexample.org"),
        (200, Value::Null)
    );
    for path in [
        "users/%40ann%3Aexample.org",
        "users/%40_handover_x%3Aelsewhere.org",
        "users/%4",
        "rooms/%23x%3Aexample.org",
    ] {
        assert_eq!(ask("GET", &format!("_matrix/app/v1/{path}")), (404, json!("M_NOT_FOUND")), "{path}");
    }
    assert_eq!(ask("POST", "_matrix/app/v1/ping"), (200, Value::Null));
    assert_eq!(ask("GET", "_matrix/app/v1/thirdparty/user/irc"), (404, json!("M_UNRECOGNIZED")));
}

#[test]
fn ghosts_are_told_apart_and_fit_whatever_the_channels_ids() {
    let ghost = |channel: &str, id: &str| {
        let mut session = crate::exchange::new_session(None);
        (session.channel, session.customer.id) = (channel.to_owned(), id.to_owned());
        let (_, asked) =
            testing::with_vendor(|_, _| testing::json(500, &json!({})), || Matrix::start(context(), session));
        crate::exchange::body(&asked[0])["username"].as_str().unwrap().to_owned()
    };
    let ids =
        ["29:Jane", "29:jane", "29.jane", "29_jane", "29 jane", "é", "", &"A".repeat(300), &"A".repeat(301)];
    let ghosts: std::collections::BTreeSet<String> = ids.iter().map(|id| ghost("msteams", id)).collect();
    assert_eq!(ghosts.len(), ids.len(), "{ghosts:?}");
    assert_ne!(ghost("a", "b.c"), ghost("a.b", "c"));
    for ghost in ghosts {
        assert!(ghost.len() + "@:example.org".len() <= 255);
        assert!(
            ghost.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._=-".contains(c)),
            "{ghost}"
        );
    }
}
