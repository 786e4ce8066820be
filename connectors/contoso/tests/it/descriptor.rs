//! What the connector says of itself.

use contoso::Contoso;
use handover_connector::{Connector, CredentialKind, Digest, Encoding, SignedContent, Verification};
use serde_json::{Value, json};

#[test]
fn it_asks_for_one_upstream_that_takes_a_bearer_token_where_there_is_one() {
    let description = Contoso::describe();
    assert_eq!(description.name, "contoso");
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("api", Some("api")));
    let credential = description.credentials.iter().find(|credential| credential.name == "api").unwrap();
    assert_eq!(credential.kinds, [CredentialKind::Bearer]);
}

#[test]
fn it_works_without_credentials_and_says_where_they_are() {
    let description = Contoso::describe();
    let names: Vec<_> = description.credentials.iter().map(|credential| credential.name.as_str()).collect();
    assert_eq!(names, ["api", "webhook"]);
    for credential in &description.credentials {
        assert!(!credential.required, "{}: the sample's live chat has none", credential.name);
        assert!(credential.help.contains("-file"), "{}", credential.help);
    }
}

#[test]
fn its_callbacks_are_signed_with_a_declared_key_unless_the_operator_says_none() {
    let description = Contoso::describe();
    let [route] = description.callbacks.as_slice() else { panic!("one route") };
    assert_eq!((route.path.as_str(), route.methods.as_slice()), ("", ["POST".to_owned()].as_slice()));
    let [Verification::Hmac(signature), Verification::None] = route.verification.as_slice() else {
        panic!("{:?}", route.verification)
    };
    let key = description.credentials.iter().find(|credential| credential.name == signature.credential);
    assert_eq!(key.unwrap().kinds, [CredentialKind::Key]);
    assert_eq!((signature.digest, signature.encoding), (Digest::Sha256, Encoding::Hex));
    assert_eq!((signature.header.as_str(), signature.prefix.as_str()), ("x-contoso-signature", "sha256="));
    assert_eq!(signature.content, SignedContent::TimestampAndBody);
    assert_eq!(signature.timestamp_header.as_deref(), Some("x-contoso-timestamp"));
    assert_eq!((signature.separator.as_str(), signature.tolerance), (".", 300));
}

#[test]
fn its_settings_have_a_schema_that_names_the_default() {
    let schema: Value = serde_json::from_str(&Contoso::describe().config_schema).unwrap();
    assert_eq!(schema["properties"]["agent_name"]["default"], json!("Contoso Support"));
    assert_eq!(schema["additionalProperties"], json!(false));
}
