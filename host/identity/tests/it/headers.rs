//! The header that a token comes in: one, of two parts.

use handover_identity::Refusal;
use http::{HeaderMap, HeaderValue};

use crate::tokens::keys;
use crate::world::{NOW_MS, World, v2};

async fn refusal(world: &World, values: &[&[u8]]) -> Refusal {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("authorization", HeaderValue::from_bytes(value).expect("a header"));
    }
    world.keeper.admit(&headers, NOW_MS).await.expect_err("a refusal")
}

#[tokio::test]
async fn a_request_without_a_token_is_told_what_is_wanted() {
    let world = World::start().await;
    assert_eq!(refusal(&world, &[]).await, Refusal::HeaderMissing);
    assert_eq!(refusal(&world, &[b""]).await, Refusal::HeaderEmpty);
    assert_eq!(refusal(&world, &[b"  "]).await, Refusal::HeaderEmpty);
    assert_eq!(Refusal::HeaderMissing.challenge(), "Bearer");
}

#[tokio::test]
async fn two_headers_are_refused_even_where_they_agree() {
    let world = World::start().await;
    let token = format!("Bearer {}", keys()[0].token(&v2()));
    let twice = [token.as_bytes(), token.as_bytes()];
    assert_eq!(refusal(&world, &twice).await, Refusal::HeaderRepeated { count: 2 });
}

#[tokio::test]
async fn the_header_has_two_parts_of_which_the_first_is_bearer() {
    let world = World::start().await;
    let token = keys()[0].token(&v2());
    assert_eq!(refusal(&world, &[b"Bearer"]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[b"Bearer "]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[token.as_bytes()]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[format!("Bearer  {token}").as_bytes()]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[format!("Bearer {token} x").as_bytes()]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[format!("Bearer {token},{token}").as_bytes()]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[format!("Basic {token}").as_bytes()]).await, Refusal::SchemeOther);
    assert_eq!(refusal(&world, &[format!("Bearer\t{token}").as_bytes()]).await, Refusal::HeaderParts);
    assert_eq!(refusal(&world, &[b"Bearer \xff"]).await, Refusal::HeaderUnreadable);
}

#[tokio::test]
async fn the_schemes_case_tells_nothing_apart() {
    let world = World::start().await;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("bearer {}", keys()[0].token(&v2())).parse().expect("a header"));
    assert!(world.keeper.admit(&headers, NOW_MS).await.is_ok());
}

#[tokio::test]
async fn a_token_has_16_kib_at_most() {
    let world = World::start().await;
    let longest = [b"Bearer ".as_slice(), &[b'a'; 16 * 1024]].concat();
    assert_eq!(refusal(&world, &[&longest]).await, Refusal::TokenParts { parts: 1 });
    let longer = [longest.as_slice(), b"a"].concat();
    assert_eq!(refusal(&world, &[&longer]).await.rule(), "token-too-long");
    assert_eq!(world.authority.hits(), (0, 0));
}
