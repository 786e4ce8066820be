//! A connector whose state has changed its form: what each version remembers, and what it makes of the other's.

use handover_connector::{
    Context, Description, Failure, Message, NewSession, Sent, Session, StartOutcome, Started,
};

use crate::{description, failure, sent};

/// What the version of a schema says of itself.
pub fn of_schema(schema: u32) -> Description {
    Description {
        name: "remembers".to_owned(),
        version: format!("{schema}.0.0"),
        state_schema: schema,
        ..description()
    }
}

/// Remembers that it began.
///
/// # Errors
/// None.
pub fn start(schema: u32, session: NewSession) -> Result<StartOutcome, Failure> {
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![session.id],
        state: format!("{schema}: begun"),
        tokens: None,
        events: Vec::new(),
        problem_told: false,
    }))
}

/// Remembers what was said, where it can read what it remembers.
///
/// # Errors
/// Where it cannot, or is told to refuse.
pub fn send(schema: u32, session: Session, message: Message) -> Result<Sent, Failure> {
    if !session.state.starts_with(&format!("{schema}: ")) {
        return Err(failure(format!("version {schema} cannot read {:?}", session.state)));
    }
    match message.text.as_str() {
        "refuse" => Err(failure("told to".to_owned())),
        "forget it" => Ok(Sent { vendor_message_id: None, update: crate::UNCHANGED }),
        text => Ok(sent(format!("{}, {text}", session.state))),
    }
}

/// Makes the state of version 1 one of version 2.
///
/// # Errors
/// Where it is of another version, or says that it cannot be read.
pub fn migrate(_: Context, from_schema: u32, state: String) -> Result<String, Failure> {
    match state.strip_prefix("1: ") {
        Some(rest) if from_schema == 1 && !rest.contains("illegible") => Ok(format!("2: once {rest}")),
        _ => Err(failure(format!("{from_schema} {state}"))),
    }
}

/// Makes a component of a version, by its schema.
#[macro_export]
macro_rules! remembers {
    ($schema:literal $(, $optional:ident)*) => {
        struct Remembers;

        impl $crate::Guest for Remembers {
            fn describe() -> handover_connector::Description {
                $crate::remembers::of_schema($schema)
            }
            fn start(
                _: handover_connector::Context,
                session: handover_connector::NewSession,
            ) -> Result<handover_connector::StartOutcome, handover_connector::Failure> {
                $crate::remembers::start($schema, session)
            }
            fn send(
                _: handover_connector::Context,
                session: handover_connector::Session,
                message: handover_connector::Message,
            ) -> Result<handover_connector::Sent, handover_connector::Failure> {
                $crate::remembers::send($schema, session, message)
            }
        }

        $crate::sin!(Remembers $(, $optional)*);
    };
}
