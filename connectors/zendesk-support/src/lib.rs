//! The Zendesk Support connector: handovers as tickets of the Ticketing API v2 (`/api/v2/tickets`), for accounts without
//! messaging. [`encode`] goes to the vendor, [`decode`] comes from it.

mod decode;
mod encode;
mod settings;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, Encoding, EndReason, Failure, HmacSignature, Limits, Mapped, Message, NewSession, Refusal,
    Sent, Session, SignedContent, StartOutcome, TextFormat, TextUnit, Update, Upstream, Verification,
};

/// The connector.
pub struct ZendeskSupport;

/// The name of its one upstream, and of the credential that goes there.
const API: &str = "api";

/// The name of the key that callbacks are signed with.
const WEBHOOK: &str = "webhook";

/// Most bytes of a comment (Tickets, "description": 64 kB), with room for what JSON and Zendesk add.
const MOST_TEXT: usize = 60_000;

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

impl Connector for ZendeskSupport {
    fn describe() -> Description {
        Description {
            name: "zendesk-support".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Zendesk Support".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            credentials: vec![
                Credential::required(
                    API,
                    &[CredentialKind::Basic, CredentialKind::Bearer, CredentialKind::Oauth2ClientCredentials],
                    "An agent's `EMAIL/token` and API token, or an OAuth token (Admin Center, Zendesk API)",
                ),
                Credential::required(
                    WEBHOOK,
                    &[CredentialKind::Key],
                    "The webhook's signing secret (Admin Center, Webhooks, Reveal secret)",
                ),
            ],
            upstreams: vec![
                Upstream::new(API, Some(API), "https://SUBDOMAIN.zendesk.com")
                    .usually_at("https://{subdomain}.zendesk.com"),
            ],
            callbacks: vec![CallbackRoute::post(vec![Verification::Hmac(signature())])],
            limits: Limits {
                text_length: u32::try_from(MOST_TEXT).ok(),
                text_unit: TextUnit::Bytes,
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::Upload,
                // The vendor takes 50 MB; this is what fits into the memory of a call.
                attachment_size: Some(16 << 20),
                attachment_types: Vec::new(),
            },
            state_schema: 1,
        }
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start(&context, &session)
    }

    fn send(_: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::send(&session, &message)
    }

    fn end(context: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        encode::end(&context, &session, reason)
    }

    fn map(_: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&request)
    }
}

/// Zendesk, "Verifying webhooks": base64 of HMAC-SHA256 over timestamp and body, with nothing between them.
fn signature() -> HmacSignature {
    HmacSignature {
        content: SignedContent::TimestampAndBody,
        timestamp_header: Some("x-zendesk-webhook-signature-timestamp".to_owned()),
        tolerance: TOLERANCE,
        ..HmacSignature::new(WEBHOOK, "x-zendesk-webhook-signature", Encoding::Base64)
    }
}

handover_connector::export!(ZendeskSupport: Connector, Reconcile);
