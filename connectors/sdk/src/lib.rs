//! What a connector in Rust is written with: the contract's types, and small tools for HTTP, JSON and tests.
//!
//! A connector is a type that implements [`Connector`], and [`Signals`] where its vendor shows typing and receipts:
//!
//! ```ignore
//! struct Acme;
//! impl handover_connector::Connector for Acme { /* describe, start, send, end, map */ }
//! impl handover_connector::Signals for Acme { /* typing, report */ }
//! handover_connector::export!(Acme: Connector, Signals);
//! ```
//!
//! It keeps nothing between calls: every call runs on a fresh instance. What it has to remember it returns as state.
//! Built for the machine that tests run on, the same crate is an ordinary library: [`testing`] plays the vendor.

pub mod bindings;
pub mod crypto;
mod descriptor;
pub mod event;
pub mod failure;
pub mod html;
pub mod http;
pub mod json;
pub mod lines;
pub mod media;
mod session;
pub mod settings;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod text;
pub mod time;

pub use bindings::availability::exports::handover::connector::availability::Status as AvailabilityStatus;
pub use bindings::connector::exports::handover::connector::callback::{
    Answer, Mapped, MappedEvent, Refusal, Request as CallbackRequest,
};
pub use bindings::connector::exports::handover::connector::descriptor::{
    AttachmentMode, CallbackRoute, Credential, CredentialKind, Description, Digest, Encoding, HeaderSecret,
    HmacSignature, Limits, RsaSignature, SignedContent, TextUnit, Upstream, Verification,
};
pub use bindings::connector::exports::handover::connector::handoff::{
    NewSession, Progress, Sent, StartOutcome, Started,
};
pub use bindings::connector::handover::connector::types::{
    AgentMessage, Attachment, Attribute, AuthorKind, Context, Customer, Delivery, DeliveryStatus, EndReason,
    Ended, Event, Failure, FailureReason, Message, Participant, QueueStatus, RetryAdvice, RoutingResult,
    Session, TextFormat, Transfer, Turn, Typing, Update,
};
pub use bindings::feed::exports::handover::connector::feed::{Batch, Frame, Item, Subscription, Transport};
pub use bindings::reconcile::exports::handover::connector::reconcile::Verdict;
pub use bindings::signals::exports::handover::connector::signals::{Outcome as ReceiptOutcome, Receipt};

/// The interfaces that every connector has: `descriptor`, `handoff`, `callback`.
pub trait Connector {
    /// What this connector is and asks for. Reaches nothing but the log.
    fn describe() -> Description;
    /// Begins the conversation at the vendor.
    ///
    /// # Errors
    /// Says whether it may be tried again.
    fn start(context: Context, session: NewSession) -> Result<StartOutcome, Failure>;
    /// Brings one message of the customer to the live agent.
    ///
    /// # Errors
    /// Says whether it may be tried again.
    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure>;
    /// Ends the conversation at the vendor; one that is gone already is success.
    ///
    /// # Errors
    /// Says whether it may be tried again.
    fn end(context: Context, session: Session, reason: EndReason) -> Result<Update, Failure>;
    /// Reads one callback. Reaches nothing.
    ///
    /// # Errors
    /// Says whether the vendor sent nonsense, or this version cannot read it.
    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal>;
}

/// The optional interface `signals`.
pub trait Signals {
    /// The customer types, or stops.
    ///
    /// # Errors
    /// It is not tried again.
    fn typing(context: Context, session: Session, on: bool) -> Result<(), Failure>;
    /// What became of a message of the live agent.
    ///
    /// # Errors
    /// Says whether it may be tried again.
    fn report(context: Context, session: Session, receipt: Receipt) -> Result<(), Failure>;
}

/// The optional interface `reconcile`, for vendors that take no idempotency keys.
pub trait Reconcile {
    /// Whether the vendor has a message whose sending ended without a known outcome.
    ///
    /// # Errors
    /// Says whether it may be asked again; until then the message is not sent again.
    fn find(context: Context, session: Session, message: Message) -> Result<Verdict, Failure>;
}

/// The optional interface `availability`: whether anybody is there, asked before a start.
pub trait Availability {
    /// What the vendor says now.
    ///
    /// # Errors
    /// Where it does not say; the start is then tried all the same.
    fn check(context: Context, routing: Vec<Attribute>) -> Result<AvailabilityStatus, Failure>;
}

/// The optional interface `feed`, for vendors without callbacks, and for repair beside callbacks.
pub trait Feed {
    /// What has happened since `cursor`.
    ///
    /// # Errors
    /// Says whether it may be asked again.
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure>;
    /// What stream to open for this session; none where polling is all there is, as here.
    ///
    /// # Errors
    /// Says whether it may be asked again; until then the session is polled.
    fn open(_: Context, _: Session, _cursor: Option<String>) -> Result<Option<Subscription>, Failure> {
        Ok(None)
    }
    /// Reads one frame of the stream.
    ///
    /// # Errors
    /// The frame is passed over, and the session polled.
    fn read(_: Context, _: Session, _: Frame) -> Result<Batch, Failure> {
        Err(failure::never(FailureReason::Unsupported, "there is no stream"))
    }
}

/// The optional interface `migration`.
pub trait Migration {
    /// Brings the state of an older schema to this version's.
    ///
    /// # Errors
    /// Where it cannot be read; such sessions stay with the older version.
    fn migrate(context: Context, from_schema: u32, state: String) -> Result<String, Failure>;
}

/// Makes a component of a type: `export!(Acme: Connector)`, or with optional interfaces
/// `export!(Acme: Connector, Signals, Reconcile)`.
#[macro_export]
macro_rules! export {
    ($connector:ident: Connector) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::connector::exports::handover::connector as exports;

            struct Component;

            impl exports::descriptor::Guest for Component {
                fn describe() -> $crate::Description {
                    $crate::tell_of_panics();
                    <$connector as $crate::Connector>::describe()
                }
            }

            impl exports::handoff::Guest for Component {
                fn start(
                    context: $crate::Context,
                    session: $crate::NewSession,
                ) -> Result<$crate::StartOutcome, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Connector>::start(context, session)
                }
                fn send(
                    context: $crate::Context,
                    session: $crate::Session,
                    message: $crate::Message,
                ) -> Result<$crate::Sent, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Connector>::send(context, session, message)
                }
                fn end(
                    context: $crate::Context,
                    session: $crate::Session,
                    reason: $crate::EndReason,
                ) -> Result<$crate::Update, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Connector>::end(context, session, reason)
                }
            }

            impl exports::callback::Guest for Component {
                fn map(
                    context: $crate::Context,
                    request: $crate::CallbackRequest,
                ) -> Result<$crate::Mapped, $crate::Refusal> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Connector>::map(context, request)
                }
            }

            $crate::bindings::connector::export_connector!(Component with_types_in $crate::bindings::connector);
        };
    };
    ($connector:ident: Connector, $($optional:ident),+) => {
        $crate::export!($connector: Connector);
        $($crate::export!(@$optional $connector);)+
    };
    (@Availability $connector:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::availability::exports::handover::connector as exports;

            struct Component;

            impl exports::availability::Guest for Component {
                fn check(
                    context: $crate::Context,
                    routing: Vec<$crate::Attribute>,
                ) -> Result<$crate::AvailabilityStatus, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Availability>::check(context, routing)
                }
            }

            $crate::bindings::availability::export_with_availability!(
                Component with_types_in $crate::bindings::availability
            );
        };
    };
    (@Feed $connector:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::feed::exports::handover::connector as exports;

            struct Component;

            impl exports::feed::Guest for Component {
                fn poll(
                    context: $crate::Context,
                    session: $crate::Session,
                    cursor: Option<String>,
                ) -> Result<$crate::Batch, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Feed>::poll(context, session, cursor)
                }
                fn open(
                    context: $crate::Context,
                    session: $crate::Session,
                    cursor: Option<String>,
                ) -> Result<Option<$crate::Subscription>, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Feed>::open(context, session, cursor)
                }
                fn read(
                    context: $crate::Context,
                    session: $crate::Session,
                    frame: $crate::Frame,
                ) -> Result<$crate::Batch, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Feed>::read(context, session, frame)
                }
            }

            $crate::bindings::feed::export_with_feed!(
                Component with_types_in $crate::bindings::feed
            );
        };
    };
    (@Migration $connector:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::migration::exports::handover::connector as exports;

            struct Component;

            impl exports::migration::Guest for Component {
                fn migrate(
                    context: $crate::Context,
                    from_schema: u32,
                    state: String,
                ) -> Result<String, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Migration>::migrate(context, from_schema, state)
                }
            }

            $crate::bindings::migration::export_with_migration!(
                Component with_types_in $crate::bindings::migration
            );
        };
    };
    (@Reconcile $connector:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::reconcile::exports::handover::connector as exports;

            struct Component;

            impl exports::reconcile::Guest for Component {
                fn find(
                    context: $crate::Context,
                    session: $crate::Session,
                    message: $crate::Message,
                ) -> Result<$crate::Verdict, $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Reconcile>::find(context, session, message)
                }
            }

            $crate::bindings::reconcile::export_with_reconcile!(
                Component with_types_in $crate::bindings::reconcile
            );
        };
    };
    (@Signals $connector:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::signals::exports::handover::connector as exports;

            struct Component;

            impl exports::signals::Guest for Component {
                fn typing(
                    context: $crate::Context,
                    session: $crate::Session,
                    on: bool,
                ) -> Result<(), $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Signals>::typing(context, session, on)
                }
                fn report(
                    context: $crate::Context,
                    session: $crate::Session,
                    receipt: $crate::Receipt,
                ) -> Result<(), $crate::Failure> {
                    $crate::tell_of_panics();
                    <$connector as $crate::Signals>::report(context, session, receipt)
                }
            }

            $crate::bindings::signals::export_with_signals!(Component with_types_in $crate::bindings::signals);
        };
    };
}

/// Writes a panic's message to the host's log: without it the host sees nothing but a trap.
#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub fn tell_of_panics() {
    use bindings::connector::handover::connector::log::{Level, write};
    std::panic::set_hook(Box::new(|panic| write(Level::Error, &panic.to_string())));
}
