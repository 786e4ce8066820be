//! What all fixtures share: a connector that does nothing wrong, of which each example overrides the one thing that
//! it does wrong, after which it is named.

pub mod echo;
pub mod remembers;
pub mod wander;

use handover_connector::{
    AttachmentMode, CallbackRequest, CallbackRoute, Context, Description, EndReason, Failure, FailureReason,
    Limits, Mapped, Message, NewSession, Refusal, RetryAdvice, Sent, Session, StartOutcome, Started,
    TextUnit, Update, Upstream, Verification,
};

/// The name of the one upstream that fixtures declare.
pub const API: &str = "api";

/// A well-behaved connector, to be spoilt in one place. See [`sin`].
pub trait Guest {
    /// What it says of itself.
    fn describe() -> Description {
        description()
    }

    /// Begins a conversation that is named like the session.
    ///
    /// # Errors
    /// None, unless that is the sin.
    fn start(_context: Context, session: NewSession) -> Result<StartOutcome, Failure> {
        Ok(StartOutcome::Started(Started {
            lookup_keys: vec![session.id],
            state: String::new(),
            tokens: None,
            events: Vec::new(),
            problem_told: false,
        }))
    }

    /// Takes the message.
    ///
    /// # Errors
    /// None, unless that is the sin.
    fn send(_context: Context, _session: Session, _message: Message) -> Result<Sent, Failure> {
        Ok(sent(String::new()))
    }

    /// Ends.
    ///
    /// # Errors
    /// None, unless that is the sin.
    fn end(_context: Context, _session: Session, _reason: EndReason) -> Result<Update, Failure> {
        Ok(UNCHANGED)
    }

    /// Finds nothing in a callback.
    ///
    /// # Errors
    /// None, unless that is the sin.
    fn map(_context: Context, _request: CallbackRequest) -> Result<Mapped, Refusal> {
        Ok(Mapped { events: Vec::new(), answer: None, answer_when_closed: None })
    }
}

/// Nothing to remember.
pub const UNCHANGED: Update = Update { state: None, tokens: None };

/// A description that nobody refuses where `api` is granted.
pub fn description() -> Description {
    Description {
        name: "fixture".to_owned(),
        version: "1.0.0".to_owned(),
        vendor: "Fixture".to_owned(),
        config_schema: r#"{"type": "object"}"#.to_owned(),
        credentials: Vec::new(),
        upstreams: vec![upstream(API)],
        callbacks: vec![CallbackRoute {
            path: String::new(),
            methods: vec!["POST".to_owned()],
            verification: vec![Verification::None],
        }],
        limits: Limits {
            text_length: None,
            text_unit: TextUnit::Characters,
            text_formats: Vec::new(),
            attachments: AttachmentMode::ByUrl,
            attachment_size: None,
            attachment_types: Vec::new(),
        },
        state_schema: 1,
    }
}

/// An upstream to declare.
pub fn upstream(name: &str) -> Upstream {
    Upstream {
        name: name.to_owned(),
        default_base_url: None,
        further_hosts: Vec::new(),
        credential: None,
        help: String::new(),
    }
}

/// A message that was taken; `state` is where fixtures tell the test what they have seen.
pub fn sent(state: String) -> Sent {
    Sent { vendor_message_id: None, update: Update { state: Some(state), tokens: None } }
}

/// A failure that is final.
pub fn failure(detail: String) -> Failure {
    Failure { reason: FailureReason::Rejected, retry: RetryAdvice::Never, detail }
}

/// Makes a component of a [`Guest`], with optional interfaces where it has them.
#[macro_export]
macro_rules! sin {
    ($guest:ident $(, $optional:ident)*) => {
        // Built for the machine that tests run on nothing else uses it.
        const _: $guest = $guest;

        impl handover_connector::Connector for $guest {
            fn describe() -> handover_connector::Description {
                <$guest as $crate::Guest>::describe()
            }
            fn start(
                context: handover_connector::Context,
                session: handover_connector::NewSession,
            ) -> Result<handover_connector::StartOutcome, handover_connector::Failure> {
                <$guest as $crate::Guest>::start(context, session)
            }
            fn send(
                context: handover_connector::Context,
                session: handover_connector::Session,
                message: handover_connector::Message,
            ) -> Result<handover_connector::Sent, handover_connector::Failure> {
                <$guest as $crate::Guest>::send(context, session, message)
            }
            fn end(
                context: handover_connector::Context,
                session: handover_connector::Session,
                reason: handover_connector::EndReason,
            ) -> Result<handover_connector::Update, handover_connector::Failure> {
                <$guest as $crate::Guest>::end(context, session, reason)
            }
            fn map(
                context: handover_connector::Context,
                request: handover_connector::CallbackRequest,
            ) -> Result<handover_connector::Mapped, handover_connector::Refusal> {
                <$guest as $crate::Guest>::map(context, request)
            }
        }

        handover_connector::export!($guest: Connector $(, $optional)*);
    };
}
