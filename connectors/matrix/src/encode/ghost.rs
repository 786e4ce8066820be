//! The customer's ghost: a user in our namespace, with a name and a device. All of it can be asked for again.

use handover_connector::failure::misconfigured;
use handover_connector::http::Method;
use handover_connector::text::{clean, clip, percent};
use handover_connector::{Customer, Failure};
use serde_json::json;

use crate::names::local;
use crate::server;
use crate::settings::Settings;

/// UTF-16 units of the longest name; Synapse takes 256 characters.
const LONGEST_NAME: usize = 200;

/// The name to show.
pub fn name(customer: &Customer) -> String {
    let name = clean(customer.name.as_deref().unwrap_or_default());
    let name = clip(name.trim(), LONGEST_NAME).trim();
    if name.is_empty() { "Customer".to_owned() } else { name.to_owned() }
}

/// Makes the ghost, unless it is there.
pub fn appear(settings: &Settings, ghost: &str, customer: &Customer) -> Result<(), Failure> {
    let body = json!({
        "type": "m.login.application_service",
        "username": local(ghost),
        "inhibit_login": true,
    });
    let made = server::answered(server::request(Method::Post, "client/v3/register", ghost).json(&body))?;
    if !made.is_success() && server::code(&made) != "M_USER_IN_USE" {
        return Err(beginning(server::refused(&made)));
    }
    let path = format!("client/v3/profile/{}/displayname", percent(ghost));
    let named = json!({ "displayname": name(customer) });
    server::done(server::request(Method::Put, &path, ghost).json(&named)).map_err(beginning)?;
    device(settings, ghost)
}

/// Gives the ghost its device (MSC4190).
pub fn device(settings: &Settings, ghost: &str) -> Result<(), Failure> {
    if settings.device.is_empty() {
        return Ok(());
    }
    let path = format!("client/v3/devices/{}", percent(&settings.device));
    let made = server::answered(server::request(Method::Put, &path, ghost).json(&json!({})))?;
    match made.status {
        200..=299 => Ok(()),
        // Refused as to an ordinary user.
        400 | 403 | 404 | 405 => Err(misconfigured(
            "settings.device",
            "the homeserver makes no device: the registration needs `io.element.msc4190: true`, or set device = \"\"",
        )),
        _ => Err(beginning(server::refused(&made))),
    }
}

/// There is no conversation yet that could be gone: we may not act as that user.
pub fn beginning(failure: Failure) -> Failure {
    failure.before_conversation("settings.prefix")
}
