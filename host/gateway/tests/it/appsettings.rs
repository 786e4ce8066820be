//! The sample's configuration, taken over.

use std::path::Path;

use handover::Config;
use handover::config::ProofConfig;

use crate::gateway::run;

const SKILL: &str = "11111111-1111-4111-8111-111111111111";
const AGENT: &str = "22222222-2222-4222-8222-222222222222";
const TENANT: &str = "33333333-3333-4333-8333-333333333333";

/// As the sample has it, with made-up ids.
fn sample() -> String {
    format!(
        r#"{{
  "Logging": {{
    "LogLevel": {{ "Default": "Information", "Microsoft.AspNetCore": "Warning" }}
  }},
  "AllowedHosts": "*",
  "LiveChatSettings": {{
    "BaseUrl": "http://localhost:5000"
  }},
  "Connections": {{
    // The skill's own app registration
    "LiveChat": {{
      "ConnectionType": "AzureAD",
      "Settings": {{
        "TenantId": "{TENANT}",
        "ClientId": "{SKILL}",
        "ClientSecret": "hunter2~skill",
        "Scopes": [ "https://api.botframework.com/.default" ]
      }}
    }},
    // The Copilot Studio agent's app registration
    "CopilotStudioBot": {{
      "ConnectionType": "AzureAD",
      "Settings": {{
        "TenantId": "{TENANT}",
        "ClientId": "{AGENT}",
        "ClientSecret": "hunter2~agent",
        "Scopes": [ "https://api.botframework.com/.default" ],
      }},
    }},
  }},
  /* first match counts */
  "ConnectionsMap": [
    {{ "ServiceUrl": "https://smba*", "Connection": "CopilotStudioBot" }},
    {{ "ServiceUrl": "https://pvaruntime*", "Connection": "LiveChat" }},
  ],
}}
"#
    )
}

struct Told {
    config: Config,
    toml: String,
    notes: String,
}

/// Takes a file over; what comes out has to load.
async fn imported(text: &str) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("appsettings.json"), text).expect("a file");
    let out = run(&["import-appsettings", "appsettings.json"], &[("RUST_LOG", "off")], folder.path()).await;
    let (toml, notes) =
        (String::from_utf8(out.stdout).expect("text"), String::from_utf8(out.stderr).expect("text"));
    assert!(out.status.success(), "{notes}");
    assert!(!toml.contains("hunter2") && !notes.contains("hunter2"), "a secret is shown:\n{toml}\n{notes}");
    Told { config: read(folder.path(), &toml), toml, notes }
}

fn read(folder: &Path, toml: &str) -> Config {
    let file = folder.join("handover.toml");
    std::fs::write(&file, toml).expect("a file");
    Config::read(Some(&file), std::iter::empty()).unwrap_or_else(|e| panic!("{e}\n{toml}"))
}

#[tokio::test]
async fn the_samples_own_file_makes_a_configuration_that_is_well() {
    let told = imported(&sample()).await;
    let config = &told.config;
    config.check().unwrap_or_else(|e| panic!("{e}\n{}", told.toml));
    assert_eq!(config.bot.app_id.to_string(), SKILL);
    assert_eq!(config.bot.tenant_id.map(|id| id.to_string()).as_deref(), Some(TENANT));
    assert_eq!(config.bot.connection.as_deref(), Some("LiveChat"));
    assert_eq!(config.bot.agents.len(), 1);
    assert_eq!(config.bot.agents[0].app_id.to_string(), AGENT);
    assert_eq!(config.bot.agents[0].connection.as_deref(), Some("CopilotStudioBot"));
    for (name, variable) in [
        ("LiveChat", "env:HANDOVER_LIVECHAT_SECRET"),
        ("CopilotStudioBot", "env:HANDOVER_COPILOTSTUDIOBOT_SECRET"),
    ] {
        let ProofConfig::ClientSecret { secret } = &config.connections[name].proof else {
            panic!("{}", told.toml)
        };
        assert_eq!(secret.to_string(), variable);
        assert!(told.notes.contains(variable.trim_start_matches("env:")), "{}", told.notes);
    }
    let contoso = &config.connectors["contoso"];
    assert_eq!(contoso.upstreams["api"].base_url.as_str(), "http://localhost:5000/");
    assert_eq!(contoso.callbacks[""], handover::config::Way::None);
    for word in [
        "warning: the sample's live chat signs nothing",
        "no TokenValidation",
        "public_url",
        "RUST_LOG",
        "AllowedHosts",
    ] {
        assert!(told.notes.contains(word), "`{word}` is not in {}", told.notes);
    }
}

#[tokio::test]
async fn keys_in_another_case_a_byte_order_mark_and_the_readmes_key_for_secrets() {
    let text = sample()
        .replace("\"ClientSecret\"", "\"secret\"")
        .replace("\"Connections\"", "\"connections\"")
        .replace("\"Settings\"", "\"SETTINGS\"")
        .replace("\"BaseUrl\"", "\"baseurl\"");
    let told = imported(&format!("\u{feff}{text}")).await;
    assert!(told.config.check().is_ok(), "{}", told.toml);
    assert!(told.notes.contains("README"), "{}", told.notes);
}

#[tokio::test]
async fn who_may_call_and_the_tenant_come_from_token_validation_too() {
    let other = "44444444-4444-4444-8444-444444444444";
    let validation = format!(
        "\"TokenValidation\": {{ \"Audiences\": [\"{SKILL}\", \"55555555-5555-4555-8555-555555555555\"], \
         \"TenantId\": \"{TENANT}\", \"AllowedCallers\": [\"{AGENT}\", \"{other}\"], \"IsGov\": true, \"Enabled\": false }},\n\
         \"Logging\""
    );
    let told = imported(&sample().replace("\"Logging\"", &validation)).await;
    let agents: Vec<String> = told.config.bot.agents.iter().map(|agent| agent.app_id.to_string()).collect();
    assert_eq!(agents, [AGENT, other]);
    assert_eq!(told.config.bot.agents[1].connection, None);
    assert_eq!(told.config.bot.audiences, ["55555555-5555-4555-8555-555555555555"]);
    assert!(told.toml.contains("cloud = \"us-gov\""), "{}", told.toml);
    assert!(told.notes.contains("TokenValidation:Enabled is left out"), "{}", told.notes);
    assert!(told.config.check().is_ok());
}

#[tokio::test]
async fn each_way_to_prove_oneself_has_its_equivalent() {
    let with = |settings: &str| sample().replace("\"ClientSecret\": \"hunter2~skill\"", settings);
    for (settings, kind, note) in [
        (
            "\"AuthType\": \"Certificate\", \"CertThumbprint\": \"AB\", \"SendX5C\": true",
            "send_chain = true",
            "PEM",
        ),
        (
            "\"AuthType\": \"CertificateSubjectName\", \"CertSubjectName\": \"cn\"",
            "file:certificates/livechat.pem",
            "PEM",
        ),
        ("\"AuthType\": \"UserManagedIdentity\"", "kind = \"managed-identity\"", "tunnel"),
        ("\"AuthType\": \"systemmanagedidentity\"", "kind = \"managed-identity\"", "tunnel"),
        ("\"AuthType\": \"FederatedCredentials\", \"FederatedClientId\": \"77\"", "identity = \"77\"", ""),
        (
            "\"AuthType\": \"WorkloadIdentity\", \"FederatedTokenFile\": \"/var/t\"",
            "token_file = \"/var/t\"",
            "",
        ),
    ] {
        let told = imported(&with(settings)).await;
        assert!(told.toml.contains(kind), "{settings}: {}", told.toml);
        assert!(told.notes.contains(note), "{settings}: {}", told.notes);
        assert!(told.config.check().is_ok(), "{}", told.toml);
    }
    // What has none is left out, and said so; what comes out still loads.
    let told = imported(&with("\"AuthType\": \"IdentityProxyManager\"")).await;
    assert!(
        told.notes.contains("left out") && told.notes.contains("ConnectionsMap[1] names LiveChat"),
        "{}",
        told.notes
    );
    assert_eq!(told.config.bot.connection, None);
}

#[tokio::test]
async fn the_tenant_and_the_cloud_come_from_the_authority() {
    let old = format!("\"TenantId\": \"{TENANT}\"");
    let new = format!("\"AuthorityEndpoint\": \"https://login.microsoftonline.us/{TENANT}\"");
    let told = imported(&sample().replace(&old, &new)).await;
    assert_eq!(told.config.connections["LiveChat"].tenant, TENANT);
    assert_eq!(told.config.bot.tenant_id.map(|id| id.to_string()).as_deref(), Some(TENANT));
    assert!(
        told.toml.contains("[connections.LiveChat]") && told.toml.contains("cloud = \"us-gov\""),
        "{}",
        told.toml
    );
    assert!(told.config.check().is_ok());
}

#[tokio::test]
async fn one_connection_for_all_and_placeholders_still_make_a_file_that_loads() {
    let told = imported(&format!(
        "{{ \"Connections\": {{ \"Service Connection\": {{ \"Settings\": {{ \"ClientId\": \"{SKILL}\", \
         \"ClientSecret\": \"hunter2\" }} }} }}, \"ConnectionsMap\": [ {{ \"ServiceUrl\": \"*\", \"Connection\": \
         \"service connection\" }} ], \"Other\": 1 }}"
    ))
    .await;
    assert_eq!(told.config.bot.connection.as_deref(), Some("Service Connection"));
    let wrong = told.config.check().expect_err("no agent, no tenant").to_string();
    assert_eq!(wrong.lines().count(), 2, "{wrong}");
    assert!(wrong.contains("bot.tenant_id") && wrong.contains("bot.agents"), "{wrong}");
    for word in ["bot.tenant_id", "no agent may call yet", "Other has no equivalent", "names no TenantId"] {
        assert!(told.notes.contains(word), "`{word}` is not in {}", told.notes);
    }

    let told = imported(&sample().replace(SKILL, "<client id>").replace(AGENT, "").replace(TENANT, "")).await;
    assert!(told.toml.contains("# app_id"), "{}", told.toml);
    assert!(told.config.check().is_err());
    imported("{}").await;
}

#[tokio::test]
async fn both_parts_as_one_app_are_told_apart() {
    let told = imported(&sample().replace(AGENT, SKILL)).await;
    assert!(told.notes.contains("skill's own client id"), "{}", told.notes);
    assert!(told.config.bot.agents.is_empty());
}

#[tokio::test]
async fn what_is_no_json_is_told_without_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.json"), "{\n \"ClientSecret\": hunter2 }").expect("a file");
    let out = run(&["import-appsettings", "a.json"], &[], folder.path()).await;
    let text = String::from_utf8(out.stderr).expect("text");
    assert!(!out.status.success() && out.stdout.is_empty());
    assert!(text.contains("a.json") && text.contains("line 2") && !text.contains("hunter2"), "{text}");
}
