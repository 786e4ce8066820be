//! The connectors of this repository as they are installed, against their scenarios: which level each reaches.

use std::path::{Path, PathBuf};

use handover_kit::{Certificate, Level, Outcome, Scenario};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

async fn tried(vendor: &str) -> Certificate {
    let component = root().join(format!("connectors/installed/{vendor}.wasm"));
    let component = std::fs::read(component).unwrap();
    let scenario = root().join(format!("connectors/{vendor}/scenarios/{vendor}.toml"));
    let scenario = Scenario::read(&[scenario]).unwrap();
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    handover_kit::test_cached(&component, &scenario, Some(&compiled)).await.unwrap()
}

/// Gold, with these checks met by what the scenario waives, and no others.
fn is_gold(certificate: &Certificate, waived: &[&str]) {
    assert_eq!(certificate.level, Level::Gold, "{}", certificate.page());
    let says = |outcome: &Outcome| matches!(outcome, Outcome::NotApplicable { why } if why.starts_with("the scenario says"));
    let found: Vec<&str> =
        certificate.checks.iter().filter(|check| says(&check.outcome)).map(|check| check.name).collect();
    assert_eq!(found, waived, "{}", certificate.page());
}

/// Each of these has been tried, and has passed.
fn has_passed(certificate: &Certificate, checks: &[&str]) {
    for name in checks {
        let check = certificate.checks.iter().find(|check| check.name == *name).unwrap();
        assert!(matches!(check.outcome, Outcome::Passed { .. }), "{name}\n{}", certificate.page());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn salesforce_is_gold_with_its_stream_its_uploads_and_its_hours() {
    let certificate = tried("salesforce").await;
    is_gold(&certificate, &[]);
    has_passed(&certificate, &["attachments", "signals", "availability", "feed", "reconcile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn zendesk_is_gold_with_its_uploads_and_a_start_of_nine_requests() {
    let certificate = tried("zendesk").await;
    is_gold(&certificate, &["vendor-signature"]);
    has_passed(&certificate, &["attachments", "resumed-start", "verification", "signals", "reconcile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn genesys_is_gold_with_its_looks_its_signatures_and_files_by_address() {
    let certificate = tried("genesys").await;
    is_gold(&certificate, &["many-events", "vendor-signature"]);
    has_passed(&certificate, &["attachments", "verification", "signals", "feed", "reconcile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn matrix_is_gold_with_its_transactions_and_its_presence() {
    let certificate = tried("matrix").await;
    is_gold(&certificate, &["vendor-signature"]);
    has_passed(&certificate, &["attachments", "verification", "signals", "availability", "feed"]);
}
