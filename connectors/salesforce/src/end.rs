//! The end from our side: the messaging session, and for a guest the conversation too.

use handover_connector::http::Method;
use handover_connector::{Context, Failure, Session, Update};

use crate::request::of_conversation;
use crate::settings::Settings;
use crate::visitor::Visitor;
use crate::{ids, refusal};

pub fn end(context: &Context, session: &Session) -> Result<Update, Failure> {
    let settings = Settings::of(context)?;
    // Without a visitor nothing was ever begun.
    let Some(visitor) = Visitor::parse(session.tokens.as_deref()) else { return Ok(Update::UNCHANGED) };
    let (visitor, tokens) = visitor.renewed(context, &settings, &session.customer.id);
    let update = Update { state: None, tokens };
    if visitor.has_expired(context.now) {
        // Nobody can reach the conversation any more: Salesforce ends it by its own timeouts.
        return Ok(update);
    }
    close(&settings, &visitor, &ids::conversation(session))?;
    Ok(update)
}

/// Ends the messaging session, and with a guest, who never comes back to it, the conversation. A known customer's next
/// chat may go on in it.
pub fn close(settings: &Settings, visitor: &Visitor, conversation: &str) -> Result<(), Failure> {
    delete(settings, visitor, conversation, "/session")?;
    if settings.identity.is_none() {
        delete(settings, visitor, conversation, "")?;
    }
    Ok(())
}

/// What is gone, or over, has ended.
fn delete(settings: &Settings, visitor: &Visitor, conversation: &str, what: &str) -> Result<(), Failure> {
    let rest = format!("{what}?esDeveloperName={}", settings.deployment);
    let response = of_conversation(visitor, Method::Delete, conversation, &rest).repeatable().send()?;
    if response.is_success() || matches!(response.status, 401 | 403 | 404 | 409 | 410) {
        return Ok(());
    }
    Err(refusal::of_conversation(&response).repeatable())
}
