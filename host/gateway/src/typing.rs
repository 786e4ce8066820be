//! Typing, both ways: passed on at once or not at all, never stored, never after a session's end.

use std::sync::Arc;

use handover_handoff::ConversationKey;
use handover_relay::Heard;
use handover_store::{StoreError, Subject};

use crate::clock;
use crate::gateway::Gateway;

/// How often the live agent is told that the customer types, in milliseconds.
const EVERY: u64 = 3_000;

/// The customer types: the live agent's desktop shows it, where the connector can.
pub(crate) async fn of_customer(
    gateway: &Arc<Gateway>,
    key: ConversationKey,
    caller: Option<&str>,
) -> Result<(), StoreError> {
    let session = gateway.open(Subject::Conversation(key)).await?;
    let Some(session) = session.filter(|session| session.address.caller.as_deref() == caller) else {
        return Ok(());
    };
    let now = clock::now();
    let known = !session.vendor.lookup_keys.is_empty();
    let Some(connector) = gateway.sandbox.connector(&session.connector).filter(|_| known) else {
        return Ok(());
    };
    if connector.description().capabilities.signals && gateway.may_tell_typing(session.id, now, EVERY) {
        tokio::spawn(async move {
            if let Err(error) = connector.typing(&session, true, now).await {
                tracing::debug!(session = %session.id, reason = %error, "typing was not told");
            }
        });
    }
    Ok(())
}

/// The live agent types: the customer's channel shows it. Channels know no stopping; it wears off.
pub(crate) async fn of_agent(
    gateway: &Arc<Gateway>,
    subject: Subject,
    on: bool,
) -> Result<Heard, StoreError> {
    let Some(session) = gateway.relay.look(subject).await? else {
        return Ok(Heard::Unknown);
    };
    if !session.phase.is_open() {
        return Ok(Heard::Closed);
    }
    if on {
        let gateway = Arc::clone(gateway);
        tokio::spawn(async move { gateway.outbound.typing(&session.address).await });
    }
    Ok(Heard::Accepted)
}
