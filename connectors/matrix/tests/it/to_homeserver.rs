//! Messages, typing, receipts and ends.

use handover_connector::media::{Error, File};
use handover_connector::{
    Attachment, Connector, EndReason, FailureReason, Message, Receipt, ReceiptOutcome, RetryAdvice, Signals,
    TextFormat, Update, testing,
};
use matrix::Matrix;
use serde_json::json;

use crate::exchange::{answered, body, context, context_with, message, method, replay, session};

const UNCHANGED: Update = Update { state: None, tokens: None };

#[test]
fn a_message_is_an_event_under_its_own_transaction() {
    let reply = Message { reply_to: Some("$agent1".to_owned()), ..message("Does it \0help?") };
    let sent = replay("send", || Matrix::send(context(), session(), reply)).unwrap();
    assert_eq!(sent.vendor_message_id.as_deref(), Some("$said1"));
    let html = Message {
        format: TextFormat::Html,
        author: Some("Bob <b>".to_owned()),
        ..message("<p>a &lt; <b>b</b></p>")
    };
    assert!(replay("send-html", || Matrix::send(context(), session(), html)).is_ok());
}

#[test]
fn files_are_uploaded_first_and_said_after_the_text() {
    let file = Attachment {
        name: "scréen.png".to_owned(),
        content_type: "application/octet-stream".to_owned(),
        url: "https://gateway.example/files/1".to_owned(),
        size: None,
    };
    let look = Message { attachments: vec![file], ..message("Look") };
    let give = |_: &str| Ok(File { content_type: "image/png".to_owned(), body: b"PNG".to_vec() });
    let sent = testing::with_files(give, || {
        replay("send-file", || Matrix::send(context(), session(), look.clone()))
    });
    assert_eq!(sent.unwrap().vendor_message_id.as_deref(), Some("$said1"));
    // A file that cannot be had: nothing was said, and that is told.
    let gone = |_: &str| Err(Error::Gone("gone".to_owned()));
    let (sent, asked) =
        answered(200, &json!({}), || testing::with_files(gone, || Matrix::send(context(), session(), look)));
    assert_eq!((sent.unwrap_err().retry, asked.len()), (RetryAdvice::Never, 0));
}

#[test]
fn long_texts_are_cut_between_words_and_empty_ones_are_not_said() {
    let long = "Über 🙂 ".repeat(4_000);
    let (sent, asked) =
        answered(200, &json!({ "event_id": "$1" }), || Matrix::send(context(), session(), message(&long)));
    assert!(sent.is_ok());
    let said: String = asked.iter().map(|one| body(one)["body"].as_str().unwrap().to_owned()).collect();
    assert_eq!(said, long);
    assert!(asked.len() > 1 && asked.iter().all(|one| one.body.len() < 50_000));
    assert!(asked[1].path.contains("/m-1-1?"), "{}", asked[1].path);
    for empty in ["", " \n", "\0"] {
        let (sent, asked) = answered(200, &json!({}), || Matrix::send(context(), session(), message(empty)));
        assert_eq!((sent.unwrap().vendor_message_id, asked.len()), (None, 0));
    }
}

#[test]
fn nothing_is_of_unknown_outcome_unless_there_is_no_device() {
    let send = |settings, status, code: &str| {
        let said = json!({ "errcode": code });
        answered(status, &said, || Matrix::send(context_with(settings), session(), message("hi")))
            .0
            .unwrap_err()
    };
    assert_eq!(send(json!({}), 502, "").retry, RetryAdvice::Safe(None));
    assert_eq!(send(json!({ "device": "" }), 502, "").retry, RetryAdvice::UnknownOutcome);
    assert_eq!(send(json!({}), 403, "M_FORBIDDEN").reason, FailureReason::ConversationGone);
    assert_eq!(send(json!({}), 413, "M_TOO_LARGE").reason, FailureReason::TooLarge);
    let broken = || Matrix::send(context(), session(), message("hi"));
    let (sent, _) =
        testing::with_vendor(|_, _| Err(handover_connector::http::Error::Broken("why".to_owned())), broken);
    assert_eq!(sent.unwrap_err().retry, RetryAdvice::Safe(None));
}

#[test]
fn a_device_that_was_removed_is_made_again() {
    assert!(replay("send-without-device", || Matrix::send(context(), session(), message("hi"))).is_ok());
}

#[test]
fn an_end_says_why_and_leaves_however_often() {
    let end = |settings| Matrix::end(context_with(settings), session(), EndReason::Customer);
    assert_eq!(replay("end", || end(json!({}))), Ok(UNCHANGED));
    assert_eq!(replay("end-with-kicks", || end(json!({ "kick_agents": true }))), Ok(UNCHANGED));
    let gone = json!({ "errcode": "M_FORBIDDEN" });
    assert_eq!(answered(403, &gone, || end(json!({}))).0, Ok(UNCHANGED));
    assert!(answered(500, &json!({}), || end(json!({}))).0.is_err());
}

#[test]
fn who_may_not_speak_or_remove_anybody_leaves_all_the_same() {
    for status in [400, 403, 404, 409] {
        let (ended, asked) = testing::with_vendor(
            move |_, request| match request.path.contains("/leave") {
                true => testing::json(200, &json!({})),
                false => testing::json(status, &json!({ "errcode": "M_FORBIDDEN" })),
            },
            || Matrix::end(context_with(json!({ "kick_agents": true })), session(), EndReason::Customer),
        );
        assert_eq!(ended, Ok(UNCHANGED), "{status}");
        assert!(asked.last().unwrap().path.contains("/leave"), "{status}");
    }
}

#[test]
fn a_ghost_that_is_refused_to_leave_and_is_there_has_not_left() {
    let leave = |membership: &'static str| {
        testing::with_vendor(
            move |_, request| match request.path.contains("/state/m.room.member/") {
                true => testing::json(200, &json!({ "membership": membership })),
                false => testing::json(403, &json!({ "errcode": "M_FORBIDDEN" })),
            },
            || Matrix::end(context(), session(), EndReason::Customer),
        )
        .0
    };
    assert_eq!(leave("leave"), Ok(UNCHANGED));
    let failure = leave("join").unwrap_err();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Rejected, RetryAdvice::Never));
}

#[test]
fn signs_are_passed_on_and_delivery_is_no_reading() {
    assert_eq!(replay("typing", || Matrix::typing(context(), session(), true)), Ok(()));
    let report = |outcome| {
        let receipt = Receipt { message_id: "$agent1".to_owned(), outcome };
        answered(200, &json!({}), || Matrix::report(context(), session(), receipt))
    };
    let (told, asked) = report(ReceiptOutcome::Delivered);
    assert_eq!((told, asked.len()), (Ok(()), 0));
    let (_, asked) = report(ReceiptOutcome::Read);
    assert_eq!(method(&asked[0]), "POST");
    assert!(asked[0].path.contains("/receipt/m.read/%24agent1?"), "{}", asked[0].path);
    let (_, asked) = report(ReceiptOutcome::NotDelivered("The customer has left".to_owned()));
    assert_eq!(body(&asked[0])["body"], "The customer did not get this: The customer has left");
}
