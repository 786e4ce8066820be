//! The sample's replies and messages, field by field, and what goes beyond them.

use handover_channel::reply::{inline, result, unknown_event};
use handover_channel::{ChannelLimits, Limits, Replies, Wording};
use handover_handoff::Session;
use handover_handoff::address::{Action, ActionRef, Route};
use handover_handoff::delivery::{ActionResult, Parcel, ResultCode};
use handover_handoff::notice::Notice;
use handover_handoff::session::{EndReason, StartStatus};
use handover_handoff::vendor::{Attachment, Participant, TextFormat};
use serde_json::{Value, json};

use crate::stage::{RUNTIME, agent_message, delivery, session};

const TEAMS: &str = "https://smba.trafficmanager.net/teams/";

fn on_teams() -> Session {
    session(Route::SkillCallback { base: RUNTIME.to_owned() }, Route::ChannelAsBot { base: TEAMS.to_owned() })
}

fn wire(session: &Session, parcel: Parcel) -> Vec<Value> {
    let activities = Replies::default().activities(session, &delivery(session, parcel));
    activities.iter().map(|activity| serde_json::to_value(activity).expect("JSON")).collect()
}

fn text_of(session: &Session, text: &str, format: TextFormat) -> String {
    let sent = wire(session, Parcel::AgentMessage(agent_message(text, format)));
    sent[0]["text"].as_str().expect("a text").to_owned()
}

#[test]
fn a_start_is_answered_as_the_topic_binds_it() {
    let session = on_teams();
    let answer = ActionResult {
        to: ActionRef { action: Action::StartConversation, activity: Some("act-1".to_owned()) },
        code: ResultCode::CompletedSuccessfully,
        started: Some(("3f9a1".to_owned(), StartStatus::Connected)),
    };
    assert_eq!(
        wire(&session, Parcel::ActionResult(answer)),
        [json!({
            "type": "endOfConversation", "name": "startConversation", "text": "",
            "code": "completedSuccessfully",
            "value": {"LiveChatConversationId": "3f9a1", "Status": "connected"},
            "channelId": "msteams", "serviceUrl": RUNTIME, "conversation": {"id": "a:1teams"},
            "from": {"id": "28:agent", "name": "Contoso Agent"},
            "recipient": {"id": "29:user", "name": "Jane Doe"},
            "replyToId": "act-1", "locale": "en-US"
        })]
    );
}

#[test]
fn an_end_has_no_value() {
    let mut address = on_teams().address;
    address.bot = None;
    address.locale = None;
    let over = ActionResult {
        to: ActionRef { action: Action::EndConversation, activity: None },
        code: ResultCode::CompletedSuccessfully,
        started: None,
    };
    assert_eq!(
        serde_json::to_value(inline(vec![result(&address, &over)])).expect("JSON"),
        json!({"activities": [{
            "type": "endOfConversation", "name": "endConversation", "text": "",
            "code": "completedSuccessfully",
            "channelId": "msteams", "serviceUrl": RUNTIME, "conversation": {"id": "a:1teams"},
            "recipient": {"id": "29:user", "name": "Jane Doe"}
        }]})
    );
}

#[test]
fn an_unknown_action_ends_with_an_error() {
    let end = serde_json::to_value(unknown_event(&on_teams().address, "transfer", Some("act-4")));
    let end = end.expect("JSON");
    assert_eq!((&end["code"], &end["name"]), (&json!("error"), &json!("transfer")));
    assert_eq!(end["replyToId"], "act-4");
}

#[test]
fn a_live_agents_message_is_the_samples() {
    let message = agent_message("hello", TextFormat::Plain);
    assert_eq!(
        wire(&on_teams(), Parcel::AgentMessage(message)),
        [json!({
            "type": "message", "channelId": "msteams", "serviceUrl": TEAMS,
            "conversation": {"id": "a:1teams"},
            "from": {"id": "28:agent", "name": "Contoso Agent"},
            "text": "**Contoso Support**: hello"
        })]
    );
}

#[test]
fn what_the_vendors_system_says_is_not_put_into_the_live_agents_mouth() {
    let mut session = on_teams();
    session.agent = Some("Dana".to_owned());
    let mut message = agent_message("This chat is recorded", TextFormat::Plain);
    message.author = Participant { role: Some("system".to_owned()), ..Participant::default() };
    let sent = wire(&session, Parcel::AgentMessage(message.clone()));
    assert_eq!(sent[0]["text"], "This chat is recorded");
    message.author.name = Some("Contoso".to_owned());
    assert_eq!(
        wire(&session, Parcel::AgentMessage(message))[0]["text"],
        "**Contoso**: This chat is recorded"
    );
}

#[test]
fn texts_come_out_as_they_were_meant() {
    let session = on_teams();
    for (text, format, expected) in [
        ("*now* <b>", TextFormat::Markdown, "*now* \\<b>"),
        ("*now* <b>", TextFormat::Plain, "\\*now\\* \\<b>"),
        ("<p><b>now</b> &amp; then</p>", TextFormat::Html, "now & then"),
    ] {
        assert_eq!(text_of(&session, text, format), format!("**Contoso Support**: {expected}"));
    }
}

#[test]
fn the_senders_name_is_no_markup() {
    let mut message = agent_message("hi", TextFormat::Markdown);
    message.author.name = Some("**Eve** [x](http://evil)".to_owned());
    let sent = wire(&on_teams(), Parcel::AgentMessage(message));
    assert_eq!(sent[0]["text"], "**\\*\\*Eve\\*\\* \\[x](http://evil)**: hi");
}

#[test]
fn a_sender_without_a_name_is_the_session_s_agent_or_just_an_agent() {
    let mut session = on_teams();
    let mut message = agent_message("hi", TextFormat::Markdown);
    message.author.name = None;
    session.address.locale = Some("fr-FR".to_owned());
    let sent = |session: &Session| wire(session, Parcel::AgentMessage(message.clone()))[0]["text"].clone();
    assert_eq!(sent(&session), "**Conseiller**: hi");
    session.agent = Some("Ada".to_owned());
    assert_eq!(sent(&session), "**Ada**: hi");
}

#[test]
fn files_are_attachments_where_the_channel_takes_them() {
    let file = |name: &str, kind: &str, url: &str| Attachment {
        name: name.to_owned(),
        content_type: kind.to_owned(),
        url: url.to_owned(),
        size: None,
    };
    let mut message = agent_message("look", TextFormat::Plain);
    message.attachments = vec![
        file("a.png", "image/png", "https://files.example/a.png"),
        file("b.pdf", "application/pdf", "https://files.example/b.pdf"),
        file("c", "text/html", "javascript:alert(1)"),
    ];
    let picture =
        json!({"contentType": "image/png", "contentUrl": "https://files.example/a.png", "name": "a.png"});
    let pdf = json!({"contentType": "application/pdf", "contentUrl": "https://files.example/b.pdf", "name": "b.pdf"});

    let mut session = on_teams();
    let sent = wire(&session, Parcel::AgentMessage(message.clone()));
    assert_eq!(sent[0]["attachments"], json!([picture]));
    assert_eq!(sent[0]["text"], "**Contoso Support**: look\n\n[b.pdf](https://files.example/b.pdf)\n\nc");

    session.address.channel = "webchat".to_owned();
    let sent = wire(&session, Parcel::AgentMessage(message));
    assert_eq!(sent[0]["attachments"], json!([picture, pdf]));

    let mut bare = agent_message("", TextFormat::Plain);
    bare.attachments = vec![file("a.png", "image/png", "https://files.example/a.png")];
    let sent = wire(&session, Parcel::AgentMessage(bare));
    assert_eq!(sent[0]["text"], "**Contoso Support**:");
}

#[test]
fn long_texts_are_sent_in_parts() {
    let session = on_teams();
    let text = "word ".repeat(20_000);
    let sent = wire(&session, Parcel::AgentMessage(agent_message(&text, TextFormat::Plain)));
    assert!(sent.len() > 1);
    let mut words = 0;
    for part in &sent {
        // Teams takes about 28 KB, and may count UTF-16.
        assert!(part.to_string().encode_utf16().count() * 2 < 28 * 1024);
        let text = part["text"].as_str().expect("a text");
        words += text.strip_prefix("**Contoso Support**: ").expect("the sender").split(' ').count();
    }
    assert_eq!(words, 20_000);

    let mut limits = Limits::default();
    let tight = ChannelLimits { text_bytes: 100, windows: Vec::new(), in_sum: Vec::new() };
    limits.channels.insert("msteams".to_owned(), tight);
    let replies = Replies::new(Wording::default(), limits);
    let message = agent_message(&"é".repeat(100), TextFormat::Plain);
    let parcel = Parcel::AgentMessage(message);
    let sent = replies.activities(&session, &delivery(&session, parcel));
    let shown: usize =
        sent.iter().filter_map(|part| part.text.as_ref()).map(|t| t.matches('é').count()).sum();
    assert_eq!(shown, 100);
}

#[test]
fn announcements_are_in_the_customers_language() {
    let mut session = on_teams();
    session.address.locale = Some("de-DE".to_owned());
    let ended = Notice::Ended { reason: EndReason::LiveAgent, unseen: 1 };
    let sent = wire(&session, Parcel::Notice(ended));
    assert_eq!(
        sent[0]["text"],
        "Der Chat wurde geschlossen. Vielen Dank, dass Sie sich gemeldet haben! \
         Ihre letzte Nachricht wurde vielleicht nicht mehr gesehen."
    );
    assert_eq!(sent[0]["type"], "message");
}

#[test]
fn a_possible_duplicate_says_so() {
    let session = on_teams();
    let mut delivery = delivery(&session, Parcel::AgentMessage(agent_message("hi", TextFormat::Plain)));
    delivery.attempt = 3;
    assert_eq!(Replies::default().activities(&session, &delivery)[0].channel_data, None);
    delivery.maybe_duplicate = true;
    assert_eq!(
        Replies::default().activities(&session, &delivery)[0].channel_data,
        Some(json!({"handover": {"deliveryId": delivery.id.to_string(), "possibleDuplicate": true}}))
    );
}
