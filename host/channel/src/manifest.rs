//! The skill manifest that the bot's maker registers.

use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// The manifest as it is kept; its endpoint is a placeholder.
const MANIFEST: &str = include_str!("../../../skill-manifest.json");

/// The manifest with the address that activities are to be sent to and the app id that they are for.
pub fn manifest(endpoint_url: &Url, app_id: &Uuid) -> Value {
    let mut manifest: Value = serde_json::from_str(MANIFEST).expect("a built-in file, read by a test");
    let endpoint = &mut manifest["endpoints"][0];
    endpoint["endpointUrl"] = Value::from(endpoint_url.as_str());
    endpoint["msAppId"] = Value::from(app_id.to_string());
    manifest
}
