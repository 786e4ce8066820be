//! Whether anybody is there, as the vendor says.

use std::time::Duration;

use handover_handoff::vendor::Attribute;
use handover_handoff::{Session, Timestamp};

use crate::call::Call;
use crate::convert;
use crate::error::CallError;
use crate::generation::{Generation, refused};

/// How long the vendor may take to say so: the customer waits for the start behind it.
const PATIENCE: Duration = Duration::from_secs(2);

impl Generation {
    /// Whether somebody is there for a session with this routing; none where the connector cannot tell.
    pub async fn anybody(
        &self,
        session: &Session,
        routing: &[Attribute],
        now: Timestamp,
    ) -> Result<Option<bool>, CallError> {
        self.says_open(self.call(session), routing, now).await
    }

    /// The same where no session is to begin: for those who want to know whether all is set up.
    pub async fn opens(&self, now: Timestamp) -> Result<Option<bool>, CallError> {
        let subject = "check".to_owned();
        let call = Call { subject, deadline: self.caller.limits.call, reach: true, tenant: None };
        self.says_open(call, &[], now).await
    }

    async fn says_open(
        &self,
        call: Call,
        routing: &[Attribute],
        now: Timestamp,
    ) -> Result<Option<bool>, CallError> {
        let Some(indices) = self.interfaces.availability.clone() else { return Ok(None) };
        let (context, routing) = (self.context(now), convert::attributes(routing));
        let call = Call { deadline: call.deadline.min(PATIENCE), ..call };
        let status = self
            .caller
            .run(call, move |store, instance| {
                Box::pin(async move {
                    let availability = indices.load(&mut *store, &instance)?;
                    availability.call_check(store, &context, &routing).await
                })
            })
            .await?
            .map_err(refused)?;
        Ok(Some(status.open && status.agents_online != Some(0)))
    }
}
