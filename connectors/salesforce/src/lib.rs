//! The Salesforce connector: Enhanced Chat (formerly Messaging for In-App and Web) as a custom client of the
//! deployment, one visitor per session. [`start`], [`send`], [`end`] and [`signals`] go to the vendor, [`feed`] and
//! [`decode`] come from it: Salesforce posts no webhooks, it has a stream of events and a list of entries.

mod availability;
mod content;
mod decode;
mod end;
mod feed;
mod ids;
mod json;
mod position;
mod refusal;
mod request;
mod send;
mod settings;
mod signals;
mod start;
mod visitor;

use handover_connector::{
    AttachmentMode, Attribute, Availability, AvailabilityStatus, Batch, CallbackRequest, Connector, Context,
    Credential, CredentialKind, Description, EndReason, Failure, Feed, Frame, Limits, Mapped, Message,
    NewSession, Receipt, Reconcile, Refusal, Sent, Session, Signals, StartOutcome, Subscription, TextFormat,
    TextUnit, Update, Upstream, Verdict,
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
            credentials: vec![Credential {
                name: IDENTITY.to_owned(),
                kinds: vec![CredentialKind::Key],
                required: false,
                help: "The RSA private key (PEM) whose public half stands in Setup, User Verification; only with the \
                       setting `identity`"
                    .to_owned(),
            }],
            upstreams: vec![Upstream {
                name: API.to_owned(),
                default_base_url: None,
                further_hosts: Vec::new(),
                // The visitor's own token goes along, from the session.
                credential: None,
                help: "The SCRT2 URL of the custom client deployment, e.g. https://acme.my.salesforce-scrt.com"
                    .to_owned(),
            }],
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

impl Availability for Salesforce {
    fn check(context: Context, _: Vec<Attribute>) -> Result<AvailabilityStatus, Failure> {
        availability::check(&context)
    }
}

impl Feed for Salesforce {
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        feed::poll(&context, &session, cursor.as_deref())
    }

    fn open(
        context: Context,
        session: Session,
        cursor: Option<String>,
    ) -> Result<Option<Subscription>, Failure> {
        feed::open(&context, &session, cursor.as_deref())
    }

    fn read(_: Context, session: Session, frame: Frame) -> Result<Batch, Failure> {
        feed::read(&session, &frame)
    }
}

impl Reconcile for Salesforce {
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        send::find(&session, &message)
    }
}

impl Signals for Salesforce {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        signals::typing(&context, &session, on)
    }

    fn report(_: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        signals::report(&session, &receipt)
    }
}

handover_connector::export!(Salesforce: Connector, Availability, Feed, Reconcile, Signals);
