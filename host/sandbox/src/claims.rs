//! What a component says of itself, and whether that may be so.

use crate::bindings::exports::handover::connector::descriptor as guest;
use crate::config::ConnectorConfig;
use crate::description::{CallbackRoute, Capabilities, Description, TextUnit};
use crate::egress::Egress;
use crate::folder::is_name;
use crate::load::Rejection;
use crate::schema;

/// In the host's words.
pub(crate) fn read(told: &guest::Description, capabilities: Capabilities) -> Description {
    Description {
        name: told.name.clone(),
        version: told.version.clone(),
        vendor: told.vendor.clone(),
        upstreams: told.upstreams.iter().map(|upstream| upstream.name.clone()).collect(),
        credentials: told.credentials.iter().map(|credential| credential.name.clone()).collect(),
        callbacks: told.callbacks.iter().map(route).collect(),
        text_limit: told.limits.text_length.map(|length| (length, unit(told.limits.text_unit))),
        state_schema: told.state_schema,
        capabilities,
    }
}

fn unit(unit: guest::TextUnit) -> TextUnit {
    match unit {
        guest::TextUnit::Bytes => TextUnit::Bytes,
        guest::TextUnit::Utf16Units => TextUnit::Utf16Units,
        guest::TextUnit::Characters => TextUnit::Characters,
    }
}

fn route(route: &guest::CallbackRoute) -> CallbackRoute {
    use guest::Verification;
    let scheme = |verification: &Verification| match verification {
        Verification::Hmac(_) => "hmac",
        Verification::SharedSecret(_) => "shared-secret",
        Verification::Basic(_) => "basic",
        Verification::BearerJwt(_) => "bearer-jwt",
        Verification::Rsa(_) => "rsa",
        Verification::StandardWebhooks(_) => "standard-webhooks",
        Verification::AwsSns => "aws-sns",
        Verification::ClientCertificate(_) => "client-certificate",
        Verification::None => "none",
    };
    CallbackRoute {
        path: route.path.trim_start_matches('/').to_owned(),
        methods: route.methods.clone(),
        verification: route.verification.iter().map(scheme).collect(),
    }
}

/// Holds what a component asks for against what the operator grants: all differences at once.
pub(crate) fn check(
    name: &str,
    description: &Description,
    told: &guest::Description,
    config: &ConnectorConfig,
    egress: &Egress,
) -> Result<(), Rejection> {
    let mut wrong = Vec::new();
    if !is_name(&description.name) {
        wrong.push(format!("calls itself `{}`, which is no connector's name", description.name));
    }
    let version = &description.version;
    if version.is_empty() || version.len() > 64 || !version.chars().all(|c| c.is_ascii_graphic()) {
        wrong.push("says no version, or one that cannot be written in a line".to_owned());
    }
    if description.vendor.chars().any(char::is_control) {
        wrong.push("names a vendor that cannot be written in a line".to_owned());
    }
    if let Some((0, _)) = description.text_limit {
        wrong.push("says that a message may have no text at all: none is no limit".to_owned());
    }
    for upstream in description.upstreams.iter().filter(|upstream| !egress.grants(upstream)) {
        wrong.push(format!(
            "asks for upstream `{upstream}`, which is not granted: set [connectors.{name}.upstreams.{upstream}] base_url"
        ));
    }
    for credential in told.credentials.iter().filter(|credential| credential.required) {
        wrong.push(format!(
            "asks for credential `{}`; this gateway cannot hold credentials yet",
            credential.name
        ));
    }
    for route in description.callbacks.iter().filter(|route| !route.verification.contains(&"none")) {
        wrong.push(format!(
            "wants callbacks at `/{}` verified by {}; this gateway cannot verify callbacks yet",
            route.path,
            route.verification.join(" or ")
        ));
    }
    match schema::differences(&told.config_schema, &config.settings) {
        Ok(found) => wrong.extend(found.iter().map(|e| format!("[connectors.{name}.settings]{e}"))),
        Err(e) => wrong.push(format!("its config-schema {e}")),
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ").into()) }
}
