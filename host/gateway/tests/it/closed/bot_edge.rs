//! The bot's edge: who gets in, who does not, and where tokens go.

use std::time::Duration;

use serde_json::json;
use teams_simulator::{Flaw, OldKeys, Switches, Tokens};

use super::{Guarded, SKILL};
use crate::bot::Bot;
use crate::patience::eventually;

/// A handover from end to end; both sides have taken every token.
async fn a_whole_handover(tokens: Tokens) {
    let guarded = Guarded::open(tokens).await;
    let page = guarded.page().await;
    let live = page.escalates().await;
    let desk = &guarded.house.desk;
    desk.hears(&live, "My laptop is on fire").await;
    desk.says(&live, "Is it still burning?").await;
    page.reads("Is it still burning?").await;
    desk.closes(&live).await;
    page.reads("The live chat has ended").await;
    page.finds_bot("idle").await;
    assert!(guarded.simulator.refused_tokens().is_empty(), "{:?}", guarded.simulator.refused_tokens());
    assert!(guarded.simulator.issued_tokens() >= 2, "one for the runtime, one for Teams");
}

#[tokio::test]
async fn a_whole_handover_with_tokens_of_version_2() {
    a_whole_handover(Tokens::V2).await;
}

#[tokio::test]
async fn a_whole_handover_with_tokens_of_version_1() {
    a_whole_handover(Tokens::V1).await;
}

#[tokio::test]
async fn a_forged_token_gets_nothing_done() {
    let guarded = Guarded::open(Tokens::V2).await;
    for (flaw, rule) in [
        (Flaw::Expired, "expired"),
        (Flaw::NotYetValid, "not-yet-valid"),
        (Flaw::ForeignTenant, "issuer-unknown"),
        (Flaw::TenantMismatch, "tenant-other"),
        (Flaw::ForeignIssuer, "issuer-unknown"),
        (Flaw::WrongAudience, "audience-other"),
        (Flaw::ForeignCaller, "caller-not-listed"),
        (Flaw::UnknownKey, "key-unknown"),
        (Flaw::BrokenSignature, "signature-wrong"),
    ] {
        let before = guarded.refused(rule).await;
        let token_flaw = flaw;
        let switches = json!(Switches { tokens: Tokens::V2, token_flaw, ..Switches::default() });
        let url = format!("http://{}/api/switches", guarded.simulator.addr());
        let thrown = guarded.house.http.post(url).json(&switches).send().await.expect("an answer");
        assert!(thrown.status().is_success(), "{:?}", thrown.status());
        let page = guarded.page().await;
        page.writes("I want to talk with a person").await;
        page.writes("let me in").await;
        eventually(format!("{flaw:?} refused as {rule}"), || async {
            let now = guarded.refused(rule).await;
            if now > before { Ok(()) } else { Err(format!("{now}")) }
        })
        .await;
    }
    assert_eq!(guarded.house.desk.conversations().await.len(), 0, "nothing was begun at the vendor");
    assert_eq!(guarded.simulator.issued_tokens(), 0, "and no token was fetched");
}

#[tokio::test]
async fn whoever_shows_no_token_or_nonsense_is_sent_away() {
    let guarded = Guarded::open(Tokens::V2).await;
    let start = guarded.start(&format!("http://{}/", guarded.simulator.addr()));
    let token = guarded.agent_token().await;
    let own = {
        let scope = format!("{}/.default", guarded.simulator.skill_app_id());
        guarded.token(guarded.simulator.skill_app_id(), SKILL, &scope).await
    };
    let elsewhere = {
        let scope = format!("{}/.default", guarded.simulator.agent_app_id());
        guarded.token(guarded.simulator.skill_app_id(), SKILL, &scope).await
    };
    for (authorization, status) in [
        (None, 401),
        (Some(String::new()), 401),
        (Some("Bearer".to_owned()), 401),
        (Some("Bearer x".to_owned()), 401),
        (Some(format!("Basic {token}")), 401),
        (Some(format!("Bearer {token} {token}")), 401),
        (Some(format!("Bearer {}", &token[..token.len() - 4])), 401),
        (Some("Bearer eyJhbGciOiJub25lIn0.e30.".to_owned()), 401),
        (Some(format!("Bearer {own}")), 403),
        (Some(format!("Bearer {elsewhere}")), 401),
    ] {
        assert_eq!(guarded.posts(authorization.as_deref(), &start).await, status, "{authorization:?}");
    }
    assert_eq!(guarded.house.desk.conversations().await.len(), 0);
    assert_eq!(guarded.posts(Some(&format!("Bearer {token}")), &start).await, 202, "and with it all is well");
}

#[tokio::test]
async fn an_agent_that_is_not_listed_is_forbidden() {
    let guarded = Guarded::with(Tokens::V2, Some("00000000-0000-4000-8000-0000000000ff")).await;
    let token = format!("Bearer {}", guarded.agent_token().await);
    let start = guarded.start(&format!("http://{}/", guarded.simulator.addr()));
    assert_eq!(guarded.posts(Some(&token), &start).await, 403);
    assert_eq!(guarded.refused("caller-not-listed").await, 1);
    assert_eq!(guarded.house.desk.conversations().await.len(), 0);
}

#[tokio::test]
async fn a_look_alike_host_is_sent_neither_message_nor_token() {
    let guarded = Guarded::open(Tokens::V2).await;
    let evil = Bot::open().await;
    let token = format!("Bearer {}", guarded.agent_token().await);
    let issued = guarded.simulator.issued_tokens();
    for address in [
        evil.service_url(),
        format!("http://smba.trafficmanager.net@{}/", evil.host()),
        format!("https://smba.trafficmanager.net.evil.example:{}/", guarded.simulator.addr().port()),
        "https://smb.evil.example/".to_owned(),
        "https://smba.evil.example/teams/".to_owned(),
        "https://evil.example/?u=https://pvaruntime".to_owned(),
    ] {
        assert_eq!(guarded.posts(Some(&token), &guarded.start(&address)).await, 400, "{address}");
    }
    assert!(evil.posts().is_empty());
    assert_eq!(guarded.simulator.issued_tokens(), issued, "no token was even fetched");
    assert_eq!(guarded.house.desk.conversations().await.len(), 0);
}

#[tokio::test]
async fn keys_and_tokens_are_exchanged_while_people_chat() {
    let guarded = Guarded::open(Tokens::V2).await;
    let page = guarded.page().await;
    let live = page.escalates().await;
    guarded.simulator.rotate_key(OldKeys::Withdrawn).await;
    guarded.simulator.advance_clock(Duration::from_secs(1));
    page.writes("after the exchange").await;
    guarded.house.desk.hears(&live, "after the exchange").await;
    // What the gateway holds was signed with a key that is gone: it is refused once, and fetched anew.
    guarded.house.desk.says(&live, "heard you").await;
    page.reads("heard you").await;
}
