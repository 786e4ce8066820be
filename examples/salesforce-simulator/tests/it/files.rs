//! Files that customers send.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answer, BASE, House, read, uuid};

/// One part of a form: its disposition, its type, its bytes.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

async fn upload(house: &House, token: &str, id: &str, parts: &[Part<'_>]) -> Answer {
    let mut body = Vec::new();
    for (disposition, kind, bytes) in parts {
        body.extend_from_slice(b"--b0undary\r\ncontent-disposition: form-data; ");
        body.extend_from_slice(disposition.as_bytes());
        if let Some(kind) = kind {
            body.extend_from_slice(format!("\r\ncontent-type: {kind}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b0undary--\r\n");
    let request = house
        .request(Method::POST, token, &format!("{BASE}/conversation/{id}/file"))
        .header("content-type", "multipart/form-data; boundary=b0undary");
    read(request.body(body).send().await.unwrap()).await
}

fn entry(id: &str) -> Value {
    let message = json!({ "id": id, "fileId": uuid(), "text": "" });
    json!({ "message": message, "esDeveloperName": "Custom_Client", "isNewMessagingSession": false })
}

const FILE: &str = "name=\"fileData\"; filename=\"a.png\"";
const ENTRY: &str = "name=\"messageEntry\"";
const JSON: Option<&str> = Some("application/json");
const PNG: Option<&str> = Some("image/png");

#[tokio::test]
async fn a_file_arrives_at_the_desk_and_can_be_fetched() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let message = uuid();
    let entry = entry(&message).to_string();
    let answer =
        upload(&house, &token, &id, &[(ENTRY, JSON, entry.as_bytes()), (FILE, PNG, b"PNG\0!")]).await;
    assert_eq!((answer.status, &answer.body["conversationEntries"][0]["id"]), (202, &json!(message)));
    let file = house.running.desk().look(&id, |chat| chat.messages[0].attachments[0].clone()).unwrap();
    assert_eq!((file.name.as_str(), file.content_type.as_str()), ("a.png", "image/png"));
    assert_eq!(house.client.get(&file.url).send().await.unwrap().bytes().await.unwrap().as_ref(), b"PNG\0!");
    let echo = house.entries(&token, &id).await.pop().unwrap();
    assert_eq!(echo["entryPayload"]["abstractMessage"]["staticContent"]["formatType"], "Attachments");
    assert_eq!(house.get("", "/files/unknown").await.status, 404);
}

#[tokio::test]
async fn a_form_that_is_not_as_documented_is_refused() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    let good = entry(&uuid()).to_string();
    let no_file_id = crate::house::with(entry(&uuid()), "/message/fileId", Value::Null).to_string();
    let bad_id = entry("1").to_string();
    let file = (FILE, PNG, b"x".as_slice());
    for (why, parts) in [
        ("no file", vec![(ENTRY, JSON, good.as_bytes())]),
        ("no entry", vec![file]),
        ("an entry without its type", vec![(ENTRY, None, good.as_bytes()), file]),
        ("an entry that is no JSON", vec![(ENTRY, JSON, b"{".as_slice()), file]),
        ("no id of the file", vec![(ENTRY, JSON, no_file_id.as_bytes()), file]),
        ("an id that is no UUID", vec![(ENTRY, JSON, bad_id.as_bytes()), file]),
        ("a file without a name", vec![(ENTRY, JSON, good.as_bytes()), ("name=\"fileData\"", PNG, b"x")]),
        ("a file without its type", vec![(ENTRY, JSON, good.as_bytes()), (FILE, None, b"x")]),
        ("another part", vec![(ENTRY, JSON, good.as_bytes()), file, ("name=\"more\"", None, b"x")]),
    ] {
        assert_eq!(upload(&house, &token, &id, &parts).await.status, 400, "{why}");
    }
    let huge = vec![0; 5 * 1024 * 1024 + 1];
    let parts = [(ENTRY, JSON, good.as_bytes()), (FILE, PNG, huge.as_slice())];
    assert_eq!(upload(&house, &token, &id, &parts).await.status, 413);
    assert_eq!(upload(&house, "", &id, &[(ENTRY, JSON, good.as_bytes()), file]).await.status, 401);
    assert!(house.running.desk().look(&id, |chat| chat.messages.is_empty()).unwrap());
}
