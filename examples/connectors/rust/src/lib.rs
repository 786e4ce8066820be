//! The Contoso connector in Rust: what the gateway calls, and what the connector says of itself.
//!
//! A connector keeps nothing between calls: what has to be remembered is returned as `state` and comes back with the next
//! call as `session.state`; Contoso needs none. Built for the machine that tests run on, this crate is an ordinary
//! library; `tests/conversation.rs` plays the live chat.

mod from_vendor;
mod to_vendor;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Digest, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession,
    Receipt, Refusal, Sent, Session, Signals, SignedContent, StartOutcome, TextFormat, TextUnit, Update,
    Upstream, Verification,
};

pub struct Contoso;

/// The upstream that requests go to; the operator's configuration says where it is.
const API: &str = "api";

/// The key that the live chat signs its webhook with. Its value stays in the gateway.
const WEBHOOK: &str = "webhook";

/// JSON Schema of what the operator may set; `context.settings` has been checked against it.
const SETTINGS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "agent_name": {
      "type": "string",
      "minLength": 1,
      "description": "Who a message is from where the live chat names no sender",
      "default": "Contoso Support"
    }
  }
}"#;

impl Connector for Contoso {
    fn describe() -> Description {
        let credential = |name: &str, kind, help: &str| Credential {
            name: name.to_owned(),
            kinds: vec![kind],
            required: false,
            help: help.to_owned(),
        };
        Description {
            name: "contoso".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Contoso Live Chat".to_owned(),
            config_schema: SETTINGS.to_owned(),
            credentials: vec![
                credential(API, CredentialKind::Bearer, "The live chat's API key, where it has one"),
                credential(WEBHOOK, CredentialKind::Key, "The live chat's webhook secret, where it has one"),
            ],
            upstreams: vec![Upstream {
                name: API.to_owned(),
                default_base_url: Some("http://127.0.0.1:5000".to_owned()),
                further_hosts: Vec::new(),
                // The gateway adds it to each request; this code never sees it.
                credential: Some(API.to_owned()),
                help: "The address of the Contoso live chat".to_owned(),
            }],
            callbacks: vec![CallbackRoute {
                path: String::new(),
                methods: vec!["POST".to_owned()],
                // The gateway checks the signature before `map` is called. The operator may say that there is none.
                verification: vec![Verification::Hmac(signature()), Verification::None],
            }],
            limits: Limits {
                text_length: None,
                text_unit: TextUnit::Characters,
                text_formats: vec![TextFormat::Markdown, TextFormat::Plain],
                attachments: AttachmentMode::ByUrl,
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

    fn end(_: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        to_vendor::end(&session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        from_vendor::map(&context, &request)
    }
}

impl Signals for Contoso {
    fn typing(_: Context, session: Session, on: bool) -> Result<(), Failure> {
        to_vendor::typing(&session, on)
    }

    fn report(_: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        to_vendor::report(&session, &receipt)
    }
}

/// How the live chat signs what it posts.
fn signature() -> HmacSignature {
    HmacSignature {
        credential: WEBHOOK.to_owned(),
        digest: Digest::Sha256,
        encoding: Encoding::Hex,
        header: "x-contoso-signature".to_owned(),
        prefix: "sha256=".to_owned(),
        content: SignedContent::TimestampAndBody,
        timestamp_header: Some("x-contoso-timestamp".to_owned()),
        opening: String::new(),
        separator: ".".to_owned(),
        tolerance: 300,
    }
}

// Makes the component's exports. Each further interface that the type has is named here.
handover_connector::export!(Contoso: Connector, Signals);
