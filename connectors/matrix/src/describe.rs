//! What the connector says of itself.

use handover_connector::{
    AttachmentMode, CallbackRoute, Credential, CredentialKind, Description, Limits, TextFormat, TextUnit,
    Upstream, Verification,
};

use crate::encode::LONGEST;
use crate::server::HOMESERVER;
use crate::settings;

/// The names of its credentials, as the registration file calls them.
const AS_TOKEN: &str = "as_token";
const HS_TOKEN: &str = "hs_token";

pub fn description() -> Description {
    Description {
        name: "matrix".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        vendor: "Matrix".to_owned(),
        config_schema: settings::SCHEMA.to_owned(),
        credentials: vec![
            Credential::required(AS_TOKEN, &[CredentialKind::Bearer], "`as_token` of the registration file"),
            Credential::required(HS_TOKEN, &[CredentialKind::Key], "`hs_token` of the registration file"),
        ],
        upstreams: vec![Upstream::new(
            HOMESERVER,
            Some(AS_TOKEN),
            "The address of the homeserver's client-server API, without /_matrix",
        )],
        callbacks: vec![CallbackRoute {
            path: "_matrix/app/v1/*".to_owned(),
            methods: vec!["PUT".to_owned(), "GET".to_owned(), "POST".to_owned()],
            verification: vec![Verification::header(HS_TOKEN, "authorization", "Bearer ")],
        }],
        limits: Limits {
            text_length: Some(u32::try_from(LONGEST).unwrap_or(u32::MAX)),
            text_unit: TextUnit::Utf16Units,
            text_formats: vec![TextFormat::Html, TextFormat::Plain],
            attachments: AttachmentMode::Upload,
            // Each homeserver has its own limit, and says so when a file is too large.
            attachment_size: None,
            attachment_types: Vec::new(),
        },
        state_schema: 1,
    }
}
