//! Callers who may call are let in, however their tokens are spelled.

use handover_identity::{Callers, Kind};
use serde_json::json;

use crate::tokens::keys;
use crate::world::{
    APP, BOT, BOT_SERVICE, OTHER, SERVICE, TENANT, World, keeper, rules, service, v1, v2, with,
};

#[tokio::test]
async fn a_listed_bot_is_admitted_with_a_token_of_either_version() {
    let world = World::start().await;
    for claims in [v1(), v2(), with(v1(), json!({"ver": null})), with(v1(), json!({"ver": ""}))] {
        let admitted = world.admitted(&claims).await;
        assert_eq!(admitted.kind(), Kind::Entra);
        assert_eq!(admitted.caller().app_id, BOT);
        assert_eq!(admitted.caller().tenant.as_deref(), Some(TENANT));
        assert_eq!(admitted.speaks_for("https://anywhere.example", "msteams"), Ok(()));
    }
}

#[tokio::test]
async fn the_audience_may_be_the_app_its_address_a_configured_one_or_a_list_with_one_of_them() {
    let world = World::start().await;
    for audience in [
        json!(APP),
        json!(APP.to_uppercase()),
        json!(format!("api://{APP}")),
        json!("https://skill.contoso.example"),
        json!([OTHER, APP]),
    ] {
        world.admitted(&with(v2(), json!({"aud": audience}))).await;
    }
}

#[tokio::test]
async fn the_callers_case_tells_nothing_apart() {
    let world = World::start().await;
    let admitted = world.admitted(&with(v2(), json!({"azp": BOT.to_uppercase()}))).await;
    assert_eq!(admitted.caller().app_id, BOT);
}

#[tokio::test]
async fn every_rsa_algorithm_of_the_sdk_is_accepted() {
    let world = World::start().await;
    for algorithm in ["RS256", "RS384", "RS512"] {
        let token = keys()[0].token_with(&json!({"alg": algorithm, "kid": "one"}), &v2());
        assert!(world.admit(&token).await.is_ok(), "{algorithm}");
    }
}

#[tokio::test]
async fn a_key_bound_to_the_tokens_algorithm_and_issuer_is_used() {
    let world = World::start().await;
    let bound = json!({
        "alg": "RS256", "key_ops": ["verify"],
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"
    });
    world.authority.publish(&[with(keys()[0].jwk(), bound)]);
    world.admitted(&v2()).await;
    // The tenant's other spelling shares the key.
    world.admitted(&v1()).await;
}

#[tokio::test]
async fn the_bot_service_is_admitted_without_being_listed() {
    let world = World::start().await;
    let admitted = world.admitted(&service()).await;
    assert_eq!(admitted.kind(), Kind::BotFramework);
    assert_eq!(admitted.caller().app_id, BOT_SERVICE);
    assert_eq!(admitted.caller().tenant, None);
    assert!(admitted.speaks_for(SERVICE, "msteams").is_err(), "the key endorses nothing");
}

#[tokio::test]
async fn anyone_may_call_where_that_is_asked_for() {
    let world = World::start().await;
    let anyone = keeper(handover_identity::BotRules { callers: Callers::Anyone, ..rules(&world.authority) });
    let world = World { keeper: anyone, ..world };
    assert_eq!(world.admitted(&with(v2(), json!({"azp": OTHER}))).await.caller().app_id, OTHER);
    assert_eq!(world.refusal(&with(v2(), json!({"azp": APP}))).await.rule(), "caller-is-self");
}
