//! The ServiceNow connector: speaks the Virtual Agent Bot Integration API, straight to a live agent of Agent Chat.
//! [`encode`] goes to the vendor, [`decode`] comes from it.

mod decode;
mod encode;
mod settings;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Connector, Context, Credential, CredentialKind,
    Description, EndReason, Failure, Limits, Mapped, Message, NewSession, Refusal, Sent, Session,
    StartOutcome, TextUnit, Update, Upstream, Verification,
};

/// The connector.
pub struct ServiceNow;

/// The name of its one upstream, and of the credential that goes there.
const API: &str = "api";

/// The name of the key that request bodies are signed with, beside `api`.
const SIGNATURE: &str = "signature";

/// The name of the secret that stands in a header of callbacks.
const CALLBACK: &str = "callback";

/// The name of the user and password of callbacks.
const CALLBACK_BASIC: &str = "callback-basic";

/// The header that the instance's outbound connection is told to send.
const CALLBACK_HEADER: &str = "x-handover-secret";

/// Media types that the API documents (Bot Integration API, `message.attachment.contentType`; Common errors).
const FILES: [&str; 7] = [
    "application/pdf",
    "application/msword",
    "image/png",
    "image/jpeg",
    "text/plain",
    "video/mpeg",
    "video/mp4",
];

impl Connector for ServiceNow {
    fn describe() -> Description {
        Description {
            name: "servicenow".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: "ServiceNow".to_owned(),
            config_schema: settings::SCHEMA.to_owned(),
            credentials: credentials(),
            upstreams: vec![Upstream::new(API, Some(API), "The instance, e.g. https://acme.service-now.com")],
            // The API signs nothing that it sends ("Outbound message creation: currently not supported").
            callbacks: vec![CallbackRoute::post(vec![
                Verification::header(CALLBACK, CALLBACK_HEADER, ""),
                Verification::Basic(CALLBACK_BASIC.to_owned()),
            ])],
            limits: Limits {
                // `message.text`: "Maximum length: Unlimited".
                text_length: None,
                text_unit: TextUnit::Characters,
                text_formats: Vec::new(),
                attachments: AttachmentMode::ByUrl,
                attachment_size: None,
                attachment_types: FILES.map(str::to_owned).to_vec(),
            },
            state_schema: 1,
        }
    }

    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        encode::start(&context, &session)
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        encode::send(&context, &session, &message)
    }

    fn end(context: Context, session: Session, _: EndReason) -> Result<Update, Failure> {
        encode::end(&context, &session)
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        decode::map(&context, &request)
    }
}

fn credentials() -> Vec<Credential> {
    use CredentialKind::{Basic, Bearer, Header, Key, Oauth2ClientCredentials};
    vec![
        Credential::optional(
            API,
            &[Basic, Oauth2ClientCredentials, Bearer, Header, Key],
            "A user of the instance (basic), an OAuth client of its Application Registry, the static token of Token \
             Verifications (header `token`), or the secret of Hash Message Verifications (body-hmac, sha1, header \
             `x-b2b-signature`)",
        ),
        Credential::optional(
            SIGNATURE,
            &[Key],
            "The secret of Hash Message Verifications, where `sign_messages` is set: bodies are signed beside Basic or \
             OAuth",
        ),
        Credential::optional(
            CALLBACK,
            &[Key],
            "What the outbound connection of the instance sends in the header x-handover-secret (Connections & \
             Credentials, Attributes)",
        ),
        Credential::optional(
            CALLBACK_BASIC,
            &[Basic],
            "The Basic credential of the outbound connection of the instance, instead of the header",
        ),
    ]
}

handover_connector::export!(ServiceNow: Connector, Signals);
