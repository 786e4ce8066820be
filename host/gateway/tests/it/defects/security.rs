//! Security: forged addresses, guessed conversations, what is logged and told.

use serde_json::{Value, json};

use teams_simulator::Tokens;

use crate::bot::{Answer, Bot};
use crate::closed::{Guarded, VENDOR_KEY};
use crate::gateway::run;
use crate::house::House;

#[tokio::test]
async fn d01_claims_are_not_believed_before_they_are_proved() {
    let guarded = Guarded::open(Tokens::V2).await;
    let start = guarded.start(&format!("http://{}/", guarded.simulator.addr()));
    // All that the sample asks of a token: that it can be read. Header `{"alg":"none"}`, claims that name the agent.
    let unsigned =
        "Bearer eyJhbGciOiJub25lIn0.eyJhcHBpZCI6ImE2ZTI3YjEwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwNTAwMiJ9.";
    for authorization in [None, Some(unsigned)] {
        assert_eq!(guarded.posts(authorization, &start).await, 401);
    }
    assert!(guarded.house.desk.conversations().await.is_empty());
    assert_eq!(guarded.simulator.issued_tokens(), 0);
}

/// What looks like one of the allowed hosts, and is none.
#[tokio::test]
async fn d02_look_alike_addresses_are_refused_and_nothing_is_sent() {
    let house = House::open().await;
    let evil = Bot::open().await;
    let port = evil.host().rsplit_once(':').expect("a port").1.to_owned();
    let jane = house.customer("jane");
    for address in [
        "https://smb.evil.example/".to_owned(),
        "https://smba.evil.example/teams/".to_owned(),
        "https://smba.trafficmanager.net.evil.example/teams/".to_owned(),
        "https://evil.example/?u=https://pvaruntime".to_owned(),
        "https://evil.example/https://smba.trafficmanager.net/".to_owned(),
        "https://pvaruntime.evil.example/".to_owned(),
        "https://pvaruntime.gateway.prod.island.powerapps.com.evil.example/".to_owned(),
        "https://evilgateway.prod.island.powerapps.com.example/".to_owned(),
        "https://smba.trafficmanager.net@evil.example/".to_owned(),
        format!("http://smba.trafficmanager.net@127.0.0.1:{port}/"),
        format!("http://127.0.0.1.nip.example:{port}/"),
        format!("http://127.0.0.1:{port}/?x="),
        format!("http://127.0.0.1:{port}/#"),
        "http://smba.trafficmanager.net/teams/".to_owned(),
        "https://smba.trafficmanager.net./teams/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "//evil.example/".to_owned(),
        "http://169.254.169.254/".to_owned(),
        "http://[::ffff:169.254.169.254]/".to_owned(),
    ] {
        let mut forged = jane.clone();
        forged.service_url = address;
        for activity in [
            forged.event("startConversation", json!({})),
            forged.message("hello"),
            forged.event("endConversation", json!({})),
            forged.event("somethingElse", json!({})),
        ] {
            let answer = forged.post(&activity).await;
            assert_eq!(answer.status, 400, "{}: {}", forged.service_url, answer.body);
        }
    }
    // Nor can a forged message lead an open conversation elsewhere.
    let live = house.escalates(&jane).await;
    let mut forged = jane.clone();
    forged.service_url = "https://smba.evil.example/teams/".to_owned();
    assert_eq!(forged.post(&forged.message("redirect")).await.status, 400);
    house.desk.says(&live, "for Jane only").await;
    house.bot.shows("a:1jane", "**Contoso Support**: for Jane only").await;
    assert!(evil.posts().is_empty(), "{:?}", evil.posts());
    assert!(!house.desk.heard(&live).await.contains(&"redirect".to_owned()));
}

#[tokio::test]
async fn d03_a_teams_conversation_is_no_webhook_conversation_and_ids_cannot_be_guessed() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    for guess in ["a:1jane", "A:1JANE", "jane", "29:jane", &live[..5], &live.to_uppercase(), "*", "%"] {
        let body = json!({ "conversationId": guess, "message": "I am your bank" });
        let (status, answer) = house.call_back("/api/livechat/messages", &body).await;
        assert_eq!(status, 404, "{guess}: {answer}");
    }
    assert!(live.len() >= 32, "{live}");
    assert!(!house.bot.shown("a:1jane").iter().any(|text| text.contains("bank")));
}

#[tokio::test]
async fn d04_neither_transcripts_nor_the_vendors_api_are_open_to_everybody() {
    let guarded = Guarded::open(Tokens::V2).await;
    let page = guarded.page().await;
    page.escalates().await;
    let (house, start) = (&guarded.house, json!({ "customerName": "Eve" }));
    assert_eq!(house.desk.post("/api/chat/start", start.clone()).await.0, 401);
    let url = house.desk.url("/api/chat/start");
    let wrong = house.http.post(&url).bearer_auth("another").json(&start).send().await.expect("an answer");
    assert_eq!(wrong.status().as_u16(), 401);
    let right = house.http.post(&url).bearer_auth(VENDOR_KEY).json(&start).send().await.expect("an answer");
    assert!(right.status().is_success());
    // What was said stands on the operators' listener only, and that answers to this machine's own names only.
    for path in ["/admin", "/admin/api/connectors", "/admin/api/dead-letters"] {
        assert_eq!(house.get(path).await.0, 404, "{path} is not on the public listener");
    }
    let admin = format!("http://{}/admin/api/connectors", house.gateway.admin_addr());
    let elsewhere = house.http.get(admin).header("host", "evil.example").send().await.expect("an answer");
    assert_eq!(elsewhere.status().as_u16(), 421);
}

#[tokio::test]
async fn d05_what_is_said_is_neither_logged_nor_told_in_errors() {
    let house = House::open().await;
    let jane = house.customer("Jane Private");
    let live = house.escalates(&jane).await;
    let body = json!({ "error": { "code": "ServiceError", "message": "inner secret" } });
    house.bot.will_answer("my secret answer", [Answer { status: 500, retry_after: None, body }]);
    jane.says("my secret question").await;
    house.desk.hears(&live, "my secret question").await;
    let message = house.desk.says(&live, "my secret answer").await;
    house.desk.sees(&live, &message, "not-delivered").await;
    let malformed = format!(r#"{{"conversationId":"{live}","message":"my secret" + 1}}"#);
    let (status, answer) = house.call_back_with("/api/livechat/messages", malformed).await;
    assert_eq!(status, 400);
    assert!(!answer.to_string().contains("my secret"), "{answer}");
    let log = house.gateway.log();
    for secret in ["my secret", "inner secret", "Jane Private", "on fire"] {
        assert!(!log.contains(secret), "{secret:?} is in\n{log}");
    }
}

#[tokio::test]
async fn d14_a_failed_start_is_ended_and_tells_no_inner_words() {
    let house = House::with("[timing]\nfresh_seconds = 1\n").await;
    house.desk.switch(json!({ "fault": "error500" })).await;
    let jane = house.customer("jane");
    jane.starts().await;
    let end = house.bot.ends("a:1jane", "startConversation").await;
    assert_eq!(end.body["value"]["Status"], "failed");
    let told: Vec<Value> = house.bot.posts().into_iter().map(|post| post.body).collect();
    let told = json!(told).to_string();
    for inner in ["500", "Simulated", "vendor answered", "127.0.0.1:5000"] {
        assert!(!told.contains(inner), "{inner}: {told}");
    }
}

#[tokio::test]
async fn d06_no_secret_is_written_into_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[connections.agent]\nclient_id = \"a6e27b10-0000-4000-8000-000000005002\"\n\
                  proof = { kind = \"client-secret\", secret = \"planted~secret~itself\" }\n";
    std::fs::write(folder.path().join("handover.toml"), config).expect("a configuration");
    let out = run(&["serve", "--local"], &[], folder.path()).await;
    let text = String::from_utf8(out.stderr).expect("text");
    assert!(!out.status.success());
    assert!(text.contains("connections.agent") && text.contains("env:NAME"), "{text}");
    assert!(!text.contains("planted"), "{text}");
}
