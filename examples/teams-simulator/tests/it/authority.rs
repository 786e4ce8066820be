//! What the authority publishes, and how it fails when told to.
use serde_json::{Value, json};
use teams_simulator::{Config, OldKeys, Tokens};

use crate::{jwt, world::World};

#[tokio::test]
async fn the_tenants_metadata_leads_to_its_keys_and_its_token_endpoint() {
    let world = World::new().await;
    let (base, tenant) = (world.running.authority_url(), world.running.tenant_id());
    let metadata = world.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(metadata["issuer"], format!("{base}/{tenant}/v2.0"));
    assert_eq!(world.running.issuers(), [format!("{base}/{tenant}/v2.0"), format!("{base}/{tenant}/")]);
    assert_eq!(metadata["token_endpoint"], format!("{base}/{tenant}/oauth2/v2.0/token"));
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["RS256"]));
    let keys = metadata["jwks_uri"].as_str().and_then(|uri| uri.strip_prefix(&base)).expect("an address");
    let keys = world.get(keys).await;
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["use"], &key["e"]), (&json!("RSA"), &json!("sig"), &json!("AQAB")));
    assert_eq!(key["issuer"], metadata["issuer"]);
    assert!(key["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    // 256 bytes, which begin with a bit that is set.
    assert_eq!(key["n"].as_str().map(str::len), Some(342));

    let old = world.get(&format!("/{tenant}/.well-known/openid-configuration")).await;
    assert_eq!(old["issuer"], format!("{base}/{tenant}/"));
    assert_eq!(old["jwks_uri"], format!("{base}/{tenant}/discovery/keys"));
    let old = world.get(&format!("/{tenant}/discovery/keys")).await;
    assert_eq!((&old["keys"][0]["kid"], &old["keys"][0]["issuer"]), (&key["kid"], &Value::Null));
    for url in world.running.metadata_urls() {
        let path = url.strip_prefix(&base).expect("an address");
        assert!(world.get(path).await["jwks_uri"].is_string());
    }

    let common = world.get("/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(common["issuer"], format!("{base}/{{tenantid}}/v2.0"));
    let common = world.get("/common/discovery/v2.0/keys").await;
    assert_eq!(common["keys"][0]["kid"], key["kid"]);
}

#[tokio::test]
async fn bot_services_metadata_leads_to_keys_of_its_own_that_are_endorsed() {
    let world = World::new().await;
    let metadata = world.get("/v1/.well-known/openidconfiguration").await;
    assert_eq!(metadata["issuer"], Config::default().bot_service_issuer);
    assert_eq!(metadata["jwks_uri"], format!("{}/v1/.well-known/keys", world.running.authority_url()));
    let keys = world.get("/v1/.well-known/keys").await;
    let endorsements = keys["keys"][0]["endorsements"].as_array().expect("endorsements");
    assert!(endorsements.contains(&json!("msteams")));
    let entra = world.get(&format!("/{}/discovery/v2.0/keys", world.running.tenant_id())).await;
    assert_ne!(entra["keys"][0]["kid"], keys["keys"][0]["kid"]);
}

#[tokio::test]
async fn nobody_knows_another_tenant() {
    let world = World::new().await;
    for path in [
        "/elsewhere/v2.0/.well-known/openid-configuration",
        "/elsewhere/.well-known/openid-configuration",
        "/elsewhere/discovery/v2.0/keys",
        "/elsewhere/discovery/keys",
    ] {
        let response = world.http.get(world.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["error_codes"], json!([90002]));
    }
}

#[tokio::test]
async fn an_authority_that_is_down_slow_or_failing_is_so_by_order() {
    let world = World::with(|config| config.switches.tokens = Tokens::V2).await;
    let url = world.url(&format!("/{}/discovery/v2.0/keys", world.running.tenant_id()));
    let get = || world.http.get(&url).send();
    let order = |mode: &str| json!({ "target": "authority", "mode": mode, "count": 1, "delayMs": 1 });
    for (mode, status) in [("serverError", 500), ("unavailable", 503), ("slow", 200)] {
        world.post("/api/faults", order(mode)).await;
        assert_eq!(get().await.expect("an answer").status(), status, "{mode}");
    }
    world.post("/api/faults", order("drop")).await;
    assert!(get().await.expect_err("no answer").is_request());
    assert_eq!(get().await.expect("an answer").status(), 200);

    // The others are not affected, and the agent has its token all the same.
    world.post("/api/faults", json!({ "target": "authority", "mode": "drop" })).await;
    let jane = world.customer().await;
    jane.escalates().await;
    assert!(world.skill.token(0).await.is_some());
    let faults = world.post("/api/faults", json!({ "target": "both", "mode": "none" })).await;
    assert_eq!(faults[0]["target"], "authority", "both are the connector and the runtime");
}

#[tokio::test]
async fn a_rotated_key_signs_while_the_old_one_stays_or_goes() {
    let world = World::with(|config| config.switches.tokens = Tokens::V2).await;
    let path = format!("/{}/discovery/v2.0/keys", world.running.tenant_id());
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.token(0).await.expect("a token");

    world.running.rotate_key(OldKeys::Published).await;
    jane.write("Hello?").await;
    let second = world.skill.token(2).await.expect("a token");
    assert_ne!(jwt::read(&first).0["kid"], jwt::read(&second).0["kid"]);
    let keys = world.get(&path).await;
    assert!(jwt::verified(&keys, &first).is_ok() && jwt::verified(&keys, &second).is_ok());

    world.running.rotate_key(OldKeys::Withdrawn).await;
    jane.write("Anybody?").await;
    let third = world.skill.token(3).await.expect("a token");
    let keys = world.get(&path).await;
    assert_eq!(jwt::verified(&keys, &first), Err("unknown key"));
    assert_eq!(jwt::verified(&keys, &second), Err("unknown key"));
    assert!(jwt::verified(&keys, &third).is_ok());
}
