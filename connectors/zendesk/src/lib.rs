//! The Zendesk connector: speaks the Sunshine Conversations API v2 (`/v2/apps/{appId}/…`, OpenAPI 17.12), with which a
//! Zendesk account with messaging brings customers to its Agent Workspace. [`encode`] goes to the vendor, [`decode`]
//! comes from it.

mod decode;
mod encode;
mod settings;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, EndReason, Failure, Limits, Mapped, Message, NewSession, Refusal, Sent, Session,
    StartOutcome, TextFormat, TextUnit, Update, Upstream, Verification,
};

/// The connector.
pub struct Zendesk;

/// The name of its one upstream, and of the credential that goes there.
const API: &str = "api";

/// The name of the secret that callbacks carry.
const WEBHOOK: &str = "webhook";

/// The longest text of one message (schema `textMessage`), in UTF-16 units.
const MOST_TEXT: usize = 4096;

/// What marks conversations, switchboard actions and parts of the transcript as ours: the session's id.
const SESSION_MARK: &str = "handover_session";

/// What marks messages as ours: the host's message id.
const MESSAGE_MARK: &str = "handover_message";

/// Tells the parts of a message or transcript apart: 0, 1, …
const PART_MARK: &str = "handover_part";

/// What the lookup key of a user begins with; one without it is a conversation's.
const USER_KEY: &str = "user:";

impl Connector for Zendesk {
    fn describe() -> Description {
        Description {
            name: "zendesk".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "Zendesk".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            credentials: vec![
                Credential::required(
                    API,
                    &[CredentialKind::Basic, CredentialKind::Bearer, CredentialKind::Key],
                    "Admin Center, Apps and integrations, Conversations API: a key of the scope `app`. `basic` with \
                     the key's id and secret; or `key` with the secret, and the id as `settings.key_id`, to sign \
                     tokens with",
                ),
                Credential::required(
                    WEBHOOK,
                    &[CredentialKind::Key],
                    "The shared secret of the integration's webhook, which Zendesk shows when the webhook is made and \
                     sends as X-API-Key",
                ),
            ],
            upstreams: vec![
                Upstream::new(
                    API,
                    Some(API),
                    "https://SUBDOMAIN.zendesk.com/sc; https://api.smooch.io or https://api.eu-1.smooch.io for \
                     accounts from before Zendesk",
                )
                .usually_at("https://{subdomain}.zendesk.com/sc"),
            ],
            callbacks: vec![CallbackRoute::post(vec![Verification::header(WEBHOOK, "x-api-key", "")])],
            limits: Limits {
                text_length: u32::try_from(MOST_TEXT).ok(),
                text_unit: TextUnit::Utf16Units,
                // Whether agents see a customer's rich text is not documented.
                text_formats: vec![TextFormat::Plain],
                attachments: AttachmentMode::Upload,
                // The vendor takes 50 MB; this is what fits twice into the memory of a call.
                attachment_size: Some(16 << 20),
                attachment_types: Vec::new(),
            },
            state_schema: 1,
        }
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start::start(&context, &session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::message::send(&context, &session, &message)
    }

    fn end(context: Context, session: Session, reason: EndReason) -> Result<Update, Failure> {
        encode::ending::end(&context, &session, reason)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&context, &request)
    }
}

handover_connector::export!(Zendesk: Connector, Signals, Reconcile);
