//! The agent signs in when it calls its skill, in each way there is and with each flaw there is.
use std::time::Duration;

use serde_json::{Value, json};
use teams_simulator::Tokens;

use crate::{jwt, world::World};

async fn signs_in_with(tokens: Tokens) -> World {
    World::with(|config| config.switches.tokens = tokens).await
}

async fn entra_keys(world: &World) -> Value {
    world.get(&format!("/{}/discovery/v2.0/keys", world.running.tenant_id())).await
}

#[tokio::test]
async fn without_being_told_to_it_does_not_sign_in() {
    let world = World::new().await;
    world.customer().await.escalates().await;
    assert_eq!(world.skill.token(0).await, None);
}

#[tokio::test]
async fn it_signs_in_for_its_skill_with_tokens_of_either_version() {
    for (tokens, version, caller, issuer) in [(Tokens::V2, "2.0", "azp", 0), (Tokens::V1, "1.0", "appid", 1)]
    {
        let world = signs_in_with(tokens).await;
        world.customer().await.escalates().await;
        let token = world.skill.token(0).await.expect("a token");
        let claims = jwt::verified(&entra_keys(&world).await, &token).expect("it verifies");
        assert_eq!(claims["aud"], world.running.skill_app_id());
        assert_eq!(claims[caller], world.running.agent_app_id());
        assert_eq!((&claims["ver"], &claims["tid"]), (&json!(version), &json!(world.running.tenant_id())));
        assert_eq!(claims["iss"], world.running.issuers()[issuer]);
    }
}

#[tokio::test]
async fn bot_services_token_names_the_service_url_of_the_activity() {
    let world = signs_in_with(Tokens::BotService).await;
    world.customer().await.escalates().await;
    let token = world.skill.token(0).await.expect("a token");
    let claims = jwt::verified(&world.get("/v1/.well-known/keys").await, &token).expect("it verifies");
    assert_eq!(jwt::verified(&entra_keys(&world).await, &token), Err("unknown key"));
    assert_eq!(claims["serviceurl"], world.skill.nth(0).await["serviceUrl"]);
    assert_eq!(claims["iss"], "https://api.botframework.com");
    assert_eq!((&claims["azp"], &claims["tid"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let world = signs_in_with(Tokens::V2).await;
    let jane = world.customer().await;
    jane.escalates().await;
    let first = world.skill.token(0).await;
    world.running.advance_clock(Duration::from_secs(54 * 60));
    jane.write("Still there?").await;
    assert_eq!(world.skill.token(2).await, first);
    world.running.advance_clock(Duration::from_secs(2 * 60));
    jane.write("Hello?").await;
    let second = world.skill.token(3).await;
    assert_ne!(second, first);
    let exp = |token: Option<String>| jwt::read(&token.expect("a token")).1["exp"].as_i64().expect("seconds");
    assert!(exp(second) - exp(first) >= 56 * 60);
}

#[tokio::test]
async fn each_flaw_is_what_it_is_called_and_nothing_else() {
    let world = signs_in_with(Tokens::V2).await;
    let jane = world.customer().await;
    jane.escalates().await;
    let keys = entra_keys(&world).await;
    let good = world.skill.token(0).await.expect("a token");
    let good = jwt::verified(&keys, &good).expect("it verifies");
    let now = jiff::Timestamp::now().as_second();
    let mut calls = 2;
    for (flaw, verdict, changed) in [
        ("expired", Ok(()), &["exp", "iat", "nbf"][..]),
        ("notYetValid", Ok(()), &["exp", "iat", "nbf"]),
        ("foreignTenant", Ok(()), &["iss", "tid"]),
        ("tenantMismatch", Ok(()), &["tid"]),
        ("foreignIssuer", Ok(()), &["iss"]),
        ("wrongAudience", Ok(()), &["aud"]),
        ("foreignCaller", Ok(()), &["azp"]),
        ("unknownKey", Err("unknown key"), &[]),
        ("brokenSignature", Err("signature"), &[]),
        ("unsigned", Err("algorithm"), &[]),
    ] {
        world.post("/api/switches", json!({ "tokenFlaw": flaw })).await;
        jane.write(flaw).await;
        let token = world.skill.token(calls).await.expect("a token");
        calls += 1;
        assert_eq!(jwt::verified(&keys, &token).map(|_| ()), verdict, "{flaw}");
        let (_, claims) = jwt::read(&token);
        for (name, claim) in claims.as_object().expect("claims") {
            // The moment and the token's own number differ anyway.
            let moves = ["uti", "iat", "nbf", "exp"].contains(&name.as_str());
            if changed.contains(&name.as_str()) || !moves {
                assert_eq!(*claim != good[name], changed.contains(&name.as_str()), "{flaw}: {name}");
            }
        }
        let ends = claims["exp"].as_i64().expect("seconds");
        assert_eq!(ends < now - 300, flaw == "expired");
        let begins = claims["nbf"].as_i64().expect("seconds");
        assert_eq!(begins > now + 300, flaw == "notYetValid");
    }
    world.post("/api/switches", json!({ "tokenFlaw": "none" })).await;
    jane.write("fine again").await;
    let token = world.skill.token(calls).await.expect("a token");
    assert_eq!(jwt::verified(&keys, &token), Ok(good), "the one it had before");
}
