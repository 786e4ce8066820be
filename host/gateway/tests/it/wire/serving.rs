//! What the gateway says of itself: its manifest, its health, its connectors.

use serde_json::{Value, json};

use crate::component::contoso;
use crate::gateway;
use crate::house::House;

#[tokio::test]
async fn the_manifest_is_filled_in() {
    let mut house = House::closed("").await;
    let app_id = "5c1e0f7a-0000-4000-8000-000000005001";
    let file = house.folder.path().join("handover.toml");
    let config = std::fs::read_to_string(&file).expect("a configuration");
    let config = config.replace(
        "[bot]",
        &format!("[gateway]\npublic_url = \"https://handover.contoso.example/base\"\n\n[bot]\napp_id = \"{app_id}\""),
    );
    std::fs::write(&file, config).expect("a configuration");
    house.gateway.start().await;

    let (status, body) = house.get("/skill-manifest.json").await;
    assert_eq!(status, 200);
    let manifest: Value = serde_json::from_str(&body).expect("strict JSON");
    assert_eq!(manifest["$id"], "handoff-skill");
    let endpoints = manifest["endpoints"].as_array().expect("endpoints");
    assert_eq!(endpoints.len(), 1);
    assert_eq!(endpoints[0]["endpointUrl"], "https://handover.contoso.example/base/api/messages");
    assert_eq!(endpoints[0]["msAppId"], app_id);
    let actions: Vec<_> = manifest["activities"].as_object().expect("activities").keys().collect();
    assert_eq!(actions, ["endConversation", "sendMessage", "startConversation"]);
}

#[tokio::test]
async fn it_is_ready_once_the_default_connector_serves() {
    let mut house = House::closed("").await;
    house.gateway.start().await;
    assert_eq!(house.get("/healthz").await.0, 200);
    let (status, text) = house.get("/readyz").await;
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("connector contoso: does not serve"), "{text}");

    house.install("contoso.wasm", &contoso());
    crate::patience::eventually("readiness", || async {
        let (status, text) = house.get("/readyz").await;
        if status == 200 { Ok(()) } else { Err(text) }
    })
    .await;
}

#[tokio::test]
async fn connectors_are_told_to_operators_and_at_the_terminal() {
    let house = House::open().await;
    house.install("broken.wasm", b"hello");
    let connectors = crate::patience::eventually("the broken file", || async {
        let connectors = house.gateway.connectors(&house.http).await;
        let rejected = connectors.iter().any(|one| one["state"] == "rejected");
        if rejected { Ok(connectors) } else { Err(json!(connectors).to_string()) }
    })
    .await;
    let contoso = connectors.iter().find(|one| one["name"] == "contoso").expect("contoso");
    assert_eq!((&contoso["state"], &contoso["file"]), (&json!("active"), &json!("contoso.wasm")));
    assert_eq!(contoso["digest"].as_str().map(str::len), Some(64));
    assert!(contoso["version"].is_string() && contoso["reason"].is_null(), "{contoso}");
    let broken = connectors.iter().find(|one| one["name"] == "broken").expect("broken");
    assert!(broken["reason"].as_str().is_some_and(|why| why.contains("no WebAssembly")), "{broken}");

    let arguments = ["connectors", "--admin-addr", &house.gateway.admin_addr()];
    let told = gateway::run(&arguments, &[], house.folder.path()).await;
    let text = String::from_utf8(told.stdout).expect("text");
    assert!(told.status.success(), "{text}");
    for word in ["contoso", "active", "broken", "rejected", "no WebAssembly"] {
        assert!(text.contains(word), "{word} is not in\n{text}");
    }
}
