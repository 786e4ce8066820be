//! The way of a first handover, walked: with the real gateway at the public address, and with others in its place.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::setup::{AGENT, SKILL, Said, Setup};
use super::strangers::{front, microsoft, page, vendor, vendor_saying, vendor_with_key};
use crate::component::guest;
use crate::house::client;
use crate::patience::eventually;
use crate::ports;

/// The real gateway on this set-up, with tokens.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    async fn begin(setup: &Setup, port: u16) -> Self {
        std::fs::write(setup.folder.path().join("handover.toml"), &setup.toml).expect("a configuration");
        let child = Command::new(env!("CARGO_BIN_EXE_handover"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--admin-addr", "127.0.0.1:0"])
            .envs(setup.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(setup.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let serving = Self(child);
        let http = client();
        eventually("a gateway", || async {
            let answer = http.get(format!("http://127.0.0.1:{port}/healthz")).send().await;
            answer.map(|_| ()).map_err(|e| e.to_string())
        })
        .await;
        serving
    }
}

/// A manifest as the gateway at this address would serve it.
fn manifest(base: &str) -> Value {
    let endpoint = format!("{base}/api/messages").parse().expect("an address");
    handover_channel::manifest(&endpoint, &SKILL.parse().expect("an id"))
}

/// All but the keys of Microsoft's issuers, which are not on this machine.
fn failed(said: &Said) -> Vec<&str> {
    said.failed().into_iter().filter(|name| !name.starts_with("https://login.")).collect()
}

#[tokio::test]
async fn a_set_up_that_serves_is_well_from_end_to_end() {
    let port = ports::free();
    let public = format!("http://127.0.0.1:{port}");
    let setup = Setup::well(&public, &microsoft(&[]).await, &vendor().await);
    let serving = Serving::begin(&setup, port).await;
    let said = setup.check(true).await;
    assert_eq!(failed(&said), Vec::<&str>::new(), "{}", said.text);
    for step in [
        "manifest",
        "manifest's content",
        "endpoint",
        "msAppId",
        "health ping",
        "/api/callbacks/contoso",
        "connections.skill as the skill",
        "connections.agent as agent",
        "bot.teams_connector_url",
        "connectors.contoso.upstreams.api",
    ] {
        said.is_well(step);
    }
    // What Copilot Studio would show is in the step that would cause it.
    for code in [
        "URL_NOT_HTTPS",
        "MANIFEST_ENDPOINT_ORIGIN_MISMATCH",
        "MANIFEST_ALREADY_IMPORTED",
        "LIMITS_TOO_MANY_SKILLS",
        "ENDPOINT_HEALTHCHECK_UNAUTHORIZED",
    ] {
        assert!(said.text.contains(code), "{code}: {}", said.text);
    }

    // The gateway runs with another app id than the one that is looked at.
    let other = "44444444-4444-4444-8444-444444444444";
    let changed = Setup { toml: setup.toml.replace(SKILL, other), ..setup };
    let said = changed.check(true).await;
    assert_eq!(failed(&said), ["msAppId"], "{}", said.text);
    said.tells("msAppId", &["another configuration"]);
    drop(serving);
}

/// What is said where these apps get Entra's numbers in place of tokens.
async fn with_entra(refused: &[(&str, u32)]) -> Said {
    let public = format!("http://127.0.0.1:{}", ports::free());
    Setup::well(&public, &microsoft(refused).await, "http://127.0.0.1:5000").check(true).await
}

#[tokio::test]
async fn secrets_that_are_wrong_or_have_expired() {
    let said = with_entra(&[(SKILL, 7_000_215), (AGENT, 7_000_222)]).await;
    said.tells(
        "connections.skill as the skill",
        &["AADSTS7000215", "AADERROR_OTHER", "client secret is wrong", "value, not its id"],
    );
    said.tells("connections.agent as agent", &["AADSTS7000222", "expired", "Certificates & secrets"]);
}

#[tokio::test]
async fn a_tenant_that_there_is_not_and_an_agent_without_an_app_registration() {
    let said = with_entra(&[(SKILL, 90_002), (AGENT, 700_016)]).await;
    said.tells(
        "connections.skill as the skill",
        &["AADSTS90002", "APPID_NOT_IN_TENANT", "check the tenant id"],
    );
    said.tells("connections.agent as agent", &["AADSTS700016", "Entra Agent ID", "Add an agent"]);
    let said = with_entra(&[(SKILL, 500_011), (AGENT, 7_000_229)]).await;
    said.tells("connections.skill as the skill", &["AADSTS500011", "Entra Agent ID"]);
    said.tells("connections.agent as agent", &["AADSTS7000229", "Entra Agent ID"]);
}

#[tokio::test]
async fn nobody_is_where_somebody_should_be() {
    let nobody = || format!("http://127.0.0.1:{}", ports::free());
    let said = Setup::well(&nobody(), &nobody(), &nobody()).check(true).await;
    said.tells("manifest", &["MANIFEST_FETCH_FAILED", "nobody listens there", "handover serve"]);
    assert!(said.step("health ping").starts_with("skipped"), "{}", said.text);
    said.tells("connections.skill as the skill", &["cannot be reached", "authority"]);
    said.tells("bot.teams_connector_url", &["cannot be reached", "Teams"]);
    said.tells("connectors.contoso.upstreams.api", &["cannot be reached", "nobody listens there"]);
}

#[tokio::test]
async fn a_public_address_that_is_not_https() {
    let said = Setup::well("http://handover.invalid", "http://127.0.0.1:9", "http://127.0.0.1:5000")
        .check(true)
        .await;
    said.tells("gateway.public_url", &["URL_NOT_HTTPS", "proxy or tunnel with TLS"]);
    said.tells("manifest", &["MANIFEST_FETCH_FAILED", "does not resolve"]);
}

#[tokio::test]
async fn somebody_else_at_the_public_address() {
    let said = Setup::well(&page().await, "http://127.0.0.1:9", "http://127.0.0.1:5000").check(true).await;
    said.tells("manifest", &["no JSON", "MANIFEST_MALFORMED", "gateway.public_url"]);
    said.tells("health ping", &["without a token", "somebody else"]);
    assert!(said.text.contains("somebody else answers, with 200"), "{}", said.text);
}

#[tokio::test]
async fn a_manifest_whose_endpoint_is_elsewhere() {
    let public = front(manifest("https://old-tunnel.example"), 404).await;
    let said = Setup::well(&public, "http://127.0.0.1:9", "http://127.0.0.1:5000").check(true).await;
    said.tells(
        "endpoint",
        &["MANIFEST_ENDPOINT_ORIGIN_MISMATCH", "https://old-tunnel.example", "Home page URL"],
    );
    said.tells("health ping", &["404", "ENDPOINT_HEALTHCHECK_FAILED", "proxy's rules"]);
}

#[tokio::test]
async fn a_proxy_in_front_that_wants_a_login_or_finds_nobody() {
    for (status, words) in [
        (401, ["ENDPOINT_HEALTHCHECK_UNAUTHORIZED", "not by Handover", "wants a login"]),
        (502, ["HEALTH_PING_FAILED", "502", "reaches no gateway"]),
        (302, ["HEALTH_PING_FAILED", "302", "redirects"]),
    ] {
        let public = front(manifest("http://127.0.0.1"), status).await;
        let said = Setup::well(&public, "http://127.0.0.1:9", "http://127.0.0.1:5000").check(true).await;
        said.tells("health ping", &words);
    }
}

#[tokio::test]
async fn a_manifest_beyond_copilot_studios_limits() {
    let mut many = manifest("http://127.0.0.1");
    for n in 0..26 {
        many["definitions"]["messageInput"]["properties"][format!("Input{n}")] =
            serde_json::json!({ "type": "string" });
    }
    let said =
        Setup::well(&front(many, 401).await, "http://127.0.0.1:9", "http://127.0.0.1:5000").check(true).await;
    assert!(said.text.contains("LIMITS_TOO_MANY_INPUTS"), "{}", said.text);
    let huge = serde_json::json!({ "name": "x".repeat(600 * 1024) });
    let said =
        Setup::well(&front(huge, 401).await, "http://127.0.0.1:9", "http://127.0.0.1:5000").check(true).await;
    said.tells("manifest", &["MANIFEST_TOO_LARGE"]);
}

#[tokio::test]
async fn a_vendor_that_gives_no_token() {
    let microsoft = microsoft(&[("client-of-the-vendor", 7_000_215)]).await;
    let mut setup = Setup::well("http://127.0.0.1:9", &microsoft, &vendor().await);
    setup.toml += &format!(
        "[connectors.contoso.credentials.spare]\nkind = \"oauth2-client-credentials\"\n\
         token_url = \"{microsoft}/any/oauth2/v2.0/token\"\nclient_id = \"client-of-the-vendor\"\n\
         client_secret = \"env:SKILL_SECRET\"\n"
    );
    let said = setup.check(true).await;
    said.tells("connectors.contoso.credentials.spare", &["gives no token", "token address, id and secret"]);
    said.is_well("connectors.contoso.upstreams.api");
}

/// What is said of a static credential with this value, where this is the path to try it on.
async fn with_static_key(value: &str, probe: &str) -> Said {
    let vendor = vendor_with_key("good").await;
    let mut setup = Setup::well("http://127.0.0.1:9", "http://127.0.0.1:9", &format!("{vendor}/api"))
        .with("\n\n[connectors.contoso.callbacks]", &format!("\n{probe}\n[connectors.contoso.callbacks]"));
    setup.toml += "[connectors.contoso.credentials.api]\nkind = \"bearer\"\ntoken = \"env:VENDOR_KEY\"\n";
    setup.environment.push(("VENDOR_KEY", value.to_owned()));
    setup.check(true).await
}

#[tokio::test]
async fn a_key_that_the_vendor_does_not_take_is_found_by_the_path_that_the_operator_names() {
    let key = "connectors.contoso.credentials.api";
    with_static_key("good", "probe = \"/me\"").await.is_well(key);
    let said = with_static_key("bad", "probe = \"/me\"").await;
    said.tells(key, &["does not take it", "401", "/me", "check user or id, and secret"]);
    let said = with_static_key("who-may-not", "probe = \"/me\"").await;
    said.tells(key, &["does not let it read /me", "rights"]);
}

#[tokio::test]
async fn a_key_that_nothing_can_be_said_of_yet() {
    let key = "connectors.contoso.credentials.api";
    let said = with_static_key("bad", "").await.step(key);
    assert!(said.starts_with("skipped") && said.contains("at the first handover"), "{said}");
    assert!(said.contains("connectors.contoso.upstreams.api.probe"), "{said}");
    // The same is answered with it and without it.
    let said = with_static_key("bad", "probe = \"/nobody\"").await.step(key);
    assert!(said.starts_with("skipped") && said.contains("tells nothing: 404"), "{said}");
    let said = with_static_key("bad", "probe = \"me\"").await;
    said.tells("connectors.contoso.upstreams.api.probe", &["begins with `/`"]);
}

#[tokio::test]
async fn a_connector_that_can_tell_whether_somebody_is_there_is_asked() {
    let with = async |word| {
        let vendor = vendor_saying(word).await;
        let setup = Setup::well("http://127.0.0.1:9", "http://127.0.0.1:9", &vendor);
        setup.install(&guest("knows-its-hours"));
        setup.check(true).await
    };
    let step = "connectors.contoso, availability";
    let said = with("open").await;
    said.is_well(step);
    assert!(said.step(step).contains("can begin now"), "{}", said.text);
    let said = with("nobody").await;
    said.is_well(step);
    assert!(said.step(step).contains("no-agents"), "{}", said.text);
    with("nonsense").await.tells(step, &["settings, address and credentials"]);
}

#[tokio::test]
async fn a_connector_that_can_try_its_own_setup_is_let() {
    let vendor = vendor_saying("open").await;
    let setup = Setup::well("http://127.0.0.1:9", "http://127.0.0.1:9", &vendor);
    setup.install(&guest("tries-itself"));
    let said = setup.check(true).await;
    said.is_well("connectors.contoso, the address answers");
    said.tells(
        "connectors.contoso, the queue exists",
        &["there is none", "settings, address and credentials"],
    );
    assert!(!setup.check(false).await.text.contains("the queue exists"));
}

#[tokio::test]
async fn an_issuer_of_tokens_whose_keys_cannot_be_had() {
    let metadata = format!("{}/openid-configuration", page().await);
    let mut setup = Setup::well("http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:5000");
    setup.toml +=
        &format!("[[bot.issuers]]\nissuer = \"https://issuer.example\"\nmetadata = \"{metadata}\"\n");
    let said = setup.check(true).await;
    said.tells(&metadata, &["ENDPOINT_HEALTHCHECK_FAILED", "[[bot.issuers]]"]);
}
