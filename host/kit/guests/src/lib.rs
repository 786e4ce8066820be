//! A correct connector for a small imagined help desk, and the mistakes that its authors could have made.
//!
//! The operator's setting `mistake` names the one that it makes; without one it makes none. What a connector says of
//! itself is asked before there are settings, so mistakes in that are examples of their own.
//!
//! The desk: `POST /people` and `POST /tickets` begin a conversation, `POST /tickets/ID/notes` brings a message, which
//! is shown once per id, `POST /tickets/ID/close` ends it. It hands out a visitor's token with the ticket. It posts
//! `{"events": […]}`, signed with a base64 HMAC over the body.

mod description;
mod from_vendor;
pub mod options;
mod starting;
mod to_vendor;

pub use description::{SETTINGS, describe};
pub use from_vendor::map;
pub use handover_connector::Encoding;
pub use starting::start;
pub use to_vendor::{end, send};

use handover_connector::{Context, Failure, FailureReason, RetryAdvice};
use serde::{Deserialize, Serialize};

/// The name of the one upstream.
pub(crate) const DESK: &str = "desk";

/// What the connector remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) person: String,
    pub(crate) ticket: Option<String>,
    #[serde(default)]
    pub(crate) notes: String,
    #[serde(default)]
    pub(crate) ended: bool,
}

impl Memory {
    pub(crate) fn read(state: &str) -> Self {
        serde_json::from_str(state).unwrap_or_default()
    }

    pub(crate) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The mistake to be made.
pub(crate) struct Mistake(String);

impl Mistake {
    pub(crate) fn of(context: &Context) -> Self {
        #[derive(Deserialize)]
        struct Settings {
            #[serde(default)]
            mistake: String,
        }
        let settings: Option<Settings> = serde_json::from_str(&context.settings).ok();
        Self(settings.map(|settings| settings.mistake).unwrap_or_default())
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.0 == name
    }

    /// Spoils the advice of a failure, where that is the mistake.
    pub(crate) fn advice(&self, mut failure: Failure) -> Failure {
        let reason = failure.reason.clone();
        let (limited, unavailable) =
            (reason == FailureReason::RateLimited, reason == FailureReason::Unavailable);
        match (self.0.as_str(), failure.retry) {
            ("pause-not-handed-on", RetryAdvice::Safe(_)) if limited => {
                failure.retry = RetryAdvice::Safe(None)
            }
            ("pause-in-seconds", RetryAdvice::Safe(Some(ms))) => {
                failure.retry = RetryAdvice::Safe(Some(ms / 1000));
            }
            ("rate-limit-never", _) if limited => failure.retry = RetryAdvice::Never,
            ("server-error-never", RetryAdvice::UnknownOutcome) => failure.retry = RetryAdvice::Never,
            ("unknown-called-safe", RetryAdvice::UnknownOutcome) => failure.retry = RetryAdvice::Safe(None),
            ("unreachable-called-never", RetryAdvice::Safe(None)) if unavailable => {
                failure.retry = RetryAdvice::Never;
            }
            ("unauthorised-called-safe", _) if matches!(reason, FailureReason::Misconfigured(_)) => {
                failure.retry = RetryAdvice::Safe(None);
            }
            ("unauthorised-called-rejected", _) if matches!(reason, FailureReason::Misconfigured(_)) => {
                failure.reason = FailureReason::Rejected;
            }
            ("gone-called-safe", _) if reason == FailureReason::ConversationGone => {
                failure.retry = RetryAdvice::Safe(None);
            }
            ("bad-request-called-safe", RetryAdvice::Never) if reason == FailureReason::Rejected => {
                failure.retry = RetryAdvice::Safe(None);
            }
            _ => {}
        }
        failure
    }
}

/// Makes a component that describes itself so.
#[macro_export]
macro_rules! desk {
    ($connector:ident, $settings:expr, $encoding:expr) => {
        // Built for the machine that tests run on nothing else uses it.
        const _: $connector = $connector;

        impl handover_connector::Connector for $connector {
            fn describe() -> handover_connector::Description {
                $crate::describe($settings, $encoding)
            }
            fn start(
                context: handover_connector::Context,
                session: handover_connector::NewSession,
            ) -> Result<handover_connector::StartOutcome, handover_connector::Failure> {
                $crate::start(&context, &session)
            }
            fn send(
                context: handover_connector::Context,
                session: handover_connector::Session,
                message: handover_connector::Message,
            ) -> Result<handover_connector::Sent, handover_connector::Failure> {
                $crate::send(&context, &session, &message)
            }
            fn end(
                context: handover_connector::Context,
                session: handover_connector::Session,
                _: handover_connector::EndReason,
            ) -> Result<handover_connector::Update, handover_connector::Failure> {
                $crate::end(&context, &session)
            }
            fn map(
                context: handover_connector::Context,
                request: handover_connector::CallbackRequest,
            ) -> Result<handover_connector::Mapped, handover_connector::Refusal> {
                $crate::map(&context, &request)
            }
        }

        handover_connector::export!($connector: Connector);
    };
}
