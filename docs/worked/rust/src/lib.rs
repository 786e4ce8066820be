//! The Acme connector: what the gateway calls, and what the connector says of itself.

mod from_vendor;
mod to_vendor;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession, Refusal,
    Sent, Session, StartOutcome, TextFormat, TextUnit, Update, Upstream, Verification,
};

pub struct Acme;

/// The upstream, and the credential that the gateway adds to its requests.
const API: &str = "api";

impl Connector for Acme {
    fn describe() -> Description {
        let oauth = [CredentialKind::Oauth2ClientCredentials];
        // Base64 of the HMAC-SHA256 of the body, with no time in it.
        let signature = HmacSignature::new("webhook", "x-acme-signature", Encoding::Base64);
        Description {
            name: "acme".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Acme Desk".to_owned(),
            config_schema: r#"{ "type": "object", "additionalProperties": false, "properties": {} }"#
                .to_owned(),
            credentials: vec![
                Credential::required(API, &oauth, "Settings, Apps, Client"),
                Credential::required("webhook", &[CredentialKind::Key], "Settings, Webhooks, Signing key"),
            ],
            upstreams: vec![
                Upstream::new(API, Some(API), "Acme's API").usually_at("https://api.acme.example/v3"),
            ],
            callbacks: vec![CallbackRoute::post(vec![Verification::Hmac(signature)])],
            limits: Limits {
                text_length: Some(2000), // Longer ones come as several messages, each with an id of its own.
                text_unit: TextUnit::Characters,
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::None,
                attachment_size: None,
                attachment_types: Vec::new(),
            },
            state_schema: 1,
        }
    }

    fn start(_: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        to_vendor::start(&session)
    }

    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        to_vendor::send(&session, &message)
    }

    fn end(_: Context, session: Session, _: EndReason) -> Result<Update, Failure> {
        to_vendor::end(&session)
    }

    fn map(_: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        from_vendor::map(&request)
    }
}

// Acme shows no typing and no receipts: no `Signals`.
handover_connector::export!(Acme: Connector);
