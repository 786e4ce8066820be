//! What is put up with, and what is refused in words.

use handover_channel::read;
use handover_channel::refusal::{BODY_LIMIT, ID_LIMIT, TEXT_LIMIT};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stage::{NOW, envelope, local, read_at, refusal, start, turn, with};

#[test]
fn nulls_and_strange_types_count_as_absent() {
    let turn = turn(&with(
        envelope("message"),
        json!({
            "id": null, "recipient": null, "locale": 7, "text": null, "textFormat": [], "value": null,
            "attachments": null, "entities": {"type": "mention"}, "channelData": "x", "code": {},
            "relatesTo": {"conversation": null, "bot": null}, "membersAdded": null, "unheard": {"of": 1},
            "timestamp": "never", "replyToId": null, "localTimezone": false,
        }),
    ));
    assert_eq!((turn.activity, turn.address.bot, turn.address.locale), (None, None, None));
}

#[test]
fn a_recipient_without_an_id_is_no_recipient() {
    for recipient in [json!({}), json!({"name": "Bot"}), json!({"id": ""}), json!({"id": null, "role": null})]
    {
        let turn = turn(&with(start(json!(null)), json!({ "recipient": recipient })));
        assert_eq!(turn.address.bot, None);
    }
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let body = format!("\u{FEFF}{}", start(json!({})));
    assert!(read(body.as_bytes(), &local(), NOW).is_ok());
}

#[test]
fn what_must_be_there_is_named() {
    for (without, field) in [
        (json!({"type": null}), "`type`"),
        (json!({"type": ""}), "`type`"),
        (json!({"conversation": null}), "`conversation.id`"),
        (json!({"conversation": "a:1"}), "`conversation.id`"),
        (json!({"conversation": {"id": ""}}), "`conversation.id`"),
        (json!({"channelId": " "}), "`channelId`"),
        (json!({"from": {"name": "Jane"}}), "`from.id`"),
        (json!({"name": null}), "`name`"),
    ] {
        let why = refusal(&local(), &with(start(json!({})), without));
        assert_eq!(why, format!("{field} is missing or empty"));
    }
    for kind in ["invoke", "command", "commandResult"] {
        assert!(refusal(&local(), &envelope(kind)).contains("`name`"));
    }
}

#[test]
fn what_is_no_activity_is_refused_in_words() {
    let refused = |body: &[u8]| read(body, &local(), NOW).expect_err("refused").to_string();
    assert!(refused(b"").starts_with("the body is not JSON"));
    assert!(refused(b"{\"type\":").starts_with("the body is not JSON"));
    assert!(refused(b"\xFF\xFE").starts_with("the body is not JSON"));
    for body in ["[]", "null", "7", "\"message\""] {
        assert_eq!(refused(body.as_bytes()), "the body must be a JSON object: an activity");
    }
    assert_eq!(refused("[".repeat(100_000).as_bytes()).split(':').next(), Some("the body is not JSON"));
    assert!(refused(&vec![b' '; BODY_LIMIT + 1]).contains("longer than"));
}

#[test]
fn what_is_too_much_is_refused() {
    let long = |bytes: usize| Value::from("x".repeat(bytes));
    for (members, field) in [
        (json!({"conversation": {"id": long(ID_LIMIT + 1)}}), "conversation.id"),
        (json!({"from": {"id": long(ID_LIMIT + 1)}}), "from.id"),
        (json!({"from": {"id": "u", "name": long(ID_LIMIT + 1)}}), "from.name"),
        (json!({"recipient": {"id": long(ID_LIMIT + 1)}}), "recipient.id"),
        (json!({"channelId": long(ID_LIMIT + 1)}), "channelId"),
        (json!({"id": long(ID_LIMIT + 1)}), "id"),
        (json!({"text": long(TEXT_LIMIT + 1)}), "text"),
        (json!({"value": {"ProblemDescription": long(TEXT_LIMIT + 1)}}), "value.ProblemDescription"),
        (json!({"serviceUrl": format!("http://localhost/{}", "x".repeat(5_000))}), "serviceUrl"),
        (json!({"attachments": vec![json!({}); 51]}), "attachments"),
    ] {
        let why = refusal(&local(), &with(envelope("message"), members));
        assert!(why.starts_with(&format!("`{field}` ")), "{why}");
    }
    let whole = turn(&with(envelope("message"), json!({"text": long(TEXT_LIMIT)})));
    assert_eq!(whole.key.conversation, "a:1teams");
}

#[test]
fn ids_that_lead_elsewhere_are_refused() {
    for id in [".", "..", "a\nb", "a\u{0}"] {
        let conversation = json!({"conversation": {"id": id}});
        assert!(refusal(&local(), &with(envelope("message"), conversation)).contains("conversation.id"));
        assert!(refusal(&local(), &with(envelope("message"), json!({ "id": id }))).contains("`id`"));
    }
}

#[test]
fn refusals_never_quote_the_message() {
    let body = br#"{"type":"message","text":"my secret","conversation":{"id":"x"},"#;
    let why = read(body, &local(), NOW).expect_err("refused").to_string();
    assert!(!why.contains("secret"), "{why}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "message",
            "event",
            "startConversation",
            "endConversation",
            "typing",
            "expectReplies",
            "msteams",
            "http://localhost/",
            "mention",
            "<at>B</at>",
            "user",
            "connectoruser",
        ])
        .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "id",
        "name",
        "text",
        "role",
        "from",
        "content",
        "mentioned",
        "type",
        "Transcript",
        "ProblemDescription",
        "timestamp",
        "contentUrl",
        "contentType",
        "serviceUrl",
        "tenant",
    ]);
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&body, &local(), NOW);
    }

    #[test]
    fn any_json_is_read_or_refused(
        kind in prop::sample::select(vec!["message", "event", "typing", "endOfConversation"]),
        name in prop::sample::select(vec!["startConversation", "endConversation", "x"]),
        field in prop::sample::select(vec![
            "id", "serviceUrl", "conversation", "from", "recipient", "relatesTo", "locale", "text",
            "textFormat", "attachments", "entities", "value", "deliveryMode", "channelData",
        ]),
        other in prop::sample::select(vec!["value", "entities", "attachments", "recipient"]),
        first in any_json(),
        second in any_json(),
    ) {
        let mut activity = with(envelope(kind), json!({"name": name, "text": "<at>b</at> hi"}));
        activity[other] = second;
        activity[field] = first;
        let _ = read_at(&local(), &activity);
    }
}
