//! The Salesforce connector: Enhanced Chat (formerly Messaging for In-App and Web) as a custom client of the
//! deployment, one visitor per session. [`start`], [`send`], [`end`] and [`signals`] go to the vendor, [`feed`] and
//! [`decode`] come from it: Salesforce posts no webhooks, it has a stream of events and a list of entries.

mod availability;
mod content;
mod decode;
mod end;
mod feed;
mod ids;
mod position;
mod refusal;
mod request;
mod send;
mod settings;
mod signals;
mod start;
mod visitor;

use handover_connector::{
    AttachmentMode, CallbackRequest, Connector, Context, Credential, CredentialKind, Description, EndReason,
    Failure, Limits, Mapped, Message, NewSession, Refusal, Sent, Session, StartOutcome, TextFormat, TextUnit,
    Update, Upstream,
};

/// The connector.
pub struct Salesforce;

/// The name of its one upstream: the SCRT2 address of the organization.
const API: &str = "api";

/// The name of the key that customers are vouched for with.
const IDENTITY: &str = "identity";

/// The longest text of one message, in UTF-16 units. Salesforce publishes no figure for Enhanced Chat; its other
/// channels take as much.
const MOST_TEXT: usize = 4_096;

/// Bytes of the largest file of a customer's.
const MOST_FILE: u64 = 5 * 1024 * 1024;

impl Connector for Salesforce {
    fn describe() -> Description {
        Description {
            name: "salesforce".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Salesforce Enhanced Chat".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            credentials: vec![Credential::optional(
                IDENTITY,
                &[CredentialKind::Key],
                "The RSA private key (PEM) whose public half stands in Setup, User Verification; only with the setting                  `identity`",
            )],
            // The visitor's own token goes along, from the session.
            upstreams: vec![Upstream::new(
                API,
                None,
                "The SCRT2 URL of the custom client deployment, e.g. https://acme.my.salesforce-scrt.com",
            )],
            // Nobody calls back.
            callbacks: Vec::new(),
            limits: Limits {
                text_length: Some(MOST_TEXT as u32),
                text_unit: TextUnit::Utf16Units,
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::Upload,
                attachment_size: Some(MOST_FILE),
                // The deployment's own list counts; the vendor refuses the rest.
                attachment_types: Vec::new(),
            },
            state_schema: 1,
        }
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        start::start(&context, &session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        send::send(&context, &session, &message)
    }

    fn end(context: Context, session: Session, _: EndReason) -> Result<Update, Failure> {
        end::end(&context, &session)
    }

    fn map(_: Context, _: CallbackRequest) -> Result<Mapped, Refusal> {
        Err(Refusal::Malformed("Salesforce's Enhanced Chat calls nobody back".to_owned()))
    }
}

handover_connector::export!(Salesforce: Connector, Availability, Feed, Reconcile, Signals);
