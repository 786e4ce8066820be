//! Claims that break a rule, each refused for its own reason, and before any key is asked for where none is needed.

use handover_identity::Refusal;
use serde_json::json;

use crate::tokens::keys;
use crate::world::{APP, NOW, NOW_MS, OTHER, V1, V2, World, v1, v2, with};

#[tokio::test]
async fn an_issuer_that_only_looks_alike_is_unknown() {
    let world = World::start().await;
    for issuer in [
        format!("{V2}/"),
        V2.to_uppercase(),
        V2.replace("https", "http"),
        V2.replace("login.microsoftonline.com", "login.microsoftonline.com.evil.example"),
        V2.replace("login.microsoftonline.com", "evil.example/login.microsoftonline.com"),
        V1.trim_end_matches('/').to_owned(),
        format!(" {V2}"),
        format!("https://login.microsoftonline.com/{OTHER}/v2.0"),
        "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
        "https://login.microsoftonline.com/common/v2.0".to_owned(),
        "https://api.botframework.com/".to_owned(),
    ] {
        let refusal = world.refusal(&with(v2(), json!({"iss": issuer}))).await;
        assert_eq!(refusal, Refusal::IssuerUnknown { found: issuer });
    }
    assert_eq!(world.authority.hits(), (0, 0));
}

#[tokio::test]
async fn a_token_says_who_issued_it_and_for_whom() {
    let world = World::start().await;
    let cases = [
        (json!({"iss": null}), "issuer-missing"),
        (json!({"iss": ""}), "issuer-missing"),
        (json!({"iss": [V2]}), "claim-malformed"),
        (json!({"aud": null}), "audience-missing"),
        (json!({"aud": ""}), "audience-missing"),
        (json!({"aud": []}), "audience-missing"),
        (json!({"aud": 5}), "claim-malformed"),
        (json!({"aud": [APP, 5]}), "claim-malformed"),
        (json!({"aud": {"a": APP}}), "claim-malformed"),
        (json!({"aud": OTHER}), "audience-other"),
        (json!({"aud": [OTHER, "api://x"]}), "audience-other"),
        (json!({"aud": "https://api.botframework.com"}), "audience-other"),
        (json!({"aud": format!("{APP} ")}), "audience-other"),
        (json!({"aud": format!("{OTHER},{APP}")}), "audience-other"),
        (json!({"aud": format!("api://{APP}/x")}), "audience-other"),
    ];
    for (change, rule) in cases {
        let refusal = world.refusal(&with(v2(), change.clone())).await;
        assert_eq!((refusal.rule(), refusal.status()), (rule, 401), "{change}");
    }
    assert_eq!(world.authority.hits(), (0, 0));
}

#[tokio::test]
async fn a_token_is_valid_from_300_seconds_before_to_300_seconds_after_its_time() {
    let world = World::start().await;
    let token = keys()[0].token(&with(v2(), json!({"nbf": NOW, "exp": NOW + 3600})));
    let begin = NOW_MS - 300_000;
    let end = NOW_MS + 3_900_000;
    let at =
        async |now_ms| world.admit_at(&token, now_ms).await.map(|_| ()).map_err(|refusal| refusal.rule());
    assert_eq!(at(begin - 1).await, Err("not-yet-valid"));
    assert_eq!(at(begin - 1000).await, Err("not-yet-valid"));
    assert_eq!(at(begin).await, Ok(()));
    assert_eq!(at(end - 1000).await, Ok(()));
    assert_eq!(at(end - 1).await, Ok(()));
    assert_eq!(at(end).await, Err("expired"));
    assert_eq!(at(end + 1000).await, Err("expired"));
}

#[tokio::test]
async fn times_are_numbers_of_which_the_end_must_be_there() {
    let world = World::start().await;
    let cases = [
        (json!({"exp": null}), "expiry-missing"),
        (json!({"exp": "1800000000"}), "claim-malformed"),
        (json!({"exp": true}), "claim-malformed"),
        (json!({"nbf": "1"}), "claim-malformed"),
        (json!({"exp": 0}), "expired"),
        (json!({"exp": -1}), "expired"),
        (json!({"exp": i64::MIN}), "expired"),
        (json!({"exp": -1.0e300}), "expired"),
        (json!({"nbf": u64::MAX}), "not-yet-valid"),
        (json!({"nbf": 1.0e300}), "not-yet-valid"),
    ];
    for (change, rule) in cases {
        assert_eq!(world.refusal(&with(v2(), change.clone())).await.rule(), rule, "{change}");
    }
    assert_eq!(world.authority.hits(), (0, 0));
    for fine in [json!({"nbf": null}), json!({"exp": u64::MAX}), json!({"exp": NOW as f64 + 0.5})] {
        world.admitted(&with(v2(), fine)).await;
    }
}

#[tokio::test]
async fn the_tenant_is_the_issuers() {
    let world = World::start().await;
    for claims in [v1(), v2()] {
        assert_eq!(world.refusal(&with(claims.clone(), json!({"tid": OTHER}))).await.rule(), "tenant-other");
        assert_eq!(world.refusal(&with(claims.clone(), json!({"tid": null}))).await.rule(), "tenant-missing");
        assert_eq!(world.refusal(&with(claims, json!({"tid": 5}))).await.rule(), "claim-malformed");
    }
}

#[tokio::test]
async fn the_version_says_which_claim_names_the_caller() {
    let world = World::start().await;
    for version in [json!("3.0"), json!("2"), json!("1"), json!(2.0), json!(["2.0"])] {
        let refusal = world.refusal(&with(v2(), json!({"ver": version}))).await;
        assert_eq!(refusal, Refusal::VersionUnknown { found: version.to_string() });
    }
    for (claims, claim) in [
        (with(v2(), json!({"azp": null})), "azp"),
        (with(v2(), json!({"azp": ""})), "azp"),
        // The other version's claim names nobody.
        (with(v2(), json!({"azp": null, "appid": OTHER})), "azp"),
        (with(v1(), json!({"appid": null})), "appid"),
        (with(v2(), json!({"ver": null})), "appid"),
    ] {
        assert_eq!(world.refusal(&claims).await, Refusal::CallerMissing { claim }, "{claims}");
    }
    assert_eq!(world.authority.hits(), (0, 0));
}

#[tokio::test]
async fn a_caller_who_is_not_listed_is_known_but_may_not() {
    let world = World::start().await;
    for (claims, found) in
        [(with(v2(), json!({"azp": OTHER})), OTHER), (with(v1(), json!({"appid": "*"})), "*")]
    {
        let refusal = world.refusal(&claims).await;
        assert_eq!(refusal, Refusal::CallerNotListed { found: found.to_owned() });
        assert_eq!(refusal.status(), 403);
    }
}

#[tokio::test]
async fn who_is_listed_is_told_only_to_callers_who_prove_who_they_are() {
    let world = World::start().await;
    for caller in [OTHER, APP] {
        let forged =
            keys()[1].token_with(&json!({"alg": "RS256", "kid": "one"}), &with(v2(), json!({"azp": caller})));
        assert_eq!(world.refusal_of_token(&forged).await, Refusal::SignatureWrong);
    }
}

#[tokio::test]
async fn the_skill_does_not_call_itself() {
    let world = World::start().await;
    for claims in [with(v2(), json!({"azp": APP})), with(v1(), json!({"appid": APP.to_uppercase()}))] {
        let refusal = world.refusal(&claims).await;
        assert_eq!(refusal, Refusal::CallerIsSelf { found: APP.to_owned() });
        assert_eq!(refusal.status(), 403);
    }
}
