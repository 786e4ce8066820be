//! What the connector says of itself.

use handover_connector::{AttachmentMode, Connector, CredentialKind, TextUnit, Verification};
use matrix::Matrix;
use serde_json::{Value, json};

#[test]
fn the_homeserver_is_known_by_its_token_and_reached_with_ours() {
    let description = Matrix::describe();
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("homeserver", Some("as_token")));
    let kinds: Vec<_> =
        description.credentials.iter().map(|one| (one.name.as_str(), one.kinds[0], one.required)).collect();
    assert_eq!(kinds, [("as_token", CredentialKind::Bearer, true), ("hs_token", CredentialKind::Key, true)]);
    let [route] = description.callbacks.as_slice() else { panic!("one route") };
    assert_eq!(route.path, "_matrix/app/v1/*");
    let [Verification::SharedSecret(secret)] = route.verification.as_slice() else { panic!("one way") };
    assert_eq!(
        (secret.credential.as_str(), secret.header.as_str(), secret.prefix.as_str()),
        ("hs_token", "authorization", "Bearer ")
    );
}

#[test]
fn an_event_of_the_longest_text_is_within_the_homeservers_limit() {
    let limits = Matrix::describe().limits;
    assert_eq!((limits.text_unit, limits.attachments), (TextUnit::Utf16Units, AttachmentMode::Upload));
    // Three bytes a unit at most, twice in an event, and room for the rest of it.
    assert!(limits.text_length.unwrap() * 3 * 2 + 8_192 <= 65_536);
}

#[test]
fn its_settings_have_a_schema_that_asks_for_the_servers_name() {
    let schema: Value = serde_json::from_str(&Matrix::describe().config_schema).unwrap();
    assert_eq!(schema["required"], json!(["server_name"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["timeline"]["default"], json!("history"));
}
