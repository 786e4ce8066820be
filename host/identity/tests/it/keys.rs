//! Keys are fetched when they are needed, once for all who wait, and serve on where they cannot be refreshed.

use std::sync::Arc;

use serde_json::json;

use crate::tokens::{encode, keys};
use crate::world::{HOUR_MS, MINUTE_MS, NOW, NOW_MS, World, service, v1, v2, with};

/// A token that outlives every test, of the key of this number.
fn lasting(number: usize) -> String {
    keys()[number].token(&with(v2(), json!({"exp": NOW + 864_000_000})))
}

async fn rule_at(world: &World, token: &str, now_ms: u64) -> &'static str {
    world.admit_at(token, now_ms).await.map_or_else(|refusal| refusal.rule(), |_| "admitted")
}

#[tokio::test]
async fn fifty_callers_wait_for_one_fetch() {
    let world = Arc::new(World::start().await);
    world.authority.close();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { rule_at(&world, &lasting(0), NOW_MS).await })
        })
        .collect();
    while world.authority.hits().0 == 0 {
        tokio::task::yield_now().await;
    }
    world.authority.open();
    for caller in callers {
        assert_eq!(caller.await.expect("an answer"), "admitted");
    }
    assert_eq!(world.authority.hits(), (1, 1));
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_end_the_fetch() {
    let world = World::start().await;
    world.authority.close();
    let first = lasting(0);
    let mut call = Box::pin(world.admit(&first));
    while world.authority.hits().0 == 0 {
        tokio::select! {
            _ = &mut call => panic!("answered while the authority is closed"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(call);
    world.authority.open();
    assert_eq!(rule_at(&world, &first, NOW_MS).await, "admitted");
    assert_eq!(world.authority.hits(), (1, 1));
}

#[tokio::test]
async fn keys_of_the_directory_are_refreshed_after_a_day() {
    let world = World::start().await;
    let token = lasting(0);
    for (at, fetches) in [(0, 1), (24 * HOUR_MS - 1, 1), (24 * HOUR_MS, 2), (24 * HOUR_MS + 1, 2)] {
        assert_eq!(rule_at(&world, &token, NOW_MS + at).await, "admitted");
        assert_eq!(world.authority.hits(), (fetches, fetches), "{at}");
    }
}

#[tokio::test]
async fn keys_of_the_bot_service_are_refreshed_after_half_a_day() {
    let world = World::start().await;
    let token = keys()[0].token(&with(service(), json!({"exp": NOW + 864_000_000})));
    for (at, fetches) in [(0, 1), (12 * HOUR_MS - 1, 1), (12 * HOUR_MS, 2)] {
        assert_eq!(rule_at(&world, &token, NOW_MS + at).await, "admitted");
        assert_eq!(world.authority.hits().1, fetches, "{at}");
    }
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_serves_no_longer_than_a_day() {
    let world = World::start().await;
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS).await, "admitted");
    world.authority.publish(&[keys()[1].jwk()]);
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS + 24 * HOUR_MS - 1).await, "admitted");
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS + 24 * HOUR_MS).await, "key-unknown");
}

#[tokio::test]
async fn stale_keys_serve_while_none_can_be_fetched_for_five_days() {
    let world = World::start().await;
    let token = lasting(0);
    assert_eq!(rule_at(&world, &token, NOW_MS).await, "admitted");
    world.authority.publish_text(500, String::new());
    let day = NOW_MS + 24 * HOUR_MS;
    assert_eq!(rule_at(&world, &token, day).await, "admitted");
    assert_eq!(world.authority.hits(), (2, 2));
    // After a failure there is a pause.
    assert_eq!(rule_at(&world, &token, day + 9_999).await, "admitted");
    assert_eq!(world.authority.hits(), (2, 2));
    assert_eq!(rule_at(&world, &token, day + 10_000).await, "admitted");
    assert_eq!(world.authority.hits(), (3, 3));
    let fifth = NOW_MS + 5 * 24 * HOUR_MS;
    assert_eq!(rule_at(&world, &token, fifth - 1).await, "admitted");
    let refusal = world.admit_at(&token, fifth + MINUTE_MS).await.expect_err("a refusal");
    assert_eq!((refusal.rule(), refusal.status()), ("keys-unavailable", 503));
    world.authority.publish(&[keys()[0].jwk()]);
    assert_eq!(rule_at(&world, &token, fifth + 2 * MINUTE_MS).await, "admitted");
}

#[tokio::test]
async fn callers_do_not_wait_for_a_refresh_that_another_one_waits_for() {
    let world = World::start().await;
    let token = lasting(0);
    assert_eq!(rule_at(&world, &token, NOW_MS).await, "admitted");
    world.authority.close();
    let day = NOW_MS + 24 * HOUR_MS;
    let mut first = Box::pin(rule_at(&world, &token, day));
    while world.authority.hits().0 == 1 {
        tokio::select! {
            _ = &mut first => panic!("answered while the authority is closed"),
            () = tokio::task::yield_now() => {}
        }
    }
    // The authority is still closed.
    assert_eq!(rule_at(&world, &token, day).await, "admitted");
    world.authority.open();
    assert_eq!(first.await, "admitted");
    assert_eq!(world.authority.hits(), (2, 2));
}

#[tokio::test]
async fn an_authority_that_cannot_be_reached_is_asked_again_after_a_pause() {
    let world = World::start().await;
    world.authority.describe_text(503, String::new());
    let token = lasting(0);
    for (at, hits) in [(0, 1), (1, 1), (9_999, 1), (10_000, 2)] {
        assert_eq!(rule_at(&world, &token, NOW_MS + at).await, "keys-unavailable");
        assert_eq!(world.authority.hits().0, hits, "{at}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_five_minutes() {
    let world = World::start().await;
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS).await, "admitted");
    let five = 5 * MINUTE_MS;
    for (at, fetches) in [(1, 2), (2, 2), (five, 2), (five + 1, 3), (2 * five, 3), (2 * five + 1, 4)] {
        assert_eq!(rule_at(&world, &lasting(1), NOW_MS + at).await, "key-unknown");
        assert_eq!(world.authority.hits(), (fetches, fetches), "{at}");
    }
    // A refresh that fails counts as well.
    world.authority.publish_text(500, String::new());
    assert_eq!(rule_at(&world, &lasting(1), NOW_MS + 3 * five + 1).await, "key-unknown");
    assert_eq!(rule_at(&world, &lasting(1), NOW_MS + 4 * five).await, "key-unknown");
    assert_eq!(world.authority.hits(), (5, 5));
    // The known key is not troubled by any of it.
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS + 4 * five).await, "admitted");
}

#[tokio::test]
async fn a_new_key_is_found_without_waiting_for_the_day() {
    let world = World::start().await;
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS).await, "admitted");
    world.authority.publish(&[keys()[0].jwk(), keys()[1].jwk()]);
    assert_eq!(rule_at(&world, &lasting(1), NOW_MS + 5 * MINUTE_MS).await, "admitted");
    assert_eq!(world.authority.hits(), (2, 2));
}

#[tokio::test]
async fn fifty_unknown_keys_cause_one_fetch() {
    let world = Arc::new(World::start().await);
    assert_eq!(rule_at(&world, &lasting(0), NOW_MS).await, "admitted");
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let header = json!({"alg": "RS256", "kid": format!("made up {number}")});
                let token = keys()[1].token_with(&header, &v2());
                rule_at(&world, &token, NOW_MS + 10 * MINUTE_MS).await
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("an answer"), "key-unknown");
    }
    assert_eq!(world.authority.hits(), (2, 2));
}

#[tokio::test]
async fn the_issuers_of_one_place_and_kind_share_its_keys() {
    let world = World::start().await;
    world.admitted(&v2()).await;
    world.admitted(&v1()).await;
    assert_eq!(world.authority.hits(), (1, 1));
    world.admitted(&service()).await;
    assert_eq!(world.authority.hits(), (2, 2));
}

#[tokio::test]
async fn an_id_shared_by_keys_of_two_types_means_the_fitting_one() {
    let world = World::start().await;
    let curve = json!({
        "kty": "EC", "crv": "P-256", "kid": "one",
        "x": encode([1; 32]), "y": encode([2; 32])
    });
    world.authority.publish(&[curve, keys()[0].jwk()]);
    world.admitted(&v2()).await;
}
