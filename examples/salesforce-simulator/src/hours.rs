//! The deployment's business hours: while the desk is open, all of today; else none today.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Organization,
    fields::check_deployment,
    refusal::Refusal,
    tokens::{seconds, short},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    org_id: Option<String>,
    es_config_name: Option<String>,
}

pub(crate) async fn tell(
    State(organization): State<Arc<Organization>>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Refusal> {
    if asked.org_id.as_deref().map(short) != Some(short(&organization.config.organization)) {
        return Err(Refusal::bad("The orgId isn't valid."));
    }
    check_deployment(&organization, asked.es_config_name.as_deref())?;
    let now = seconds() * 1000;
    let day = 24 * 60 * 60 * 1000;
    let (from, to) =
        if organization.desk.is_open() { (now - day, now + day) } else { (now + day, now + 2 * day) };
    let hours = json!([{ "startTime": from, "endTime": to }]);
    Ok(Json(json!({ "businessHoursInfo": { "isActive": true, "businessHours": hours } })))
}
