//! What Copilot Studio wants of a skill manifest when a skill is added ("Use Microsoft 365 Agents SDK skills": limits
//! and error codes). Codes are spelled as it shows them.

use serde_json::{Map, Value};
use url::Url;

/// Longest manifest, in bytes.
pub(super) const LONGEST: usize = 500 * 1024;
/// Most actions.
const ACTIONS: usize = 100;
/// Most inputs of an action, and most outputs.
const MEMBERS: usize = 25;

/// Something that the import would stumble over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// As Copilot Studio shows it.
    pub(super) code: &'static str,
    pub(super) what: String,
}

/// What it says of the one endpoint.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) endpoint: Option<Url>,
    pub(super) app_id: Option<String>,
}

/// Reads it; all faults at once.
pub(super) fn read(manifest: &Value) -> (Told, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut malformed = |what: String| faults.push(Fault { code: "MANIFEST_MALFORMED", what });
    for key in ["$id", "name", "version", "publisherName"] {
        if manifest[key].as_str().is_none_or(str::is_empty) {
            malformed(format!("`{key}` is missing"));
        }
    }
    let mut told = Told::default();
    match manifest["endpoints"].as_array().map(Vec::as_slice) {
        Some([endpoint]) => {
            told.endpoint = endpoint["endpointUrl"].as_str().and_then(|url| url.parse().ok());
            told.app_id = endpoint["msAppId"].as_str().map(str::to_owned);
            if told.endpoint.is_none() {
                malformed("`endpointUrl` is no address".to_owned());
            }
            if told.app_id.is_none() {
                malformed("`msAppId` is missing".to_owned());
            }
        }
        other => malformed(format!("there are {} endpoints, and one is wanted", other.map_or(0, <[_]>::len))),
    }
    let empty = Map::new();
    let activities = manifest["activities"].as_object().unwrap_or(&empty);
    if activities.is_empty() {
        malformed("there are no `activities`".to_owned());
    }
    for (name, activity) in activities {
        let kind = activity["type"].as_str().unwrap_or_default();
        if !matches!(kind, "event" | "message") {
            malformed(format!("activity {name} is neither an event nor a message"));
        }
        if kind == "event" && activity["name"].as_str().is_none_or(str::is_empty) {
            malformed(format!("event {name} has no `name`"));
        }
        if activity["description"].as_str().is_none_or(str::is_empty) {
            malformed(format!("activity {name} has no `description`"));
        }
    }
    limits(manifest, activities, &mut faults);
    (told, faults)
}

fn limits(manifest: &Value, activities: &Map<String, Value>, faults: &mut Vec<Fault>) {
    if activities.len() > ACTIONS {
        let what = format!("{} actions, and {ACTIONS} are the most", activities.len());
        faults.push(Fault { code: "LIMITS_TOO_MANY_ACTIONS", what });
    }
    for (name, activity) in activities {
        for (key, word, code) in [
            ("value", "inputs", "LIMITS_TOO_MANY_INPUTS"),
            ("resultValue", "outputs", "LIMITS_TOO_MANY_OUTPUTS"),
        ] {
            let Some(members) = resolved(manifest, &activity[key])["properties"].as_object() else {
                continue;
            };
            if members.len() > MEMBERS {
                let what = format!("action {name} has {} {word}, and {MEMBERS} are the most", members.len());
                faults.push(Fault { code, what });
            }
            for (member, schema) in members {
                if resolved(manifest, schema)["type"] == "array" {
                    let what =
                        format!("`{member}` of action {name} is a list, and Copilot Studio takes none");
                    faults.push(Fault { code: "MANIFEST_MALFORMED", what });
                }
            }
        }
    }
}

/// Follows one `$ref` into the document itself.
fn resolved<'a>(manifest: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| manifest.pointer(pointer)).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;

    fn ours() -> Value {
        handover_channel::manifest(
            &"https://h.example/api/messages".parse().unwrap(),
            &uuid::Uuid::from_u128(7),
        )
    }

    #[test]
    fn our_own_manifest_has_no_fault() {
        let (told, faults) = read(&ours());
        assert_eq!(faults, []);
        assert_eq!(told.endpoint.unwrap().path(), "/api/messages");
        assert_eq!(told.app_id.unwrap(), uuid::Uuid::from_u128(7).to_string());
    }

    #[test]
    fn each_limit_has_its_code() {
        let members: Map<String, Value> =
            (0..26).map(|n| (format!("m{n}"), json!({ "type": "string" }))).collect();
        let codes = |manifest: &Value| -> Vec<&'static str> {
            read(manifest).1.iter().map(|fault| fault.code).collect()
        };
        let mut many = ours();
        many["definitions"]["messageInput"]["properties"] = Value::Object(members.clone());
        assert_eq!(codes(&many), ["LIMITS_TOO_MANY_INPUTS"]);
        let mut many = ours();
        many["definitions"]["startConversationOutput"]["properties"] = Value::Object(members);
        assert_eq!(codes(&many), ["LIMITS_TOO_MANY_OUTPUTS"]);
        let mut many = ours();
        for n in 0..98 {
            many["activities"][format!("a{n}")] = json!({ "type": "message", "description": "d" });
        }
        assert_eq!(codes(&many), ["LIMITS_TOO_MANY_ACTIONS"]);
        let mut list = ours();
        list["definitions"]["messageInput"]["properties"]["Tags"] = json!({ "type": "array" });
        assert_eq!(codes(&list), ["MANIFEST_MALFORMED"]);
        assert!(codes(&json!({})).contains(&"MANIFEST_MALFORMED"));
    }
}
