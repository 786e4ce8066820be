//! What the connector says of itself.

use genesys::Genesys;
use handover_connector::{
    AttachmentMode, Connector, CredentialKind, Digest, Encoding, SignedContent, TextFormat, TextUnit,
    Verification,
};
use serde_json::{Value, json};

#[test]
fn it_asks_for_the_platform_with_client_credentials() {
    let description = Genesys::describe();
    assert_eq!(description.name, "genesys");
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("api", Some("api")));
    let [api, webhook] = description.credentials.as_slice() else { panic!("two credentials") };
    assert_eq!((api.name.as_str(), api.required), ("api", true));
    assert_eq!(api.kinds, [CredentialKind::Oauth2ClientCredentials]);
    assert!(api.help.contains("basic = true"), "{}", api.help);
    assert_eq!((webhook.name.as_str(), webhook.required), ("webhook", true));
    assert_eq!(webhook.kinds, [CredentialKind::Key]);
}

#[test]
fn its_callbacks_are_signed_in_base64_over_the_body() {
    let description = Genesys::describe();
    let [route] = description.callbacks.as_slice() else { panic!("one route") };
    assert_eq!((route.path.as_str(), route.methods.as_slice()), ("", ["POST".to_owned()].as_slice()));
    let [Verification::Hmac(signature)] = route.verification.as_slice() else {
        panic!("{:?}", route.verification)
    };
    assert_eq!(signature.credential, "webhook");
    assert_eq!((signature.digest, signature.encoding), (Digest::Sha256, Encoding::Base64));
    assert_eq!((signature.header.as_str(), signature.prefix.as_str()), ("x-hub-signature-256", "sha256="));
    assert_eq!((signature.content, &signature.timestamp_header), (SignedContent::Body, &None));
}

#[test]
fn it_takes_plain_texts_and_files_by_their_address() {
    let limits = Genesys::describe().limits;
    assert_eq!((limits.text_length, limits.text_unit), (Some(4_000), TextUnit::Utf16Units));
    assert_eq!(limits.text_formats, [TextFormat::Plain]);
    assert_eq!((limits.attachments, limits.attachment_size), (AttachmentMode::ByUrl, Some(25_000_000)));
}

#[test]
fn its_settings_have_a_schema_that_wants_the_integration() {
    let schema: Value = serde_json::from_str(&Genesys::describe().config_schema).unwrap();
    assert_eq!(schema["required"], json!(["integration_id"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["poll_active_seconds"]["default"], json!(15));
    assert_eq!(schema["properties"]["opening_text"]["pattern"], json!("\\S"));
}
