//! Whether the deployment's business hours are open, as the vendor's own web client asks before it offers a chat.

use handover_connector::http;
use handover_connector::{Attribute, Availability, AvailabilityStatus, Context, Failure};
use serde_json::Value;

use crate::settings::Settings;
use crate::{API, Salesforce, refusal};

impl Availability for Salesforce {
    fn check(context: Context, _: Vec<Attribute>) -> Result<AvailabilityStatus, Failure> {
        let Settings { organization, deployment, .. } = Settings::of(&context)?;
        let path =
            format!("/embeddedservice/v1/businesshours?orgId={organization}&esConfigName={deployment}");
        let response = http::get(API, path).send()?;
        if !response.is_success() {
            return Err(refusal::of_opening(&response).repeatable());
        }
        let answer: Value = response.json()?;
        let hours = answer["businessHoursInfo"]["businessHours"].as_array();
        let within = |span: &Value| {
            let time = |name: &str| span[name].as_u64();
            time("startTime").is_some_and(|begin| begin <= context.now)
                && time("endTime").is_none_or(|end| context.now < end)
        };
        // A deployment without business hours is always open.
        let open = hours.is_none_or(|spans| spans.is_empty() || spans.iter().any(within));
        Ok(AvailabilityStatus { open, agents_online: None, queue_length: None, wait_seconds: None })
    }
}
