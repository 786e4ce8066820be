//! Messages of the customer's.

use handover_connector::http::Error;
use handover_connector::media::{self, File};
use handover_connector::{
    Attachment, Connector, Failure, FailureReason, Message, Reconcile, RetryAdvice, Sent, Session, Update,
    Verdict, testing,
};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{
    MESSAGE, answered, body, context, is_uuid, message, replay, session, status, with_answer,
};

const UNCHANGED: Update = Update { state: None, tokens: None };

fn send(message: Message) -> Result<Sent, Failure> {
    Salesforce::send(context(), session(), message)
}

fn file(name: &str, size: Option<u64>) -> Attachment {
    let url = format!("https://files.example/{name}");
    Attachment { name: name.to_owned(), content_type: "image/png".to_owned(), url, size }
}

fn with_files<T>(call: impl FnOnce() -> T) -> T {
    let read = |url: &str| match url {
        "https://files.example/gone" => Err(media::Error::Gone("why".to_owned())),
        "https://files.example/huge" => Ok(File { content_type: String::new(), body: vec![0; 5_242_881] }),
        _ => Ok(File { content_type: "image/png".to_owned(), body: url.as_bytes().to_vec() }),
    };
    testing::with_files(read, call)
}

#[test]
fn a_message_goes_under_our_id_in_the_vendors_form() {
    let sent = replay("send", || send(message("Does it help to turn it off?"))).unwrap();
    assert_eq!(sent, Sent { vendor_message_id: Some(MESSAGE.to_owned()), update: UNCHANGED });
    let reply = Message { reply_to: Some("a-1".to_owned()), ..message("Yes") };
    assert!(replay("send-reply", || send(reply)).is_ok());
}

#[test]
fn after_a_conflict_the_list_has_to_say_whether_the_message_is_there() {
    let (sent, _) = with_answer(|| status(409, None), || send(message("hi")));
    assert_eq!(sent.unwrap_err().retry, RetryAdvice::UnknownOutcome);
}

#[test]
fn strange_texts_stay_whole_and_empty_ones_stay_here() {
    let text = "e\u{301}👩\u{200d}👧 مرحبا 🇨🇭\u{0}".repeat(2_500);
    let (sent, asked) = with_answer(|| status(202, None), || send(message(&text)));
    assert!(sent.is_ok() && asked.len() > 1);
    let texts: Vec<String> = asked
        .iter()
        .map(|request| body(request)["message"]["staticContent"]["text"].as_str().unwrap().to_owned())
        .collect();
    assert!(texts.iter().all(|text| text.encode_utf16().count() <= 4_096 && !text.trim().is_empty()));
    assert_eq!(texts.concat(), text.replace('\0', ""));
    let mut ids: Vec<String> =
        asked.iter().map(|request| body(request)["message"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids[0], MESSAGE);
    assert!(ids.iter().all(|id| is_uuid(id)));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), asked.len());
    for nothing in ["", " \n", "\0"] {
        let (sent, asked) = with_answer(|| status(202, None), || send(message(nothing)));
        assert_eq!(sent.unwrap_err().retry, RetryAdvice::Never);
        assert!(asked.is_empty());
    }
}

#[test]
fn a_file_is_uploaded_as_an_entry_of_its_own() {
    let both = Message { attachments: vec![file("scr\"een.png", None)], ..message("Look") };
    let (sent, asked) = with_files(|| with_answer(|| status(202, None), || send(both)));
    assert_eq!(sent.unwrap().vendor_message_id.as_deref(), Some(MESSAGE));
    // What may be refused goes first: words that are called lost must not have been read.
    let [upload, text] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert_eq!(body(text)["message"]["staticContent"]["text"], "Look");
    assert!(upload.path.ends_with("/file"), "{}", upload.path);
    let kind = upload.headers.iter().find(|header| header.name == "content-type").unwrap();
    let boundary = kind.value.strip_prefix("multipart/form-data; boundary=").unwrap();
    let whole = String::from_utf8(upload.body.clone()).unwrap();
    let parts: Vec<&str> = whole.split(&format!("--{boundary}")).collect();
    assert!(parts[1].contains("name=\"messageEntry\"") && parts[1].contains("application/json"));
    let entry: Value = serde_json::from_str(parts[1].split("\r\n\r\n").nth(1).unwrap().trim()).unwrap();
    assert_eq!(entry["esDeveloperName"], "Custom_Client");
    let (id, file_id) =
        (entry["message"]["id"].as_str().unwrap(), entry["message"]["fileId"].as_str().unwrap());
    assert!(is_uuid(id) && is_uuid(file_id) && id != MESSAGE && id != file_id);
    assert!(parts[2].contains("name=\"fileData\"; filename=\"scr%22een.png\""), "{}", parts[2]);
    assert!(parts[2].contains("content-type: image/png") && parts[2].contains("https://files.example/"));
}

#[test]
fn a_file_alone_carries_the_messages_id() {
    let alone = Message { attachments: vec![file("a", None)], ..message("") };
    let (sent, asked) = with_files(|| with_answer(|| status(202, None), || send(alone)));
    assert_eq!(sent.unwrap().vendor_message_id.as_deref(), Some(MESSAGE));
    assert!(String::from_utf8_lossy(&asked[0].body).contains(MESSAGE));
}

#[test]
fn nothing_is_said_while_a_file_is_missing() {
    for (attachment, reason) in [
        (file("gone", None), FailureReason::Rejected),
        (file("huge", None), FailureReason::TooLarge),
        (file("a", Some(5_242_881)), FailureReason::TooLarge),
    ] {
        let message = Message { attachments: vec![attachment], ..message("Look") };
        let (sent, asked) = with_files(|| with_answer(|| status(202, None), || send(message)));
        let failure = sent.unwrap_err();
        assert_eq!((failure.reason, failure.retry), (reason, RetryAdvice::Never));
        assert!(asked.is_empty());
    }
}

#[test]
fn a_second_attempt_says_only_what_is_not_there() {
    let both = || Message { attachments: vec![file("a", None)], attempt: 2, ..message("Look") };
    let call = |message: Message| {
        let vendor =
            |_: &str, request: &handover_connector::http::Request| match request.path.contains("/entries?") {
                true => answered(200, &json!({ "conversationEntries": [{ "identifier": MESSAGE }] })),
                false => status(202, None),
            };
        with_files(|| testing::with_vendor(vendor, || send(message)))
    };
    let (sent, asked) = call(both());
    assert!(sent.is_ok());
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    assert!(
        paths[0].ends_with("/entries?limit=50&startTimestamp=1763846045120&direction=FromEnd"),
        "{paths:?}"
    );
    assert!(paths.len() == 2 && paths[1].ends_with("/file"), "{paths:?}");
    let (_, asked) = call(Message { attempt: 2, ..message("one request is told by its id") });
    assert_eq!(asked.len(), 1);
}

#[test]
fn what_became_of_a_message_is_looked_up() {
    let find = |entries: Value, message: Message| {
        let found = move || answered(200, &json!({ "conversationEntries": entries }));
        with_answer(found, || Salesforce::find(context(), session(), message)).0.unwrap()
    };
    let there = json!([{ "identifier": "a-1" }, { "identifier": MESSAGE }]);
    assert_eq!(find(there.clone(), message("hi")), Verdict::Taken(Some(MESSAGE.to_owned())));
    assert_eq!(find(json!([{ "identifier": "a-1" }]), message("hi")), Verdict::NotTaken);
    let half = Message { attachments: vec![file("a", None)], ..message("hi") };
    assert_eq!(find(there, half), Verdict::NotTaken, "the file is missing");
}

#[test]
fn a_status_says_whether_a_message_may_be_sent_again() {
    for (code, after, reason, retry) in [
        (400, None, FailureReason::Rejected, RetryAdvice::Never),
        (401, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (403, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (404, None, FailureReason::ConversationGone, RetryAdvice::Never),
        (413, None, FailureReason::TooLarge, RetryAdvice::Never),
        (429, Some("3"), FailureReason::RateLimited, RetryAdvice::Safe(Some(3_000))),
        (500, None, FailureReason::Unavailable, RetryAdvice::UnknownOutcome),
        (503, Some("2"), FailureReason::Unavailable, RetryAdvice::Safe(Some(2_000))),
    ] {
        let answer = move || status(code, after.map(|after| ("Retry-After", after)));
        let (sent, _) = with_answer(answer, || send(message("hi")));
        let failure = sent.unwrap_err();
        assert_eq!((failure.reason, failure.retry), (reason, retry), "{code}");
    }
    for (error, retry) in [
        (Error::Unreachable("why".to_owned()), RetryAdvice::Safe(None)),
        (Error::TimedOut("why".to_owned()), RetryAdvice::UnknownOutcome),
        (Error::Broken("why".to_owned()), RetryAdvice::UnknownOutcome),
    ] {
        let (sent, _) = with_answer(move || Err(error.clone()), || send(message("hi")));
        assert_eq!(sent.unwrap_err().retry, retry);
    }
}

#[test]
fn a_session_without_a_visitor_is_gone() {
    let session = Session { tokens: None, ..session() };
    let (sent, asked) =
        with_answer(|| status(202, None), || Salesforce::send(context(), session, message("hi")));
    assert_eq!(sent.unwrap_err().reason, FailureReason::ConversationGone);
    assert!(asked.is_empty());
}
