//! What the connector says of itself.

use handover_connector::{AttachmentMode, Connector, CredentialKind, NewSession, Verification, testing};
use serde_json::{Value, json};
use servicenow::ServiceNow;

use crate::exchange::{fixture, success, with_answer};
use crate::from_vendor::events_with;

#[test]
fn every_way_to_sign_in_that_the_api_documents_can_be_configured() {
    let description = ServiceNow::describe();
    let [upstream] = description.upstreams.as_slice() else { panic!("one upstream") };
    assert_eq!((upstream.name.as_str(), upstream.credential.as_deref()), ("api", Some("api")));
    let api = description.credentials.iter().find(|credential| credential.name == "api").unwrap();
    for kind in [
        CredentialKind::Basic,
        CredentialKind::Oauth2ClientCredentials,
        CredentialKind::Bearer,
        CredentialKind::Header,
        CredentialKind::Key,
    ] {
        assert!(api.kinds.contains(&kind), "{kind:?}");
    }
    let signature = description.credentials.iter().find(|credential| credential.name == "signature").unwrap();
    assert_eq!(signature.kinds, [CredentialKind::Key]);
}

#[test]
fn callbacks_prove_themselves_by_a_header_or_by_basic_and_never_come_unproved() {
    let description = ServiceNow::describe();
    let [route] = description.callbacks.as_slice() else { panic!("one route") };
    assert_eq!((route.path.as_str(), route.methods.as_slice()), ("", ["POST".to_owned()].as_slice()));
    let [Verification::SharedSecret(secret), Verification::Basic(basic)] = route.verification.as_slice()
    else {
        panic!("{:?}", route.verification)
    };
    assert_eq!((secret.header.as_str(), secret.prefix.as_str()), ("x-handover-secret", ""));
    for (name, kind) in [(&secret.credential, CredentialKind::Key), (basic, CredentialKind::Basic)] {
        let credential = description.credentials.iter().find(|credential| credential.name == *name).unwrap();
        assert_eq!(credential.kinds, [kind]);
    }
}

#[test]
fn texts_are_of_any_length_and_plain_and_files_go_by_address() {
    let limits = ServiceNow::describe().limits;
    assert_eq!((limits.text_length, limits.text_formats.len()), (None, 0));
    assert_eq!(limits.attachments, AttachmentMode::ByUrl);
    assert!(limits.attachment_types.contains(&"image/png".to_owned()));
}

#[test]
fn the_schema_is_json_and_closed() {
    let schema: Value = serde_json::from_str(&ServiceNow::describe().config_schema).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["description"].is_string(), "{name}");
    }
}

#[test]
fn the_defaults_that_the_schema_names_are_those_that_count() {
    let schema: Value = serde_json::from_str(&ServiceNow::describe().config_schema).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    let named = |(name, property): (&String, &Value)| Some((name.clone(), property.get("default")?.clone()));
    let named: Value = properties.iter().filter_map(named).collect::<serde_json::Map<_, _>>().into();
    for callback in ["waiting", "joined", "left", "message", "completed", "no-agents", "every-kind"] {
        let callback = fixture(&format!("callback-{callback}"));
        assert_eq!(events_with(&named, &callback), events_with(&json!({}), &callback));
    }
    let start = |settings: &Value| {
        let session = NewSession { problem: None, ..testing::new_session() };
        with_answer(success, || ServiceNow::start(testing::context_of::<ServiceNow>(settings), session))
    };
    assert_eq!(start(&named), start(&json!({})));
}
