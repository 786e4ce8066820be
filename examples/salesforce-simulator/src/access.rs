//! Visitors come in: as guests, as known customers, or with a token at hand.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Organization,
    fields::{Body, check_deployment},
    refusal::Refusal,
    tokens::{Visitor, short},
};

type Answer = Result<Json<Value>, Refusal>;

/// `generateAccessTokenForUnauthenticatedUser` and `…AuthenticatedUser`, together.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    org_id: String,
    es_developer_name: String,
    capabilities_version: String,
    platform: String,
    device_id: Option<String>,
    #[serde(default, rename = "context")]
    _context: Client,
    #[serde(rename = "captchaToken")]
    _captcha: Option<String>,
    authorization_type: Option<String>,
    customer_identity_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Client {
    #[serde(rename = "appName")]
    _app_name: Option<String>,
    #[serde(rename = "clientVersion")]
    _client_version: Option<String>,
}

pub(crate) async fn guest(State(organization): State<Arc<Organization>>, Body(asked): Body<Asked>) -> Answer {
    check(&organization, &asked)?;
    if asked.authorization_type.is_some() || asked.customer_identity_token.is_some() {
        return Err(Refusal::bad("A guest has no customerIdentityToken."));
    }
    Ok(grant(&organization, &stranger(), None, asked.device_id))
}

pub(crate) async fn known(State(organization): State<Arc<Organization>>, Body(asked): Body<Asked>) -> Answer {
    check(&organization, &asked)?;
    if asked.authorization_type.as_deref() != Some("JWT") {
        return Err(Refusal::bad("Specify a valid authorizationType."));
    }
    let token = asked.customer_identity_token.as_deref();
    let token = token.ok_or_else(|| Refusal::bad("Specify the customerIdentityToken."))?;
    let identity = organization.config.identity.as_ref();
    // As reported of the vendor: who is not believed is let in all the same, as a guest.
    let subject = match identity.and_then(|identity| identity.believe(token)) {
        Some(customer) => format!("v2/iamessage/AUTH/keys/uid:{customer}"),
        None => format!("v2/iamessage/ANON/{}", agent_desk::fresh_id()),
    };
    Ok(grant(&organization, &subject, None, asked.device_id))
}

/// The same subject, another client. It supports further tabs, "and it doesn't extend the JWT expiration time".
pub(crate) async fn continued(State(organization): State<Arc<Organization>>, visitor: Visitor) -> Answer {
    let expires = (!organization.config.continuation_extends).then_some(visitor.expires);
    Ok(grant(&organization, &visitor.subject, expires, None))
}

fn check(organization: &Organization, asked: &Asked) -> Result<(), Refusal> {
    let ids = [organization.config.organization.as_str(), short(&organization.config.organization)];
    if !ids.contains(&asked.org_id.as_str()) {
        return Err(Refusal::bad("The orgId isn't valid."));
    }
    check_deployment(organization, Some(&asked.es_developer_name))?;
    if asked.capabilities_version != "1" {
        return Err(Refusal::bad("The capabilitiesVersion isn't valid."));
    }
    if !matches!(asked.platform.as_str(), "Web" | "Mobile") {
        return Err(Refusal::bad("The platform isn't valid."));
    }
    Ok(())
}

fn stranger() -> String {
    format!("v2/iamessage/UNAUTH/NA/uid:{}", agent_desk::fresh_id())
}

fn grant(
    organization: &Organization,
    subject: &str,
    expires: Option<u64>,
    device: Option<String>,
) -> Json<Value> {
    Json(json!({
        "accessToken": organization.tokens.make(subject, expires),
        "lastEventId": organization.book.last_event().to_string(),
        "context": {
            "configuration": { "embeddedServiceConfig": {
                "name": organization.config.deployment,
                "deploymentType": "Api",
                "embeddedServiceMessagingChannel": { "authMode": "UnAuth" },
                "attachments": { "endUserToAgent": true, "maxFileSize": 5 },
                "transcript": { "allowTranscriptDownload": false },
            } },
            "deviceId": device.unwrap_or_else(agent_desk::fresh_id),
            "endUser": { "appType": "iamessage", "role": "EndUser", "subject": subject },
        },
    }))
}
