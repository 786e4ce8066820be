//! What the connector says of itself.

use handover_connector::{AttachmentMode, Connector, CredentialKind, TextFormat, TextUnit, Verification};
use serde_json::{Value, json};
use zendesk::Zendesk;

#[test]
fn it_asks_for_one_upstream_with_a_basic_key_or_one_to_sign_with() {
    let description = Zendesk::describe();
    assert_eq!(description.name, "zendesk");
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("api", Some("api")));
    assert_eq!(upstream.default_base_url.as_deref(), Some("https://{subdomain}.zendesk.com/sc"));
    let credential = description.credentials.iter().find(|credential| credential.name == "api").unwrap();
    assert!(credential.required);
    assert!(
        credential.kinds.contains(&CredentialKind::Basic) && credential.kinds.contains(&CredentialKind::Key)
    );
}

#[test]
fn its_callbacks_carry_the_webhooks_secret_and_there_is_no_other_way() {
    let description = Zendesk::describe();
    let [route] = description.callbacks.as_slice() else { panic!("one route") };
    assert_eq!((route.path.as_str(), route.methods.as_slice()), ("", ["POST".to_owned()].as_slice()));
    let [Verification::SharedSecret(secret)] = route.verification.as_slice() else {
        panic!("{:?}", route.verification)
    };
    assert_eq!((secret.header.as_str(), secret.prefix.as_str()), ("x-api-key", ""));
    assert!(description.credentials.iter().any(|credential| credential.name == secret.credential));
}

#[test]
fn its_limits_are_the_vendors() {
    let limits = Zendesk::describe().limits;
    assert_eq!((limits.text_length, limits.text_unit), (Some(4096), TextUnit::Utf16Units));
    assert_eq!(limits.text_formats, [TextFormat::Plain]);
    assert_eq!(limits.attachments, AttachmentMode::Upload);
}

#[test]
fn its_settings_have_a_schema_that_names_what_is_needed() {
    let schema: Value = serde_json::from_str(&Zendesk::describe().config_schema).unwrap();
    assert_eq!(schema["required"], json!(["app_id", "integration"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["agent_workspace"]["default"], json!("zd:agentWorkspace"));
}
