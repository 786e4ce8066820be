//! What the connector says of itself.

use handover_connector::{AttachmentMode, Availability, Connector, CredentialKind, TextFormat, TextUnit};
use handover_connector::{CallbackRequest, Refusal};
use salesforce::Salesforce;
use serde_json::{Value, json};

use crate::exchange::{context, replay};

#[test]
fn it_asks_for_one_upstream_and_no_credential_but_for_known_customers() {
    let description = Salesforce::describe();
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("api", None));
    assert_eq!(upstream.default_base_url, None, "every organization has its own");
    let [credential] = description.credentials.as_slice() else { panic!("one credential") };
    assert_eq!((credential.name.as_str(), credential.required), ("identity", false));
    assert_eq!(credential.kinds, [CredentialKind::Key]);
}

#[test]
fn its_limits_are_those_of_a_plain_chat_with_uploads() {
    let limits = Salesforce::describe().limits;
    assert_eq!((limits.text_length, limits.text_unit), (Some(4_096), TextUnit::Utf16Units));
    assert_eq!(limits.text_formats, [TextFormat::Plain]);
    assert_eq!((limits.attachments, limits.attachment_size), (AttachmentMode::Upload, Some(5_242_880)));
}

#[test]
fn nobody_calls_back() {
    assert!(Salesforce::describe().callbacks.is_empty());
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://handover.example/api/callbacks/test".to_owned(),
        path: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        received: 0,
    };
    assert!(matches!(Salesforce::map(context(), request), Err(Refusal::Malformed(_))));
}

#[test]
fn its_settings_name_organization_and_deployment_and_nothing_that_is_secret() {
    let schema: Value = serde_json::from_str(&Salesforce::describe().config_schema).unwrap();
    assert_eq!(schema["required"], json!(["organization", "deployment"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["opening"]["default"], json!("transcript"));
    assert_eq!(schema["properties"]["prechat"]["properties"]["subject"]["default"], json!("_subject"));
}

#[test]
fn business_hours_say_whether_anybody_is_there() {
    for (name, open) in [("hours-open", true), ("hours-closed", false), ("hours-none", true)] {
        let status = replay(name, || Salesforce::check(context(), Vec::new())).unwrap();
        assert_eq!(status.open, open, "{name}");
        assert_eq!((status.agents_online, status.queue_length, status.wait_seconds), (None, None, None));
    }
}
