//! The customer's files on their way to the instance.

use handover_connector::http::Response;
use handover_connector::{
    Attachment, Connector, Failure, FailureReason, Message, RetryAdvice, Sent, media, testing,
};
use serde_json::{Value, json};
use servicenow::ServiceNow;

use crate::exchange::{message, replay, session};

fn file(name: &str, url: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: "image/png".to_owned(),
        url: url.to_owned(),
        size: None,
    }
}

fn send(settings: &Value, text: &str, attachments: Vec<Attachment>) -> Result<Sent, Failure> {
    let message = Message { attachments, ..message(text) };
    ServiceNow::send(testing::context_of::<ServiceNow>(settings), session(), message)
}

/// Uploads one file while uploads are answered so; what was asked.
fn upload(
    status: u16,
    answer: Value,
    held: impl FnMut(&str) -> Result<media::File, media::Error> + 'static,
) -> (Result<Sent, Failure>, Vec<handover_connector::http::Request>) {
    let settings = json!({ "attachments": "upload", "provider_application": "app-1" });
    testing::with_vendor(
        move |_, request| {
            let is_upload = request.path == "/api/now/cccif/media/upload";
            if is_upload {
                testing::json(status, &answer)
            } else {
                testing::json(200, &json!({ "status": "success" }))
            }
        },
        || {
            testing::with_files(held, || {
                send(&settings, "Look", vec![file("a.png", "https://gateway.example/f/1")])
            })
        },
    )
}

fn picture(_: &str) -> Result<media::File, media::Error> {
    Ok(media::File { content_type: "image/jpeg".to_owned(), body: b"\xff\xd8bytes".to_vec() })
}

#[test]
fn files_go_by_their_addresses_in_one_request() {
    let one = file("scréen.png", "https://files.example/1");
    let two = file(" ", "https://files.example/2");
    assert!(replay("send-file", || send(&json!({}), "", vec![one.clone()])).is_ok());
    assert!(replay("send-files", || send(&json!({}), "Look", vec![one, two])).is_ok());
}

#[test]
fn an_uploaded_file_goes_by_the_address_that_the_instance_gave_it() {
    let url = "https://acme.service-now.com/api/now/v1/cs/media/vGf";
    let answer =
        json!({ "result": { "mediaUrl": url, "name": "a.png", "state": "pending", "attachmentId": "299c" } });
    let (sent, asked) = upload(201, answer, picture);
    assert!(sent.is_ok());
    let [form, said] = asked.as_slice() else { panic!("{asked:?}") };
    let form = String::from_utf8_lossy(&form.body);
    for part in
        ["name=\"user_id\"", "name=\"provider_application_id\"", "name=\"file\"; filename=\"a.png\"", "app-1"]
    {
        assert!(form.contains(part), "{part}");
    }
    let said: Value = serde_json::from_slice(&said.body).unwrap();
    assert_eq!(said["message"]["attachment"]["url"], url);
    assert_eq!(said["message"]["attachment"]["contentType"], "image/jpeg");
}

#[test]
fn an_upload_that_fails_has_told_nobody_anything() {
    for (status, answer, reason, retry) in [
        (500, json!({}), FailureReason::Unavailable, RetryAdvice::Safe(None)),
        (400, json!({}), FailureReason::Rejected, RetryAdvice::Never),
        (201, json!({ "result": {} }), FailureReason::Rejected, RetryAdvice::Never),
        (401, json!({}), FailureReason::Misconfigured("credentials.api".to_owned()), RetryAdvice::Never),
    ] {
        let (sent, asked) = upload(status, answer, picture);
        let failure = sent.unwrap_err();
        assert_eq!((failure.reason, failure.retry, asked.len()), (reason, retry, 1), "{status}");
    }
    let (sent, asked) = upload(201, json!({}), |_| Err(media::Error::Gone("gone".to_owned())));
    assert_eq!((sent.unwrap_err().retry, asked.len()), (RetryAdvice::Never, 0));
}

#[test]
fn a_lost_answer_to_an_upload_is_no_reason_to_doubt_the_message() {
    let settings = json!({ "attachments": "upload" });
    let lost = |_: &str, _: &_| -> Result<Response, _> {
        Err(handover_connector::http::Error::TimedOut("why".to_owned()))
    };
    let files = vec![file("a.png", "https://gateway.example/f/1")];
    let (sent, _) =
        testing::with_vendor(lost, || testing::with_files(picture, || send(&settings, "", files)));
    assert_eq!(sent.unwrap_err().retry, RetryAdvice::Safe(None));
}
