//! Where keys may come from: no redirect, no other host, nothing in the clear, nothing without bounds.

use handover_identity::{BotRules, FetchFailure, Probed};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::tokens::keys;
use crate::world::{BOT_SERVICE, NOW_MS, V1, V2, World, keeper, rules, v2};

/// What a probe finds, and that a token is then refused for want of keys.
async fn failure(world: &World) -> FetchFailure {
    let refusal = world.refusal(&v2()).await;
    assert_eq!(refusal.rule(), "keys-unavailable");
    let probed = world.keeper.probe(NOW_MS).await;
    let [_, Probed { keys: Err(failure), .. }] = &probed[..] else { panic!("no failure: {probed:?}") };
    assert!(refusal.to_string().contains(&failure.to_string()), "{refusal}");
    failure.clone()
}

async fn described(metadata: impl Fn(&Authority) -> Value) -> World {
    let world = World::start().await;
    world.authority.describe(metadata(&world.authority));
    world
}

#[tokio::test]
async fn a_probe_says_which_issuers_a_place_serves_and_how_many_keys_it_has() {
    let world = World::start().await;
    world.authority.publish(&[keys()[0].jwk(), keys()[1].jwk(), json!({"kid": "three", "kty": "oct"})]);
    let probed = world.keeper.probe(NOW_MS).await;
    let [service, directory] = &probed[..] else { panic!("two places: {probed:?}") };
    for place in [service, directory] {
        assert_eq!(place.url, world.authority.url("/metadata").as_str());
        assert_eq!(place.keys, Ok(2));
    }
    assert_eq!(service.issuers, [BOT_SERVICE]);
    assert_eq!(directory.issuers, [V2, V1]);
    // What it fetched serves.
    world.admitted(&v2()).await;
    assert_eq!(world.authority.hits(), (2, 2));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let world = World::start().await;
    world.authority.describe_text(302, String::new());
    let url = world.authority.url("/metadata").to_string();
    assert_eq!(failure(&world).await, FetchFailure::Status { url, status: 302 });

    let world = World::start().await;
    world.authority.publish_text(302, String::new());
    let url = world.authority.url("/keys").to_string();
    assert_eq!(failure(&world).await, FetchFailure::Status { url, status: 302 });
    assert_eq!(world.authority.hits(), (3, 3));
}

#[tokio::test]
async fn keys_lie_at_the_metadatas_host_or_one_that_was_named() {
    let second = Authority::start().await;
    let world = described(|_| json!({"jwks_uri": second.url("/keys")})).await;
    let host = second.address.to_string();
    let url = world.authority.url("/metadata").to_string();
    assert_eq!(failure(&world).await, FetchFailure::KeysElsewhere { url, host: host.clone() });
    assert_eq!(second.hits(), (0, 0));

    let mut named = rules(&world.authority);
    named.issuers.iter_mut().for_each(|issuer| issuer.key_hosts = vec![host.clone()]);
    let world = World { keeper: keeper(named), ..world };
    world.admitted(&v2()).await;
    assert_eq!(second.hits(), (0, 1));
}

#[tokio::test]
async fn keys_do_not_come_in_the_clear() {
    let keys = "http://login.contoso.example/keys".to_owned();
    let world = described(|_| json!({"jwks_uri": keys})).await;
    let url = world.authority.url("/metadata").to_string();
    assert_eq!(failure(&world).await, FetchFailure::KeysPlain { url, keys });
    for address in ["file:///etc/passwd", "ftp://127.0.0.1/keys", "data:application/json,{}"] {
        let world = described(|_| json!({"jwks_uri": address})).await;
        assert!(matches!(failure(&world).await, FetchFailure::KeysPlain { .. }), "{address}");
    }
}

#[tokio::test]
async fn documents_are_bounded_in_size_and_number_of_keys() {
    let world = World::start().await;
    world.authority.publish_text(200, " ".repeat(256 * 1024 + 1));
    let url = world.authority.url("/keys").to_string();
    assert_eq!(failure(&world).await, FetchFailure::TooLong { url });

    let world = World::start().await;
    world.authority.publish(&vec![json!({}); 101]);
    let url = world.authority.url("/keys").to_string();
    assert_eq!(failure(&world).await, FetchFailure::TooManyKeys { url, found: 101 });

    let world = World::start().await;
    let mut most = vec![json!({"kid": "other"}); 99];
    most.push(keys()[0].jwk());
    let mut padded = json!({"keys": most}).to_string();
    padded.push_str(&" ".repeat(256 * 1024 - padded.len()));
    world.authority.publish_text(200, padded);
    world.admitted(&v2()).await;
}

#[tokio::test]
async fn what_is_no_metadata_and_no_set_of_keys_is_said_to_be_none() {
    for text in ["", "<html>", "[]", "{}", r#"{"jwks_uri":5}"#, r#"{"jwks_uri":"/keys"}"#] {
        let world = World::start().await;
        world.authority.describe_text(200, text.to_owned());
        assert!(matches!(failure(&world).await, FetchFailure::NotADocument { .. }), "{text}");
        assert_eq!(world.authority.hits().1, 0);
    }
    for text in ["", "<html>", "[]", "{}", r#"{"keys":{}}"#] {
        let world = World::start().await;
        world.authority.publish_text(200, text.to_owned());
        assert!(matches!(failure(&world).await, FetchFailure::NotADocument { .. }), "{text}");
    }
    let world = World::start().await;
    world.authority.publish(&[json!({"kid": "one", "kty": "oct", "k": "AA"})]);
    assert!(matches!(failure(&world).await, FetchFailure::NoUsableKey { found: 1, .. }));
}

#[tokio::test]
async fn a_place_where_nobody_listens_is_said_to_be_unreachable() {
    let world = World::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nowhere = format!("http://{}/metadata", listener.local_addr().expect("an address"));
    drop(listener);
    let mut rules: BotRules = rules(&world.authority);
    rules.issuers.iter_mut().for_each(|issuer| issuer.metadata = nowhere.parse().expect("a url"));
    let world = World { keeper: keeper(rules), ..world };
    assert!(matches!(failure(&world).await, FetchFailure::Unreachable { url, .. } if url == nowhere));
}
