//! The Contoso connector: speaks the REST API of the Contoso live chat, as Microsoft's handover sample defines it and
//! `examples/contoso-live-chat` extends it. [`encode`] goes to the vendor, [`decode`] comes from it.

mod decode;
mod encode;
mod settings;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession, Refusal,
    Sent, Session, SignedContent, StartOutcome, TextFormat, TextUnit, Update, Upstream, Verification,
};

/// The connector.
pub struct Contoso;

/// The name of its one upstream, and of the credential that goes there.
const API: &str = "api";

/// The name of the key that callbacks are signed with.
const WEBHOOK: &str = "webhook";

/// How old a signature may be, in seconds: clocks differ, and a repeated post is signed anew.
const TOLERANCE: u32 = 300;

impl Connector for Contoso {
    fn describe() -> Description {
        Description {
            name: "contoso".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Contoso Live Chat".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            // The sample's live chat has neither.
            credentials: vec![
                Credential::optional(
                    API,
                    &[CredentialKind::Bearer],
                    "The content of the live chat's --api-key-file, where it has one",
                ),
                Credential::optional(
                    WEBHOOK,
                    &[CredentialKind::Key],
                    "The content of the live chat's --webhook-secret-file, where it has one",
                ),
            ],
            upstreams: vec![
                Upstream::new(API, Some(API), "The address of the Contoso live chat")
                    .usually_at("http://127.0.0.1:5000"),
            ],
            // The sample's live chat signs nothing.
            callbacks: vec![CallbackRoute::post(vec![Verification::Hmac(signature()), Verification::None])],
            limits: Limits {
                text_length: None,
                text_unit: TextUnit::Characters,
                // The console shows what Markdown means.
                text_formats: vec![TextFormat::Markdown, TextFormat::Plain],
                attachments: AttachmentMode::ByUrl,
                attachment_size: None,
                attachment_types: Vec::new(),
            },
            state_schema: 1,
        }
    }

    fn start(_: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start(&session)
    }

    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::send(&session, &message)
    }

    fn end(_: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        encode::end(&session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&context, &request)
    }
}

/// How `examples/contoso-live-chat` signs what it posts.
fn signature() -> HmacSignature {
    HmacSignature {
        prefix: "sha256=".to_owned(),
        content: SignedContent::TimestampAndBody,
        timestamp_header: Some("x-contoso-timestamp".to_owned()),
        separator: ".".to_owned(),
        tolerance: TOLERANCE,
        ..HmacSignature::new(WEBHOOK, "x-contoso-signature", Encoding::Hex)
    }
}

handover_connector::export!(Contoso: Connector, Signals);
