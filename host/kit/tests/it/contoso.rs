//! The Contoso connector as it is installed, against its scenario.

use std::path::{Path, PathBuf};

use handover_kit::{Level, Scenario};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn installed() -> Vec<u8> {
    std::fs::read(root().join("connectors/installed/contoso.wasm")).unwrap()
}

fn scenario() -> Scenario {
    Scenario::read(&[root().join("connectors/contoso/scenarios/contoso.toml")]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn contoso_is_gold() {
    let certificate = handover_kit::test(&installed(), &scenario()).await.unwrap();
    let open: Vec<&str> =
        certificate.checks.iter().filter(|check| !check.is_met()).map(|check| check.name).collect();
    assert!(open.is_empty(), "{open:?}\n{}", certificate.page());
    assert_eq!(certificate.level, Level::Gold);
    assert_eq!(certificate.connector, "contoso");
    assert_eq!(certificate.digest.len(), 64);
    let written = serde_json::to_value(&certificate).unwrap();
    assert_eq!(written["level"], certificate.level.as_str());
    assert_eq!(written["capabilities"], serde_json::json!(["signals"]));
}

#[test]
fn what_contoso_is_and_asks_for_is_told() {
    let told = handover_kit::inspect::inspect(&installed()).unwrap();
    assert_eq!(told.name, "contoso");
    assert_eq!(told.contract, "1.0.0");
    assert_eq!(told.capabilities, ["signals"]);
    assert_eq!(told.upstreams[0].default_base_url.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(told.settings[0].name, "agent_name");
    assert!(told.page().contains("webhook (optional): key"), "{}", told.page());
}
