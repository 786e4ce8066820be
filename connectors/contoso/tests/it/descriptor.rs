//! What the connector says of itself.

use contoso::Contoso;
use handover_connector::{Connector, Verification};
use serde_json::{Value, json};

#[test]
fn it_asks_for_one_upstream_and_no_credential() {
    let description = Contoso::describe();
    assert_eq!(description.name, "contoso");
    let upstreams: Vec<_> = description.upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    assert_eq!(upstreams, ["api"]);
    assert!(description.credentials.is_empty());
    assert_eq!(description.callbacks.len(), 1);
    assert_eq!(description.callbacks[0].path, "");
    assert_eq!(description.callbacks[0].verification, [Verification::None]);
}

#[test]
fn its_settings_have_a_schema_that_names_the_default() {
    let schema: Value = serde_json::from_str(&Contoso::describe().config_schema).unwrap();
    assert_eq!(schema["properties"]["agent_name"]["default"], json!("Contoso Support"));
    assert_eq!(schema["additionalProperties"], json!(false));
}
