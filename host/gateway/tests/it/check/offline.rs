//! What is wrong with a set-up by itself.

use super::setup::{AGENT, SECRETS, SKILL, Setup, TENANT};
use crate::component::guest;

#[tokio::test]
async fn a_set_up_that_is_well_is_found_to_be() {
    let setup = Setup::offline();
    let said = setup.check(false).await;
    assert_eq!(said.failed(), Vec::<&str>::new(), "{}", said.text);
    assert_eq!(said.code, 0);
    for step in ["keys", "callers", "references", "gateway.data", "contoso.wasm", "routing.default"] {
        said.is_well(step);
    }
    assert!(said.step("/api/callbacks/contoso").contains("whoever knows the address"), "{}", said.text);
    // It has looked, and left nothing behind.
    assert!(!setup.folder.path().join("data").exists());

    let people = setup.ask(&["check", "--config", "handover.toml"]).await;
    assert_eq!(people.code, 0);
    assert!(people.text.contains("Connectors\n  ok       contoso.wasm: loads"), "{}", people.text);
    assert!(people.text.contains(" 0 failed") && !people.text.contains('\u{1b}'), "{}", people.text);
}

#[tokio::test]
async fn a_missing_app_id() {
    let said = Setup::offline().with(&format!("app_id = \"{SKILL}\"\ntenant"), "tenant").check(false).await;
    said.tells("bot.app_id", &["app registration", "missing"]);
}

#[tokio::test]
async fn no_agent_that_may_call() {
    let agent = format!("[[bot.agents]]\napp_id = \"{AGENT}\"\nconnection = \"agent\"\n");
    let said = Setup::offline().with(&agent, "").check(false).await;
    said.finds(&["bot.agents"], &["nobody may call", "[[bot.agents]]"]);
}

#[tokio::test]
async fn an_agent_that_is_the_skill_itself() {
    let said = Setup::offline().with(AGENT, SKILL).check(false).await;
    said.finds(&["bot.agents.0.app_id"], &["skill's own", "Agent App ID"]);
}

#[tokio::test]
async fn a_connection_of_another_app_and_one_of_another_tenant() {
    let own = format!("client_id = \"{SKILL}\"");
    let said = Setup::offline()
        .with(&own, "client_id = \"44444444-4444-4444-8444-444444444444\"")
        .check(false)
        .await;
    said.finds(&["bot.connection"], &["client_id", SKILL, "[connections.skill]"]);

    let own = format!("tenant = \"{TENANT}\"\nclient_id = \"{SKILL}\"");
    let elsewhere = format!("tenant = \"44444444-4444-4444-8444-444444444444\"\nclient_id = \"{SKILL}\"");
    let said = Setup::offline().with(&own, &elsewhere).check(false).await;
    said.finds(&["bot.connection"], &["APPID_NOT_IN_TENANT", "one tenant"]);
}

#[tokio::test]
async fn a_connectors_file_that_is_broken() {
    let setup = Setup::offline();
    setup.install(b"this is no connector");
    setup.check(false).await.finds(&["contoso.wasm"], &["rejected", "WebAssembly"]);
}

#[tokio::test]
async fn a_connectors_file_that_is_not_there() {
    let setup = Setup::offline();
    std::fs::remove_file(setup.connector()).expect("it is removed");
    setup.check(false).await.finds(&["routing.default"], &["no contoso.wasm", "routing.default"]);
    let setup = Setup::offline().with("connectors = \"connectors\"", "connectors = \"elsewhere\"");
    setup.check(false).await.finds(&["gateway.connectors"], &["no folder elsewhere"]);
    assert!(!setup.folder.path().join("elsewhere").exists(), "it only looks");
}

#[tokio::test]
async fn an_upstream_that_is_not_granted() {
    let setup = Setup::offline();
    setup.install(&guest("asks-for-ungranted-upstream"));
    let said = setup.check(false).await;
    said.finds(&["connectors.contoso.upstreams.billing.base_url"], &["missing"]);
    assert!(said.step("contoso.wasm").contains("before [connectors.contoso] is mended"), "{}", said.text);
}

#[tokio::test]
async fn a_credential_that_a_connector_requires() {
    let setup = Setup::offline();
    setup.install(&guest("wants-credential"));
    // What is missing, of which kind, and where it is found at the vendor.
    let key = "connectors.contoso.credentials.api-key";
    setup.check(false).await.finds(&[key], &["missing", "kind: bearer", "Settings, API, Keys"]);
    let mut setup = setup;
    setup.toml += "[connectors.contoso.credentials.api-key]\nkind = \"key\"\nvalue = \"env:SKILL_SECRET\"\n";
    setup.check(false).await.finds(&[key], &["of the kind key", "takes bearer", "Settings, API, Keys"]);
}

#[tokio::test]
async fn a_setting_that_the_connector_does_not_know_and_one_of_another_type() {
    let mut setup = Setup::offline();
    setup.toml += "[connectors.contoso.settings]\nagent_name = 4711\nagentname = \"Ann\"\n";
    let said = setup.check(false).await;
    said.tells("connectors.contoso.settings.agent_name", &["not of type"]);
    said.tells("connectors.contoso.settings.agentname", &["no such setting", "there are", "agent_name"]);
    // A value may be a secret in the wrong place.
    assert!(!said.text.contains("4711"), "{}", said.text);
}

#[tokio::test]
async fn a_component_that_nobody_has_configured_is_no_fault() {
    let setup = Setup::offline();
    std::fs::write(setup.folder.path().join("connectors/spare.wasm"), guest("wants-credential"))
        .expect("a component");
    let said = setup.check(false).await;
    assert_eq!(said.failed(), Vec::<&str>::new(), "{}", said.text);
    let spare = said.step("spare.wasm");
    assert!(
        spare.starts_with("skipped") && spare.contains("connectors.spare.credentials.api-key"),
        "{spare}"
    );
}

#[tokio::test]
async fn of_several_secrets_only_the_one_that_is_missing_is_missed() {
    let mut setup = Setup::offline().with("\"\" = \"none\"", "\"\" = \"hmac\"");
    setup.install(&guest("wants-credential"));
    setup.toml += "[connectors.contoso.credentials.api-key]\nkind = \"bearer\"\ntoken = \"env:AGENT_SECRET\"\n\
                   [connectors.contoso.credentials.webhook]\nkind = \"key\"\nvalue = \"env:NOT_SET\"\n";
    let said = setup.check(false).await;
    said.finds(&["connectors.contoso.credentials.webhook"], &["env:NOT_SET", "not set"]);
    said.is_well("contoso.wasm");
}

#[tokio::test]
async fn a_secret_whose_variable_is_not_set() {
    let said = Setup::offline().without_variable("SKILL_SECRET").check(false).await;
    said.finds(&["connections.skill"], &["env:SKILL_SECRET", "not set", "set it for this process"]);
    // What hangs on it is not blamed.
    assert!(said.step("/api/callbacks/contoso").starts_with("skipped"), "{}", said.text);
}

#[tokio::test]
async fn callbacks_that_nobody_has_opened() {
    let said =
        Setup::offline().with("[connectors.contoso.callbacks]\n\"\" = \"none\"\n", "").check(false).await;
    said.finds(&["/api/callbacks/contoso"], &["closed", "connectors.contoso.credentials.webhook"]);
    let said = Setup::offline().with("\"\" = \"none\"", "\"\" = \"hmac\"").check(false).await;
    said.finds(&["/api/callbacks/contoso"], &["closed", "connectors.contoso.credentials.webhook"]);
}

#[tokio::test]
async fn a_store_that_cannot_be_written() {
    // Not even the system's administrator makes a folder below a file.
    let setup = Setup::offline().with("data = \"data\"", "data = \"file/data\"");
    std::fs::write(setup.folder.path().join("file"), "").expect("a file");
    setup.check(false).await.finds(&["gateway.data"], &["cannot be written", "another folder"]);
}

#[tokio::test]
async fn a_database_on_a_host_that_there_is_not() {
    let mut setup = Setup::offline();
    setup.toml +=
        &format!("\n[store]\nurl = \"postgres://handover:{}@nowhere.invalid/handover\"\n", SECRETS[0]);
    setup.check(false).await.finds(&["store.url"], &["nowhere.invalid:5432", "cannot be reached"]);
}

#[tokio::test]
async fn a_pattern_of_hosts_that_is_none() {
    let setup = Setup::offline().with("[bot]\n", "[bot]\nruntime_hosts = [\"https://a.example/\"]\n");
    setup.check(false).await.finds(&["bot.runtime_hosts"], &["is not a host", "*.name"]);
}

#[tokio::test]
async fn keys_that_are_not_known_and_values_of_another_kind_all_at_once() {
    let said = Setup::offline()
        .with("connection = \"skill\"", "conection = \"skill\"")
        .with("data = \"data\"", "data = \"data\"\npoll_ms = \"often\"\nlistn = \"127.0.0.1:1\"")
        .with(
            "proof = { kind = \"client-secret\", secret = \"env:AGENT_SECRET\" }",
            "proof = \"s3cret-of-the-agent\"",
        )
        .with("secret = \"env:SKILL_SECRET\"", "secret = \"s3cret-of-the-skill\"")
        .check(false)
        .await;
    assert_eq!(said.code, 2, "{}", said.text);
    for word in [
        "did you mean `connection`?",
        "did you mean `listen`?",
        "gateway.poll_ms",
        "a string stands here; wanted is a whole number",
        "a string stands here; wanted is a table",
        "connections.agent.proof",
        "connections.skill.proof",
        "env:NAME",
    ] {
        assert!(said.text.contains(word), "`{word}` is not in {}", said.text);
    }
    // What is mistaken is not called missing as well.
    assert_eq!(said.failed().len(), 5, "{}", said.text);
    let serve =
        Setup::offline().with("connection = \"skill\"", "conection = \"skill\"").ask(&["serve"]).await;
    assert_ne!(serve.code, 0);
}

#[tokio::test]
async fn mistakes_of_two_kinds_are_both_shown() {
    let said = Setup::offline()
        .with("[bot]\n", "[bot]\nservice_hosts = [\"a/b\"]\n")
        .with("\"http://127.0.0.1:5000\"", "\"ftp://user:s3cret-of-the-skill@vendor.example\"")
        .check(false)
        .await;
    said.tells("bot.service_hosts", &["a/b"]);
    said.tells("connectors.contoso.upstreams.api.base_url", &["ftp://vendor.example", "http or https"]);
}

#[tokio::test]
async fn what_is_no_toml_is_told_without_its_line() {
    for line in [
        "secret = s3cret-of-the-skill",
        "s3cret-of-the-skill",
        "a = \"s3cret-of-the-skill",
        "a = 's3cret-of-the-skill\"",
        "[x]\na = 1 s3cret-of-the-skill",
    ] {
        let mut setup = Setup::offline();
        let line_number = setup.toml.lines().count() + 1;
        setup.toml += line;
        let said = setup.check(false).await;
        assert_eq!(said.code, 2, "{}", said.text);
        let expected = if line.starts_with('[') { line_number + 1 } else { line_number };
        assert!(said.text.contains(&format!("line {expected}")), "{line}: {}", said.text);
        // The same from the one that serves.
        setup.ask(&["serve"]).await;
    }
    let setup = Setup::offline();
    let said = setup.ask(&["check", "--config", "nowhere.toml"]).await;
    assert_eq!(said.code, 2);
    assert!(said.text.contains("nowhere.toml") && said.text.contains("cannot be read"), "{}", said.text);
}

#[tokio::test]
async fn a_try_on_this_machine_needs_nobodys_ids() {
    let mut setup = Setup::offline();
    setup.toml = "[bot]\nlocal = true\n[gateway]\nconnectors = \"connectors\"\n".to_owned();
    let said = setup.check(false).await;
    assert_eq!((said.code, said.failed()), (0, Vec::new()), "{}", said.text);
    assert!(said.step("callers").contains("no tokens"), "{}", said.text);
}
