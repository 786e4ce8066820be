//! Tokens of the Bot Service: they speak for one service, and for the channels that their key endorses.

use handover_identity::Refusal;
use serde_json::json;

use crate::tokens::keys;
use crate::world::{SERVICE, World, service, v2, with};

async fn endorsing(channels: serde_json::Value) -> World {
    let world = World::start().await;
    world.authority.publish(&[with(keys()[0].jwk(), json!({"endorsements": channels}))]);
    world
}

#[tokio::test]
async fn the_service_is_the_tokens_whatever_its_case_and_its_last_slash() {
    let world = endorsing(json!(["msteams", "webchat"])).await;
    let admitted = world.admitted(&service()).await;
    for same in [SERVICE, SERVICE.trim_end_matches('/'), &SERVICE.to_uppercase()] {
        assert_eq!(admitted.speaks_for(same, "msteams"), Ok(()), "{same}");
    }
    assert_eq!(admitted.speaks_for(SERVICE, "webchat"), Ok(()));
    for other in [
        "",
        "https://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/amer/",
        "https://smba.trafficmanager.net.evil.example/emea/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net/emea/../amer/",
    ] {
        let refusal = admitted.speaks_for(other, "msteams").expect_err("a refusal");
        assert_eq!(refusal, Refusal::ServiceUrlOther { found: other.to_owned(), wanted: SERVICE.to_owned() });
        assert_eq!(refusal.status(), 403);
    }
}

#[tokio::test]
async fn a_token_without_a_service_is_refused_before_any_key_is_asked_for() {
    let world = World::start().await;
    for service_url in [json!(null), json!(""), json!("  ")] {
        let claims = with(service(), json!({"serviceurl": service_url}));
        assert_eq!(world.refusal(&claims).await, Refusal::ServiceUrlClaimMissing);
    }
    let claims = with(service(), json!({"serviceurl": [SERVICE]}));
    assert_eq!(world.refusal(&claims).await, Refusal::ClaimMalformed { claim: "serviceurl" });
    assert_eq!(world.authority.hits(), (0, 0));
}

#[tokio::test]
async fn a_channel_that_the_key_does_not_endorse_is_refused() {
    for (endorsed, channel) in [
        (json!(null), "msteams"),
        (json!([]), "msteams"),
        (json!(["webchat"]), "msteams"),
        (json!(["msteams"]), "MSTeams"),
        (json!(["msteams"]), ""),
    ] {
        let world = endorsing(endorsed.clone()).await;
        let refusal = world.admitted(&service()).await.speaks_for(SERVICE, channel).expect_err("a refusal");
        assert_eq!(refusal.rule(), "channel-not-endorsed", "{endorsed} {channel}");
        assert_eq!(refusal.status(), 403);
    }
}

#[tokio::test]
async fn a_token_of_the_directory_needs_no_endorsement() {
    let world = World::start().await;
    assert_eq!(world.admitted(&v2()).await.speaks_for(SERVICE, "msteams"), Ok(()));
}
