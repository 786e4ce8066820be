//! The sample's activities, and what they ask for.

use handover_channel::Inbound;
use handover_handoff::address::Route;
use handover_handoff::turn::Request;
use handover_handoff::vendor::{Attribute, AuthorKind, StartRequest, TextFormat};
use serde_json::{Value, json};

use crate::stage::{NOW, RUNTIME, account, envelope, local, read_at, start, turn, with};

fn start_request(value: Value) -> StartRequest {
    match turn(&start(value)).request {
        Request::Start(request) => request,
        other => panic!("no start: {other:?}"),
    }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn the_samples_start_is_a_start() {
    let turn = turn(&start(json!({})));
    assert_eq!(turn.request, Request::Start(StartRequest::default()));
    assert_eq!(turn.key.tenant, "contoso");
    assert_eq!(turn.key.channel, "msteams");
    assert_eq!(turn.key.conversation, "a:1teams");
    assert_eq!(turn.activity, None);
    assert!(!turn.inline);

    let address = turn.address;
    assert_eq!(address.to_bot, Route::SkillCallback { base: RUNTIME.to_owned() });
    let teams = "https://smba.trafficmanager.net/teams/".to_owned();
    assert_eq!(address.to_customer, Route::ChannelAsBot { base: teams });
    assert_eq!(address.service_url, RUNTIME);
    assert_eq!(address.bot, account("28:agent", "Contoso Agent"));
    assert_eq!(Some(address.customer), account("29:user", "Jane Doe"));
    assert_eq!(address.locale.as_deref(), Some("en-US"));

    let customer = turn.customer;
    assert_eq!((customer.id.as_str(), customer.name.as_deref()), ("29:user", Some("Jane Doe")));
    assert_eq!((customer.email, customer.locale.as_deref()), (None, Some("en-US")));
    assert_eq!(
        customer.attributes,
        [
            attribute("channel", "msteams"),
            attribute("conversationType", "personal"),
            attribute("aadObjectId", "oid-1"),
            attribute("tenantId", "t-1"),
        ]
    );
}

#[test]
fn inputs_of_a_start_are_matched_without_regard_to_case() {
    let turn = turn(&start(json!({
        "problemdescription": "my laptop", "CUSTOMERNAME": "Dr. Doe", "customerEmail": "j@d.example",
        "Priority": 2, "VIP": true, "Unset": null, "Empty": "", "List": ["x"]
    })));
    assert_eq!(turn.customer.name.as_deref(), Some("Dr. Doe"));
    assert_eq!(turn.customer.email.as_deref(), Some("j@d.example"));
    assert_eq!(turn.address.customer.name.as_deref(), Some("Jane Doe"));
    let Request::Start(request) = turn.request else { panic!("no start") };
    assert_eq!(request.problem.as_deref(), Some("my laptop"));
    assert_eq!(request.attributes, [attribute("Priority", "2"), attribute("VIP", "true")]);
}

#[test]
fn a_transcript_is_a_list_or_a_list_in_a_string() {
    let list = json!([
        {"role": "user", "text": "help", "timestamp": "2025-11-05T15:21:01.1234567Z"},
        {"From": "bot", "Message": "what is it?", "name": "Contoso Agent"},
        {"author": {"role": "user", "name": "Jane"}, "content": "my laptop"},
        {"from": "Jane Doe", "text": "it burns"},
        {"from": "Concierge", "text": "oh"},
        {"from": {"id": "x", "role": 1}, "text": "yes"},
        {"role": "human", "name": "Eve", "text": "hi", "timestamp": 1_700_000_000},
        {"role": "user"}, null, "just text",
    ]);
    for transcript in [list.clone(), Value::from(list.to_string())] {
        let said = start_request(json!({ "transcript": transcript })).transcript;
        let told: Vec<_> =
            said.iter().map(|said| (said.author, said.name.as_deref(), said.text.as_str())).collect();
        assert_eq!(
            told,
            [
                (AuthorKind::Customer, None, "help"),
                (AuthorKind::Bot, Some("Contoso Agent"), "what is it?"),
                (AuthorKind::Customer, Some("Jane"), "my laptop"),
                (AuthorKind::Customer, Some("Jane Doe"), "it burns"),
                (AuthorKind::Bot, Some("Concierge"), "oh"),
                (AuthorKind::Customer, None, "yes"),
                (AuthorKind::LiveAgent, Some("Eve"), "hi"),
                (AuthorKind::Bot, None, "just text"),
            ]
        );
        assert_eq!(said[0].time.map(|time| time.0), Some(1_762_356_061_123));
        assert_eq!(said[6].time.map(|time| time.0), Some(1_700_000_000_000));
    }
}

#[test]
fn any_other_transcript_is_one_utterance() {
    for text in ["User: help\nBot: what is it?", "{\"role\":\"user\"}", "[not json"] {
        let said = start_request(json!({ "Transcript": text })).transcript;
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].author, said[0].text.as_str()), (AuthorKind::Bot, text));
    }
    assert!(start_request(json!({"Transcript": ""})).transcript.is_empty());
    assert!(start_request(json!({"Transcript": 7})).transcript.is_empty());
}

#[test]
fn the_first_message_brings_the_problem() {
    let turn = turn(&with(
        envelope("message"),
        json!({"id": "act-2", "text": "my laptop",
               "value": {"LiveChatConversationId": "3f9a1", "ProblemDescription": "my laptop"}}),
    ));
    assert_eq!(turn.activity.as_deref(), Some("act-2"));
    let Request::Message { message, problem } = turn.request else { panic!("no message") };
    assert_eq!(problem.as_deref(), Some("my laptop"));
    assert_eq!((message.text.as_str(), message.author.as_deref()), ("my laptop", Some("Jane Doe")));
    assert_eq!((message.format, message.time), (TextFormat::Markdown, NOW));
}

#[test]
fn a_later_message_is_as_teams_sends_it() {
    let turn = turn(&with(
        envelope("message"),
        json!({
            "text": "<at>Contoso Agent</at> see this\n", "textFormat": "plain",
            "entities": [
                {"type": "mention", "text": "<at>Contoso Agent</at>", "mentioned": {"id": "28:agent"}},
                {"type": "clientInfo", "locale": "en-US", "platform": "Windows"}],
            "attachments": [
                {"contentType": "text/html", "content": "<p>see this</p>"},
                {"contentType": "image/png", "contentUrl": "https://a.example/1.png", "name": "1.png"},
                {"contentType": "application/vnd.microsoft.teams.file.download.info",
                 "contentUrl": "https://sharepoint.example/x", "name": "x.pdf",
                 "content": {"downloadUrl": "https://download.example/x", "fileType": "pdf"}},
                {"contentType": "text/plain", "contentUrl": "javascript:alert(1)"},
                null],
        }),
    ));
    let Request::Message { message, problem } = turn.request else { panic!("no message") };
    assert_eq!(problem, None);
    assert_eq!((message.text.as_str(), message.format), ("see this", TextFormat::Plain));
    let files: Vec<_> = message.attachments.iter().map(|a| (&*a.name, &*a.url)).collect();
    let expected = [("1.png", "https://a.example/1.png"), ("x.pdf", "https://download.example/x")];
    assert_eq!(files, expected);
}

#[test]
fn goodbye_is_an_end() {
    let end = json!({"name": "endConversation", "value": {"LiveChatConversationId": "3f9a1"}});
    assert_eq!(turn(&with(envelope("event"), end)).request, Request::End);
}

#[test]
fn the_end_of_a_conversation_is_a_release_whatever_it_lacks() {
    assert_eq!(turn(&envelope("endOfConversation")).request, Request::Release);
    for odd in
        [json!({"serviceUrl": null}), json!({"serviceUrl": "https://smb.evil/"}), json!({"from": null})]
    {
        let released = turn(&with(envelope("endOfConversation"), odd));
        assert_eq!((released.request, released.address.to_bot), (Request::Release, Route::Held));
    }
    for hollow in
        [json!({"type": "endOfConversation"}), json!({"type": "endOfConversation", "conversation": null})]
    {
        assert!(matches!(read_at(&local(), &hollow), Ok(Inbound::Nothing { .. })));
    }
}

#[test]
fn event_names_are_compared_as_they_are() {
    for (name, role, to_skill) in [("StartConversation", "skill", true), ("handoff.status", "bot", false)] {
        let event = json!({"name": name, "id": "act-9", "serviceUrl": "http://localhost:9/",
                           "recipient": {"id": "b", "role": role}});
        match read_at(&local(), &with(envelope("event"), event)) {
            Ok(Inbound::UnknownEvent { name: told, to_skill: skill, activity, inline, .. }) => {
                assert_eq!((told.as_str(), skill, inline), (name, to_skill, false));
                assert_eq!(activity.as_deref(), Some("act-9"));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let from_runtime = with(envelope("event"), json!({"name": "sendMessage"}));
    let read = read_at(&local(), &from_runtime);
    assert!(matches!(read, Ok(Inbound::UnknownEvent { to_skill: true, .. })), "{read:?}");
}

#[test]
fn typing_is_passed_on() {
    match read_at(&local(), &envelope("typing")) {
        Ok(Inbound::Typing { key, address, inline: false }) => {
            assert_eq!(key.conversation, "a:1teams");
            assert!(matches!(address.to_customer, Route::ChannelAsBot { .. }));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_else_is_nothing() {
    for kind in ["conversationUpdate", "messageReaction", "installationUpdate", "trace", "brandNew"] {
        let read = read_at(&local(), &envelope(kind));
        assert!(matches!(read, Ok(Inbound::Nothing { inline: false, .. })), "{kind}: {read:?}");
    }
    let invoke = with(envelope("invoke"), json!({"name": "adaptiveCard/action"}));
    assert!(matches!(read_at(&local(), &invoke), Ok(Inbound::Nothing { inline: true, .. })));
}

#[test]
fn the_test_pane_wants_its_replies_inline() {
    // As recorded from Copilot Studio's test pane.
    let pane = json!({
        "type": "message", "id": "p-1", "channelId": "pva-studio", "text": "hello",
        "serviceUrl": "https://directline.botframework.com/",
        "from": {"id": "u", "aadObjectId": "oid-1", "role": "user"},
        "recipient": {"id": "guid/guid", "name": "cr32d_agent", "role": "skill"},
        "conversation": {"id": "c-1"}, "deliveryMode": "expectReplies",
        "relatesTo": {"activityId": "p-0", "conversation": {"id": "c-1"}, "channelId": "pva-studio",
                      "locale": "en-US", "bot": null},
        "channelData": {"testMode": "Text", "enableDiagnostics": true, "attachmentSizes": []},
        "localTimestamp": "2025-11-05T15:21:01+01:00",
        "membersAdded": [], "entities": [], "attachments": [], "reactionsAdded": null
    });
    let turn = turn(&pane);
    assert!(turn.inline);
    assert_eq!((&turn.address.to_bot, &turn.address.to_customer), (&Route::Held, &Route::Held));
    assert_eq!(turn.address.channel, "pva-studio");
}

#[test]
fn unknown_delivery_modes_are_normal() {
    for mode in [json!("default"), json!("notification"), json!(null), json!(7)] {
        assert!(!turn(&with(envelope("message"), json!({"deliveryMode": mode, "text": "x"}))).inline);
    }
}

#[test]
fn a_sub_channel_is_the_channel() {
    let turn = turn(&with(
        envelope("message"),
        json!({"channelId": "msteams:COPILOT", "text": "hi",
               "entities": [{"type": "ProductInfo", "id": "COPILOT"}]}),
    ));
    assert_eq!(turn.key.channel, "msteams:COPILOT");
    assert!(matches!(turn.address.to_customer, Route::ChannelAsBot { base } if base.contains("smba")));
}
