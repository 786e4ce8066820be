//! Whether all is set up, as the connector finds by trying; since 1.1 of the contract.

use handover_handoff::Timestamp;
use handover_handoff::delivery::Failure;

use crate::bindings::exports::handover::connector::trial::Finding as Told;
use crate::call::Call;
use crate::convert;
use crate::error::CallError;
use crate::generation::Generation;

/// Findings of one trial that are heard.
const MOST: usize = 50;

/// One thing that a connector tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in one line.
    pub subject: String,
    /// Why it does not work; none where it does.
    pub failure: Option<Failure>,
}

impl Generation {
    /// What the connector finds by trying what sessions will need; none where it cannot try.
    ///
    /// # Errors
    /// Where it breaks down, or takes longer than a call may.
    pub async fn try_out(&self, now: Timestamp) -> Result<Option<Vec<Finding>>, CallError> {
        let Some(indices) = self.interfaces.trial.clone() else { return Ok(None) };
        let context = self.context(now);
        let subject = "check".to_owned();
        let call = Call { subject, deadline: self.caller.limits.call, reach: true, tenant: None };
        let told = self
            .caller
            .run(call, move |store, instance| {
                Box::pin(async move {
                    let trial = indices.load(&mut *store, &instance)?;
                    trial.call_try_out(store, &context).await
                })
            })
            .await?;
        Ok(Some(told.into_iter().take(MOST).map(finding).collect()))
    }
}

fn finding(told: Told) -> Finding {
    Finding { subject: convert::short(&told.subject), failure: told.failure.map(convert::failure) }
}
