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
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession, Refusal,
    Sent, Session, StartOutcome, TextFormat, TextUnit, Update, Upstream, Verification,
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
                Credential::required(
                    API,
                    &[CredentialKind::Oauth2ClientCredentials],
                    "An OAuth client of the grant type Client Credentials (Admin > Integrations > OAuth): token_url                      https://login.REGION/oauth/token, basic = true, no scope",
                ),
                Credential::required(
                    WEBHOOK,
                    &[CredentialKind::Key],
                    "The integration's Outbound Notification Webhook Signature Secret Token",
                ),
            ],
            upstreams: vec![
                Upstream::new(
                    API,
                    Some(API),
                    "The Platform API of the organization's region, e.g. https://api.mypurecloud.de",
                )
                .usually_at("https://api.mypurecloud.com"),
            ],
            callbacks: vec![CallbackRoute::post(vec![Verification::Hmac(signature())])],
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

    fn end(_: Context, session: Session, _: EndReason) -> Result<Update, Failure> {
        encode::end(&session)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&context, &request)
    }
}

/// How Genesys signs its notifications: in base64, where most others write hexadecimal digits.
fn signature() -> HmacSignature {
    HmacSignature {
        prefix: "sha256=".to_owned(),
        ..HmacSignature::new(WEBHOOK, "x-hub-signature-256", Encoding::Base64)
    }
}

handover_connector::export!(Genesys: Connector, Signals, Reconcile, Feed);
