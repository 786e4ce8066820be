//! The Genesys Cloud connector: speaks Open Messaging. [`encode`] goes to the vendor, [`decode`] comes from its
//! webhook; [`feed`] looks at the conversation for what the webhook does not tell.

mod api;
mod content;
mod conversation;
mod decode;
mod encode;
mod feed;
mod opening;
mod reconcile;
mod settings;
mod state;
mod wire;

use handover_connector::{
    AttachmentMode, Batch, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Digest, Encoding, EndReason, Failure, FailureReason, Feed, Frame, HmacSignature, Limits,
    Mapped, Message, NewSession, Receipt, Reconcile, Refusal, RetryAdvice, Sent, Session, Signals,
    SignedContent, StartOutcome, Subscription, TextFormat, TextUnit, Update, Upstream, Verdict, Verification,
};

/// The connector.
pub struct Genesys;

/// The name of its one upstream, and of the credential that goes there.
const API: &str = "api";

/// The name of the key that callbacks are signed with.
const WEBHOOK: &str = "webhook";

/// The longest text, in UTF-16 units: what live agents may write through Open Messaging, for want of a documented limit
/// of the other direction.
const TEXT_LENGTH: usize = 4_000;

/// "Genesys Cloud enables you to send and receive attachments up to 25 MB."
const ATTACHMENT_SIZE: u64 = 25 * 1000 * 1000;

impl Connector for Genesys {
    fn describe() -> Description {
        Description {
            name: "genesys".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Genesys Cloud".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            credentials: vec![
                Credential {
                    name: API.to_owned(),
                    kinds: vec![CredentialKind::Oauth2ClientCredentials],
                    required: true,
                    help: "An OAuth client of the grant type Client Credentials (Admin > Integrations > OAuth): \
                           token_url https://login.REGION/oauth/token, basic = true, no scope"
                        .to_owned(),
                },
                Credential {
                    name: WEBHOOK.to_owned(),
                    kinds: vec![CredentialKind::Key],
                    required: true,
                    help: "The integration's Outbound Notification Webhook Signature Secret Token".to_owned(),
                },
            ],
            upstreams: vec![Upstream {
                name: API.to_owned(),
                default_base_url: Some("https://api.mypurecloud.com".to_owned()),
                further_hosts: Vec::new(),
                credential: Some(API.to_owned()),
                help: "The Platform API of the organization's region, e.g. https://api.mypurecloud.de".to_owned(),
            }],
            callbacks: vec![CallbackRoute {
                path: String::new(),
                methods: vec!["POST".to_owned()],
                verification: vec![Verification::Hmac(signature())],
            }],
            limits: Limits {
                text_length: u32::try_from(TEXT_LENGTH).ok(),
                text_unit: TextUnit::Utf16Units,
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::ByUrl,
                attachment_size: Some(ATTACHMENT_SIZE),
                // The integration's supported content profile decides; the default one takes any.
                attachment_types: Vec::new(),
            },
            state_schema: state::SCHEMA,
        }
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start(&context, &session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::send(&context, &session, &message)
    }

    fn end(_: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        encode::end(&session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&context, &request)
    }
}

impl Signals for Genesys {
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure> {
        encode::typing(&context, &session, on)
    }

    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure> {
        encode::report(&context, &session, &receipt)
    }
}

impl Reconcile for Genesys {
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        reconcile::find(&session, &message)
    }
}

impl Feed for Genesys {
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        feed::poll(&context, &session, cursor.as_deref())
    }

    /// An OAuth client may have twenty notification channels at a time: one for each session is too many.
    fn open(_: Context, _: Session, _: Option<String>) -> Result<Option<Subscription>, Failure> {
        Ok(None)
    }

    fn read(_: Context, _: Session, _: Frame) -> Result<Batch, Failure> {
        Err(Failure {
            reason: FailureReason::Unsupported,
            retry: RetryAdvice::Never,
            detail: "there is no stream".to_owned(),
        })
    }
}

/// How Genesys signs its notifications: in base64, where most others write hexadecimal digits.
fn signature() -> HmacSignature {
    HmacSignature {
        credential: WEBHOOK.to_owned(),
        digest: Digest::Sha256,
        encoding: Encoding::Base64,
        header: "x-hub-signature-256".to_owned(),
        prefix: "sha256=".to_owned(),
        content: SignedContent::Body,
        timestamp_header: None,
        opening: String::new(),
        separator: String::new(),
        tolerance: 0,
    }
}

handover_connector::export!(Genesys: Connector, Signals, Reconcile, Feed);
