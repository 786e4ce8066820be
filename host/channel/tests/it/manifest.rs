//! The manifest as Copilot Studio reads it when the skill is registered.

use std::path::{Path, PathBuf};

use handover_channel::manifest;
use serde_json::Value;

const KEPT: &str = include_str!("../../../../skill-manifest.json");

/// The manifest as it is kept, and as it is served.
fn manifests() -> [Value; 2] {
    let url = "https://bot.contoso.example/api/messages".parse().expect("an address");
    let app = uuid::Uuid::from_u128(0x0f8f_ad5b_d9cb_469f_a165_7086_7728_950e);
    [serde_json::from_str(KEPT).expect("strict JSON"), manifest(&url, &app)]
}

#[test]
fn endpoint_and_app_are_filled_in() {
    let [kept, served] = manifests();
    let endpoint = &served["endpoints"][0];
    assert_eq!(endpoint["endpointUrl"], "https://bot.contoso.example/api/messages");
    assert_eq!(endpoint["msAppId"], "0f8fad5b-d9cb-469f-a165-70867728950e");
    assert_eq!(endpoint["protocol"], kept["endpoints"][0]["protocol"]);
    assert_eq!(served["activities"], kept["activities"]);
}

/// The rules that Copilot Studio registers by, and those of the schemas that matter here.
#[test]
fn the_manifest_keeps_the_rules_of_registration() {
    for manifest in manifests() {
        assert!(manifest.to_string().len() <= 500 * 1024);
        for key in ["$id", "$schema", "name", "version", "publisherName"] {
            assert!(manifest[key].as_str().is_some_and(|value| !value.is_empty()), "{key}");
        }
        let endpoints = manifest["endpoints"].as_array().expect("endpoints");
        assert_eq!(endpoints.len(), 1);
        let endpoint = endpoints[0].as_object().expect("an endpoint");
        let known = ["name", "protocol", "description", "endpointUrl", "msAppId"];
        assert!(endpoint.keys().all(|key| known.contains(&key.as_str())));
        assert!(endpoint["endpointUrl"].as_str().is_some_and(|url| url.starts_with("https://")));
        let app = endpoint["msAppId"].as_str().expect("an app id");
        assert!(uuid::Uuid::parse_str(app).is_ok() && app.len() == 36, "{app}");

        let activities = manifest["activities"].as_object().expect("activities");
        let mut named: Vec<_> = activities.keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(named, ["endConversation", "sendMessage", "startConversation"]);
        for (id, activity) in activities {
            assert!(activity["description"].is_string(), "{id}");
            match activity["type"].as_str() {
                Some("event") => assert_eq!(activity["name"].as_str(), Some(id.as_str())),
                Some("message") => assert_eq!(activity.get("name"), None),
                other => panic!("{id}: {other:?}"),
            }
            for side in ["value", "resultValue"] {
                let Some(reference) = activity.get(side) else {
                    continue;
                };
                let reference = reference["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
                let schema = manifest.pointer(reference.expect("a reference")).expect("a definition");
                assert_eq!((&schema["type"], schema.get("required")), (&"object".into(), None));
                let properties = schema["properties"].as_object().expect("properties");
                assert!(properties.len() <= 25);
                assert!(properties.values().all(|property| property["type"] == "string"));
            }
        }
        let outputs = &manifest["definitions"]["startConversationOutput"]["properties"];
        assert!(outputs["LiveChatConversationId"].is_object() && outputs["Status"].is_object());
    }
}

/// The published schemas are not ours to keep here: they are read from the folder `HANDOVER_SPECS`, or from
/// `shared/specs` beside the repository.
#[test]
fn the_manifest_is_valid_by_the_published_schemas() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
    let specs = std::env::var_os("HANDOVER_SPECS").map_or(beside, PathBuf::from);
    let folder = specs.join("skill-manifest");
    if !folder.is_dir() {
        eprintln!(
            "NOT CHECKED against the published schemas: {} is not there; set HANDOVER_SPECS. \
             Only the built-in rules of registration were checked.",
            folder.display()
        );
        return;
    }
    for version in ["v2.0", "v2.1", "v2.2"] {
        let schema = std::fs::read(folder.join(format!("{version}.json"))).expect("a schema");
        let schema: Value = serde_json::from_slice(&schema).expect("JSON");
        let validator = jsonschema::draft7::new(&schema).expect("a schema of draft 7");
        for manifest in manifests() {
            let faults: Vec<_> = validator.iter_errors(&manifest).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{version}: {faults:?}");
        }
        let mut broken = manifests()[0].clone();
        broken["endpoints"][0]["msAppId"] = "no guid".into();
        assert!(!validator.is_valid(&broken), "{version} lets anything pass");
    }
}
