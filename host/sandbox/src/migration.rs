//! State of older schemas: which version reads it, and how a newer one makes it its own.
//!
//! A session's state is migrated before the first call that a newer version makes for it, and stored with that call's
//! outcome; where the call fails, nothing has changed and it is migrated again with the next. Where migrating fails, the
//! session stays with the version before.

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use handover_handoff::outcome::Update;
use handover_handoff::{Session, Timestamp};

use crate::bindings::handover::connector::types as wit;
use crate::bounds::Bounds;
use crate::convert::{self, now};
use crate::error::CallError;
use crate::generation::{Generation, Shared, refused};
use crate::slot::Slot;

/// A session as this version reads it.
pub(crate) struct Own {
    pub(crate) subject: wit::Session,
    /// Its state, where that had to be made anew.
    migrated: Option<String>,
}

/// The version that goes on with a session: the one that serves, unless that cannot read the session's state.
pub(crate) async fn reader(slot: &Slot, session: &Session) -> Option<Shared> {
    let schema = session.vendor.schema;
    let serving = slot.reader(schema)?;
    let Some(schema) = schema.filter(|schema| *schema != serving.description.state_schema) else {
        return Some(serving);
    };
    // Where the version before is not there, what serves says what is wrong.
    let Some(before) = slot.writer(schema) else { return Some(serving) };
    if slot.stays(session.id, schema) {
        return Some(before);
    }
    match serving.own(session, now()).await {
        Err(error) if is_for_good(&error) => {
            if slot.keep_back(session.id, schema) {
                tracing::warn!(
                    session = %session.id,
                    connector = session.connector,
                    version = before.description.version,
                    next = serving.description.version,
                    reason = %error,
                    "its state could not be migrated: the session stays with the version that it has"
                );
            }
            Some(before)
        }
        // What is only in the way now is in the way of the call, too, which says so.
        _ => Some(serving),
    }
}

/// Whether trying again would come to the same.
fn is_for_good(error: &CallError) -> bool {
    match error {
        CallError::Trapped { .. } | CallError::OverLimit(_) | CallError::TimedOut { .. } => true,
        CallError::Failed(failure) => failure.retry == RetryAdvice::Never,
        CallError::Busy(_) | CallError::Unsupported(_) => false,
    }
}

impl Generation {
    /// Whether it can go on with state of this schema.
    pub fn reads(&self, schema: u32) -> bool {
        let own = self.description.state_schema;
        schema == own || (schema < own && self.description.capabilities.migration)
    }

    /// A session as this version reads it.
    pub(crate) async fn own(&self, session: &Session, now: Timestamp) -> Result<Own, CallError> {
        let mut subject = convert::session(session);
        let own = self.description.state_schema;
        let Some(schema) = session.vendor.schema.filter(|schema| *schema != own) else {
            return Ok(Own { subject, migrated: None });
        };
        let indices = self.interfaces.migration.clone().filter(|_| schema < own);
        let indices = indices.ok_or_else(|| CallError::Failed(unread(schema, &self.description.version)))?;
        let (context, state) = (self.context(now), session.vendor.state.clone());
        let migrated = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let migration = indices.load(&mut *store, &instance)?;
                    migration.call_migrate(store, &context, schema, &state).await
                })
            })
            .await?
            .map_err(refused)?;
        Bounds(&self.caller.limits).migrated(&migrated)?;
        subject.state.clone_from(&migrated);
        Ok(Own { subject, migrated: Some(migrated) })
    }

    /// What a call leaves behind, with what was migrated for it.
    pub(crate) fn kept(&self, update: wit::Update, migrated: Option<String>) -> Update {
        let state = update.state.or(migrated);
        let schema = state.as_ref().map(|_| self.description.state_schema);
        Update { state, tokens: update.tokens, schema }
    }
}

impl Own {
    /// The session, and what was migrated.
    pub(crate) fn apart(self) -> (wit::Session, Option<String>) {
        (self.subject, self.migrated)
    }
}

fn unread(schema: u32, version: &str) -> Failure {
    Failure {
        reason: FailureReason::Unavailable,
        retry: RetryAdvice::Safe(None),
        detail: format!(
            "the session's state is of schema {schema}, which version {version} cannot read: install one that can"
        ),
    }
}
