//! The Contoso connector: speaks the REST API of the Contoso live chat, as Microsoft's handover sample defines it and
//! `examples/contoso-live-chat` extends it. [`encode`] goes to the vendor, [`decode`] comes from it.

mod decode;
mod encode;
mod settings;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Digest, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession,
    Receipt, Refusal, Sent, Session, Signals, SignedContent, StartOutcome, TextFormat, TextUnit, Update,
    Upstream, Verification,
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
                Credential {
                    name: API.to_owned(),
                    kinds: vec![CredentialKind::Bearer],
                    required: false,
                    help: "The content of the live chat's --api-key-file, where it has one".to_owned(),
                },
                Credential {
                    name: WEBHOOK.to_owned(),
                    kinds: vec![CredentialKind::Key],
                    required: false,
                    help: "The content of the live chat's --webhook-secret-file, where it has one".to_owned(),
                },
            ],
            upstreams: vec![Upstream {
                name: API.to_owned(),
                default_base_url: Some("http://127.0.0.1:5000".to_owned()),
                further_hosts: Vec::new(),
                credential: Some(API.to_owned()),
                help: "The address of the Contoso live chat".to_owned(),
            }],
            callbacks: vec![CallbackRoute {
                path: String::new(),
                methods: vec!["POST".to_owned()],
                // The sample's live chat signs nothing.
                verification: vec![Verification::Hmac(signature()), Verification::None],
            }],
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

impl Signals for Contoso {
    fn typing(_: Context, session: Session, on: bool) -> Result<(), Failure> {
        encode::typing(&session, on)
    }

    fn report(_: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        encode::report(&session, &receipt)
    }
}

/// How `examples/contoso-live-chat` signs what it posts.
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
        tolerance: TOLERANCE,
    }
}

handover_connector::export!(Contoso: Connector, Signals);
