//! The elements of `body[]`, each as something to read.

use handover_connector::{Attachment, Event, TextFormat};
use serde_json::{Value, json};

use crate::exchange::{SESSION, fixture};
use crate::from_vendor::{element, events_with, queued};

/// The same elements, written by a live agent.
fn by_agent(mut callback: Value) -> Value {
    for element in callback["body"].as_array_mut().unwrap() {
        element["agentInfo"] = json!({ "sentFromAgent": true, "agentName": "Beth" });
    }
    callback
}

fn read(settings: &Value, callback: &Value) -> Vec<(String, TextFormat, Vec<Attachment>)> {
    let events = events_with(settings, callback).into_iter();
    events
        .map(|event| match event {
            Event::Message(message) => (message.text, message.format, message.attachments),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn file(name: &str, content_type: &str, url: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        url: url.to_owned(),
        size: None,
    }
}

#[test]
fn every_kind_of_element_is_read() {
    let cat = || file("1.png", "image/png", "https://adaptivecards.io/content/cats/1.png");
    let pdf = file("vGfewk.pdf", "application/pdf", "upstream:api/api/now/v1/cs/media/vGfewk.pdf");
    let plain = |text: &str| (text.to_owned(), TextFormat::Plain, Vec::new());
    let expected = [
        ("**bold**".to_owned(), TextFormat::Markdown, Vec::new()),
        ("<p>Hi <b>there</b></p>".to_owned(), TextFormat::Html, Vec::new()),
        (String::new(), TextFormat::Plain, vec![cat()]),
        plain("The world works with ServiceNow\nServiceNow: https://www.servicenow.com"),
        plain(
            "Multilink Header\nlink 1 label: https://www.link1.com – a short desc\nlink 2 label: https://www.link2.com",
        ),
        plain(
            "Incident\nINC0008001\nNumber: INC0008001\nCaller: survey user\nhttps://instance.service-now.com/sp?id=ticket",
        ),
        ("Large image\nLarge image description".to_owned(), TextFormat::Plain, vec![cat()]),
        plain("Select an option\n• option 1\n• option 2 – the second"),
        plain("Make a selection.\n• Live Agent Support."),
        plain("select yes/no\n• Yes\n• No"),
        plain("model input:"),
        plain("test date"),
        plain("Your receipt, please"),
        (
            "multipart text output\n• Click for more → click_for_more".to_owned(),
            TextFormat::Markdown,
            Vec::new(),
        ),
        ("File got".to_owned(), TextFormat::Markdown, Vec::new()),
        (String::new(), TextFormat::Plain, vec![pdf]),
    ];
    assert_eq!(read(&json!({}), &by_agent(fixture("callback-every-kind"))), expected);
}

#[test]
fn before_a_live_agent_comes_all_of_it_is_text() {
    let events = events_with(&json!({}), &fixture("callback-every-kind"));
    assert_eq!(events[1], queued("Hi there"));
    assert_eq!(events[2], queued("https://adaptivecards.io/content/cats/1.png"));
    assert_eq!(events[15], queued("vGfewk.pdf"), "what only the gateway may fetch is no address");
}

#[test]
fn html_becomes_lines_without_tags() {
    for (html, text) in [
        ("<div>one</div><div>two &amp; <b>three</b></div>", "one\ntwo & three"),
        ("a  \n b<br/>c", "a\nb\nc"),
        ("1 < 2 and no end", "1 < 2 and no end"),
        ("&amp;lt;", "&lt;"),
    ] {
        assert_eq!(element(&json!({}), json!({ "uiType": "OutputHtml", "value": html })), [queued(text)]);
    }
}

#[test]
fn files_of_the_instance_are_fetched_by_the_gateway_and_unreachable_ones_are_links() {
    let settings = json!({ "instance": "acme.service-now.com" });
    let image = |url: &str| {
        let image = json!({ "uiType": "OutputImage", "value": url, "altText": "A cat" });
        read(&settings, &by_agent(json!({ "clientSessionId": SESSION, "body": [image] }))).remove(0)
    };
    let (_, _, files) = image("https://ACME.service-now.com//api/now/v1/cs/media/zKF?x=1");
    assert_eq!(files, [file("A cat", "image/png", "upstream:api/api/now/v1/cs/media/zKF?x=1")]);
    let (_, _, files) = image("https://elsewhere.example/cat.jpg");
    assert_eq!(files, [file("cat.jpg", "image/jpeg", "https://elsewhere.example/cat.jpg")]);
    for url in ["http://plain.example/cat.jpg", "cat.jpg", "//elsewhere.example/cat.jpg"] {
        assert_eq!(image(url), (format!("A cat\n{url}"), TextFormat::Plain, Vec::new()));
    }
}

#[test]
fn a_link_to_a_file_of_the_instance_is_a_file() {
    let settings = json!({ "instance": "acme.service-now.com" });
    let link = |url: &str| {
        let link = json!({ "uiType": "OutputLink", "label": "Bill", "value": { "action": url } });
        read(&settings, &by_agent(json!({ "clientSessionId": SESSION, "body": [link] }))).remove(0)
    };
    let (_, _, files) = link("https://acme.service-now.com/api/now/v1/cs/media/zKF/bill.pdf");
    assert_eq!(files, [file("bill.pdf", "application/pdf", "upstream:api/api/now/v1/cs/media/zKF/bill.pdf")]);
    let page = "https://acme.service-now.com/va_link.do?target_url=x";
    assert_eq!(link(page), (format!("Bill: {page}"), TextFormat::Plain, Vec::new()));
}

#[test]
fn a_card_of_the_operators_own_is_read_by_its_members() {
    let card = |data: &str| json!({ "uiType": "OutputCard", "templateName": "Own", "data": data });
    let own = card(r#"{"who":"Ann","sys_id":"1","when":"now","n":1}"#);
    assert_eq!(element(&json!({}), own), [queued("when: now\nwho: Ann")]);
    for nothing in ["no JSON", "[]", "{}", r#"{"sys_id":"1"}"#] {
        let events = element(&json!({}), card(nothing));
        assert_eq!(events, [Event::Ignored("nothing to read in an element `OutputCard`".to_owned())]);
    }
}

#[test]
fn what_is_new_is_read_as_far_as_it_has_words_and_counted_where_it_has_none() {
    let new = |element_: Value| element(&json!({}), element_);
    let known = json!({ "uiType": "Slider", "label": "How much?", "value": "5" });
    assert_eq!(new(known), [queued("How much?\n5")]);
    let ignored = |what: &str| [Event::Ignored(what.to_owned())];
    assert_eq!(new(json!({ "uiType": "Slider" })), ignored("nothing to read in an element `Slider`"));
    let chunk = json!({ "uiType": "StreamChunk", "value": "par" });
    assert_eq!(new(chunk), ignored("nothing to read in an element `StreamChunk`"));
    let spinner = json!({ "uiType": "ActionMsg", "actionType": "EndSpinner" });
    assert_eq!(new(spinner), ignored("an action `EndSpinner`"));
    assert_eq!(new(json!("text")), ignored("nothing to read in an element ``"));
}
