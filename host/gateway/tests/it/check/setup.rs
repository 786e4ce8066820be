//! A set-up in a folder of its own, that a test breaks, and what the doctor says of it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::component::contoso;
use crate::gateway::run;

pub const SKILL: &str = "11111111-1111-4111-8111-111111111111";
pub const AGENT: &str = "22222222-2222-4222-8222-222222222222";
pub const TENANT: &str = "33333333-3333-4333-8333-333333333333";

/// Never to be seen in any output.
pub const SECRETS: [&str; 2] = ["s3cret-of-the-skill", "s3cret-of-the-agent"];

pub struct Setup {
    pub folder: TempDir,
    pub toml: String,
    pub environment: Vec<(&'static str, String)>,
}

/// What the doctor said.
pub struct Said {
    pub code: i32,
    pub text: String,
    pub steps: Vec<Value>,
}

impl Setup {
    /// One that is well. `microsoft` is where tokens are had and Teams is, `public` where the gateway is reached.
    pub fn well(public: &str, microsoft: &str, vendor: &str) -> Self {
        let toml = format!(
            r#"
[gateway]
public_url = "{public}"
data = "data"
connectors = "connectors"

[bot]
app_id = "{SKILL}"
tenant_id = "{TENANT}"
connection = "skill"
teams_connector_url = "{microsoft}/teams/"

[[bot.agents]]
app_id = "{AGENT}"
connection = "agent"

[connections.skill]
tenant = "{TENANT}"
client_id = "{SKILL}"
authority = "{microsoft}/"
proof = {{ kind = "client-secret", secret = "env:SKILL_SECRET" }}

[connections.agent]
tenant = "{TENANT}"
client_id = "{AGENT}"
authority = "{microsoft}/"
proof = {{ kind = "client-secret", secret = "env:AGENT_SECRET" }}

[connectors.contoso.upstreams.api]
base_url = "{vendor}"

[connectors.contoso.callbacks]
"" = "none"
"#
        );
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("connectors")).expect("a folder");
        let setup = Self {
            folder,
            toml,
            environment: vec![
                ("SKILL_SECRET", SECRETS[0].to_owned()),
                ("AGENT_SECRET", SECRETS[1].to_owned()),
                ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
            ],
        };
        setup.install(&contoso());
        setup
    }

    /// For what is looked at without asking anybody.
    pub fn offline() -> Self {
        Self::well("http://127.0.0.1:5001", "http://127.0.0.1:9", "http://127.0.0.1:5000")
    }

    pub fn install(&self, component: &[u8]) {
        fs::write(self.connector(), component).expect("a component");
    }

    pub fn connector(&self) -> PathBuf {
        self.folder.path().join("connectors/contoso.wasm")
    }

    /// Puts one text in the place of another, which has to be there.
    pub fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.toml.contains(old), "{old} is not in the configuration");
        self.toml = self.toml.replace(old, new);
        self
    }

    pub fn without_variable(mut self, name: &str) -> Self {
        self.environment.retain(|(each, _)| *each != name);
        self
    }

    /// Asks the doctor; as JSON, so that each step can be told.
    pub async fn check(&self, online: bool) -> Said {
        let mut arguments = vec!["check", "--json"];
        arguments.extend(online.then_some("--online"));
        let said = self.ask(&arguments).await;
        let told: Value = serde_json::from_str(&said.text).unwrap_or_else(|e| panic!("{e}: {}", said.text));
        assert_eq!(told["ok"], said.code == 0, "{}", said.text);
        Said { steps: told["steps"].as_array().expect("steps").clone(), ..said }
    }

    pub async fn ask(&self, arguments: &[&str]) -> Said {
        fs::write(self.folder.path().join("handover.toml"), &self.toml).expect("a configuration");
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let out = run(arguments, &environment, self.folder.path()).await;
        let text = String::from_utf8(out.stdout).expect("text");
        let all = format!("{text}{}", String::from_utf8_lossy(&out.stderr));
        for secret in SECRETS {
            assert!(!all.contains(secret), "a secret is shown: {all}");
        }
        if arguments[0] == "check" {
            assert!(out.stderr.is_empty(), "the report is all: {}", String::from_utf8_lossy(&out.stderr));
        }
        Said { code: out.status.code().expect("a code"), text, steps: Vec::new() }
    }
}

impl Said {
    /// The names of the steps that failed.
    pub fn failed(&self) -> Vec<&str> {
        let failed = self.steps.iter().filter(|step| step["state"] == "failed");
        failed.map(|step| step["name"].as_str().expect("a name")).collect()
    }

    /// The step whose name begins so, in words.
    pub fn step(&self, name: &str) -> String {
        let found = self.steps.iter().find(|step| step["name"].as_str().expect("a name").starts_with(name));
        let step = found.unwrap_or_else(|| panic!("no step {name} in {}", self.text));
        let word = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        format!("{}: {} — {}", word("state"), word("detail"), word("fix"))
    }

    /// Exactly these steps failed, and the words are in what is said of the first one.
    pub fn finds(&self, failed: &[&str], words: &[&str]) {
        assert_eq!(self.failed(), failed, "{}", self.text);
        assert_eq!(self.code, 1, "{}", self.text);
        let said = self.step(failed[0]);
        for word in words {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }

    /// This step failed, whatever else did, with these words.
    pub fn tells(&self, step: &str, words: &[&str]) {
        let said = self.step(step);
        assert!(said.starts_with("failed: "), "{step}: {said}");
        assert_eq!(self.code, 1, "{}", self.text);
        for word in words {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }

    pub fn is_well(&self, step: &str) {
        let said = self.step(step);
        assert!(said.starts_with("ok: "), "{step}: {said}");
    }
}
