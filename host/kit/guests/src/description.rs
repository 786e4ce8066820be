//! What the connector says of itself.

use handover_connector::{
    AttachmentMode, CallbackRoute, Credential, CredentialKind, Description, Digest, Encoding, HmacSignature,
    Limits, SignedContent, TextUnit, Upstream, Verification,
};

use crate::DESK;

/// The settings as they should be.
pub const SETTINGS: &str = r#"{ "type": "object", "properties": { "mistake": { "type": "string" } }, "additionalProperties": false }"#;

/// What it is and asks for, with these settings, and signatures that are written so.
pub fn describe(settings: &str, encoding: Encoding) -> Description {
    let credential = |name: &str, kind, help: &str| Credential {
        name: name.to_owned(),
        kinds: vec![kind],
        required: true,
        help: help.to_owned(),
    };
    Description {
        name: "desk".to_owned(),
        version: "1.0.0".to_owned(),
        vendor: "Imagined Help Desk".to_owned(),
        config_schema: settings.to_owned(),
        credentials: vec![
            credential(DESK, CredentialKind::Bearer, "The desk's API key"),
            credential("webhook", CredentialKind::Key, "What the desk signs with"),
        ],
        upstreams: vec![Upstream {
            name: DESK.to_owned(),
            default_base_url: None,
            further_hosts: Vec::new(),
            credential: Some(DESK.to_owned()),
            help: "The desk's address".to_owned(),
        }],
        callbacks: vec![CallbackRoute {
            path: "events".to_owned(),
            methods: vec!["POST".to_owned()],
            verification: vec![Verification::Hmac(HmacSignature {
                credential: "webhook".to_owned(),
                digest: Digest::Sha256,
                encoding,
                header: "x-desk-signature".to_owned(),
                prefix: String::new(),
                content: SignedContent::Body,
                timestamp_header: None,
                opening: String::new(),
                separator: String::new(),
                tolerance: 0,
            })],
        }],
        limits: Limits {
            text_length: None,
            text_unit: TextUnit::Characters,
            text_formats: Vec::new(),
            attachments: AttachmentMode::ByUrl,
            attachment_size: None,
            attachment_types: Vec::new(),
        },
        state_schema: 1,
    }
}
