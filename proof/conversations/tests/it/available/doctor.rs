//! `handover check --online`, on a folder with one component and one section.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{components, gateway};

/// Stands in the file that is no key's.
pub const WRONG: &str = "nobody's secret";

/// What the doctor said.
pub struct Said {
    text: String,
    steps: Vec<Value>,
}

/// Asks the doctor about a vendor that is configured so. `secrets` are files and what they hold.
pub async fn ask(vendor: &str, section: &str, secrets: &[(&str, &str)]) -> Said {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("connectors")).unwrap();
    let component = components().join(format!("{vendor}.wasm"));
    fs::copy(&component, at("connectors").join(format!("{vendor}.wasm"))).unwrap();
    for (name, secret) in secrets {
        fs::write(at(name), secret).unwrap();
    }
    fs::write(at("wrong"), WRONG).unwrap();
    let toml = format!(
        "gateway.connectors = \"connectors\"\nbot.local = true\nrouting.default = \"{vendor}\"\n{section}"
    );
    fs::write(at("handover.toml"), &toml).unwrap();
    let mut command = Command::new(gateway());
    command
        .args(["check", "--online", "--json"])
        .env("NO_PROXY", "127.0.0.1,localhost")
        .current_dir(folder.path())
        .stdin(Stdio::null());
    // The vendor runs in this process.
    let out = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = format!("{toml}\n{}", String::from_utf8_lossy(&out.stdout));
    let told: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {text}"));
    for (_, secret) in secrets.iter().chain(&[("wrong", WRONG)]) {
        assert!(!String::from_utf8_lossy(&out.stdout).contains(secret), "a secret is shown: {text}");
    }
    assert!(out.stderr.is_empty(), "the report is all: {}", String::from_utf8_lossy(&out.stderr));
    Said { text, steps: told["steps"].as_array().unwrap().clone() }
}

impl Said {
    /// What failed of the connector: no gateway runs, which is said apart.
    pub fn failed(&self) -> Vec<&str> {
        let failed = self.steps.iter().filter(|step| step["state"] == "failed");
        let names = failed.map(|step| step["name"].as_str().unwrap());
        names.filter(|name| name.contains("connectors") || name.contains("callbacks")).collect()
    }

    /// Exactly these failed.
    pub fn fails(&self, mut expected: Vec<&str>) {
        let mut failed = self.failed();
        failed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(failed, expected, "{}", self.text);
    }

    /// This step has this state, and all of these words.
    pub fn tells(&self, name: &str, state: &str, words: &[&str]) {
        let found = self.steps.iter().find(|step| step["name"] == name && step["state"] == state);
        let step = found.unwrap_or_else(|| panic!("no step {name} {state}: {}", self.text)).to_string();
        let step = step.replace("\\\"", "\"");
        for word in words {
            assert!(step.contains(word), "`{word}` is not in {step}");
        }
    }
}
