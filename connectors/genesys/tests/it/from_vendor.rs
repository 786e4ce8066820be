//! Callbacks.

use genesys::Genesys;
use handover_connector::{
    AgentMessage, Attachment, CallbackRequest, Connector, Delivery, DeliveryStatus, Event, Mapped,
    Participant, Refusal, TextFormat, Typing,
};
use serde_json::{Value, json};

use crate::exchange::{SESSION, bytes, context, fixture};

fn map_bytes(body: &[u8], settings: Value) -> Result<Mapped, Refusal> {
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/genesys".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: body.to_vec(),
        received: 1_763_846_645_120,
    };
    Genesys::map(context(settings), request)
}

fn map(body: &Value) -> Result<Mapped, Refusal> {
    map_bytes(body.to_string().as_bytes(), json!({}))
}

/// The one event of a callback, for the session.
fn event(body: &Value) -> Event {
    let mut mapped = map(body).unwrap();
    assert_eq!((mapped.events.len(), &mapped.answer), (1, &None));
    assert_eq!(mapped.events[0].lookup_key, SESSION);
    mapped.events.remove(0).event
}

fn author(role: &str) -> Participant {
    Participant { id: None, name: None, role: Some(role.to_owned()), avatar_url: None }
}

fn said(id: &str, role: &str, text: &str, attachments: Vec<Attachment>) -> Event {
    Event::Message(AgentMessage {
        id: Some(id.to_owned()),
        author: author(role),
        text: text.to_owned(),
        format: TextFormat::Plain,
        attachments,
        reply_to: None,
    })
}

/// The same callback with one member changed.
fn with(name: &str, pointer: &str, value: Value) -> Value {
    let mut body = fixture(name);
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[member] = value;
    body
}

#[test]
fn a_text_is_the_live_agents_whose_name_the_host_knows() {
    let text = "Have you tried turning it off?";
    assert_eq!(event(&fixture("callback-text")), said("a-1", "agent", text, Vec::new()));
    let Event::Message(named) = event(&with(
        "callback-text",
        "/channel/from",
        json!({ "firstName": "Ann", "lastName": "Lee", "image": "https://i" }),
    )) else {
        panic!("a message")
    };
    assert_eq!(
        (named.author.name.as_deref(), named.author.avatar_url.as_deref()),
        (Some("Ann Lee"), Some("https://i"))
    );
}

#[test]
fn live_agents_go_by_the_operators_name_where_there_is_one() {
    let mapped = map_bytes(&bytes("callback-text"), json!({ "agent_name": "Support" })).unwrap();
    let Event::Message(message) = &mapped.events[0].event else { panic!("a message") };
    assert_eq!(message.author.name.as_deref(), Some("Support"));
}

#[test]
fn a_repeated_notification_has_the_same_name_and_another_message_another() {
    let name = |body: &Value| map(body).unwrap().events[0].dedupe_id.clone();
    let first = name(&fixture("callback-text"));
    assert_eq!(first.as_deref(), Some("a-1/Text/2025-11-22T21:25:00.000Z"));
    assert_eq!(first, name(&fixture("callback-text")));
    assert_ne!(first, name(&with("callback-text", "/channel/time", json!("2025-11-22T21:25:00.001Z"))));
    assert_ne!(name(&fixture("callback-receipt-delivered")), name(&fixture("callback-receipt-failed")));
    assert_eq!(name(&with("callback-text", "/id", json!(null))), None);
    assert_eq!(name(&with("callback-text", "/id", json!(""))), None);
}

#[test]
fn files_are_files() {
    let file = Attachment {
        name: "how to.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: "https://api-downloads.mypurecloud.com/x/how%20to.png?sig=1".to_owned(),
        size: Some(2048),
    };
    assert_eq!(event(&fixture("callback-attachment")), said("a-2", "agent", "", vec![file]));
    // Nothing is fetched over plain http: what it is and where is said in words.
    let at = "/content/0/attachment/url";
    let shown = said("a-2", "agent", "how to.png\nhttp://x/y", Vec::new());
    assert_eq!(event(&with("callback-attachment", at, json!("http://x/y"))), shown);
    let Event::Message(bare) =
        event(&with("callback-attachment", "/content/0/attachment", json!({ "url": "https://x/a.b?c" })))
    else {
        panic!("a message")
    };
    let [bare] = bare.attachments.as_slice() else { panic!("one file") };
    assert_eq!((bare.name.as_str(), bare.content_type.as_str()), ("a.b", "application/octet-stream"));
}

#[test]
fn structured_content_can_be_read_as_text() {
    let text = "Choose\n• Yes\n• No\nLaptop\n13 inch\nhttps://img.example/l.png\n• Shop: https://shop.example\n• Buy\n\
                One\nTwo\n• https://two.example\nPick\nColours\n• Red – warm\n• Blue\nWhen?\n• 2025-12-01T09:00:00Z\n\
                Shop\nMain St 1\n47.5, 7.6\nAgain?\n• Maybe\nYour case is open\nBye\n[PaymentRequest]";
    assert_eq!(event(&fixture("callback-structured")), said("a-3", "bot", text, Vec::new()));
}

#[test]
fn typing_begins_and_passes_by_itself() {
    let typing = Event::Typing(Typing { author: Some(author("agent")), on: true });
    assert_eq!(event(&fixture("callback-typing")), typing);
    let other = with("callback-typing", "/events", json!([{ "eventType": "Presence" }]));
    assert!(matches!(event(&other), Event::Ignored(_)));
}

#[test]
fn receipts_tell_the_fate_of_our_messages() {
    let fate = |status| Event::Delivery(Delivery { message_id: "g-2".to_owned(), status });
    assert_eq!(event(&fixture("callback-receipt-delivered")), fate(DeliveryStatus::Delivered));
    let failed = DeliveryStatus::Failed("MediaTypeNotAllowed".to_owned());
    assert_eq!(event(&fixture("callback-receipt-failed")), fate(failed));
    let status = |word: &str| event(&with("callback-receipt-delivered", "/status", json!(word)));
    assert_eq!(status("Read"), fate(DeliveryStatus::Read));
    for word in ["Sent", "Removed", "Whatever"] {
        assert!(matches!(status(word), Event::Ignored(_)), "{word}");
    }
}

#[test]
fn what_is_not_for_the_customer_is_ignored() {
    for body in [
        with("callback-text", "/direction", json!("Inbound")),
        with("callback-text", "/text", json!(" ")),
        with("callback-attachment", "/content", json!([{ "contentType": "Reactions" }])),
    ] {
        assert!(matches!(event(&body), Event::Ignored(_)), "{body}");
    }
}

#[test]
fn nonsense_is_told_from_news_without_repeating_it() {
    let malformed = |why: &str| Err(Refusal::Malformed(why.to_owned()));
    assert_eq!(map_bytes(b"<html>", json!({})), malformed("no JSON (line 1, column 1)"));
    for body in
        [json!([]), json!({}), json!({ "type": "Text" }), with("callback-text", "/channel/to", json!(null))]
    {
        assert_eq!(map(&body), malformed("`channel.to.id` is missing"), "{body}");
    }
    assert_eq!(map(&with("callback-text", "/type", json!(null))), malformed("`type` is missing"));
    assert!(matches!(map(&with("callback-text", "/type", json!("Hologram"))), Err(Refusal::Unmapped(_))));
}
