//! Who may call, and which messages prove themselves.

use agent_desk::Secret;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use servicenow_simulator::{Config, MessageAuth, SignIn};
use sha1::Sha1;

use crate::instance::{Answer, Instance, PATH, agent_request, read};

fn config() -> Config {
    Config {
        sign_in: vec![
            SignIn::Basic("handover".to_owned(), Secret::new("pass")),
            SignIn::Client("client".to_owned(), Secret::new("shh")),
        ],
        ..Config::default()
    }
}

async fn token(instance: &Instance, form: &[(&str, &str)]) -> Answer {
    let body = form.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let request =
        instance.request("/oauth_token.do").header("content-type", "application/x-www-form-urlencoded");
    read(request.body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn nobody_gets_in_who_is_not_signed_in() {
    let instance = Instance::with(config()).await;
    let answer = instance.post(&agent_request()).await;
    assert_eq!((answer.status, &answer.body["error"]["message"]), (401, &json!("User Not Authenticated")));
    for (user, password, status) in
        [("handover", "pass", 200), ("handover", "PASS", 401), ("client", "shh", 401)]
    {
        let request = instance.request(PATH).basic_auth(user, Some(password)).json(&agent_request());
        assert_eq!(request.send().await.unwrap().status(), status, "{user}");
    }
    assert_eq!(instance.conversations().len(), 1);
}

#[tokio::test]
async fn a_client_gets_tokens_and_only_those_are_good() {
    let instance = Instance::with(config()).await;
    let asked = [("grant_type", "client_credentials"), ("client_id", "client"), ("client_secret", "shh")];
    let granted = token(&instance, &asked).await;
    assert_eq!((granted.status, &granted.body["token_type"]), (200, &json!("Bearer")));
    let good = granted.body["access_token"].as_str().unwrap();
    for (token, status) in [(good, 200), ("other", 401)] {
        let request = instance.request(PATH).bearer_auth(token).json(&agent_request());
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    for wrong in [("client_secret", "SHH"), ("grant_type", "password"), ("client_id", "handover")] {
        let asked = asked.map(|pair| if pair.0 == wrong.0 { wrong } else { pair });
        assert_eq!(token(&instance, &asked).await.status, 401, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_message_without_the_static_token_is_discarded_after_success() {
    let message_auth = Some(MessageAuth::Static(Secret::new("ORANGE")));
    let instance = Instance::with(Config { message_auth, ..config() }).await;
    let send = |token: Option<&str>, body: Value| {
        let request = instance.request(PATH).basic_auth("handover", Some("pass")).json(&body);
        let request = token.map_or(request.try_clone().unwrap(), |token| request.header("token", token));
        async { request.send().await.unwrap().status() }
    };
    let mut in_body = agent_request();
    in_body["token"] = json!("ORANGE");
    assert_eq!(send(None, agent_request()).await, 200);
    assert_eq!(instance.last().operation, "discarded.token");
    assert_eq!(send(Some("APPLE"), in_body.clone()).await, 200, "the one in the header counts");
    assert!(instance.conversations().is_empty());
    assert_eq!(instance.running.syslog().len(), 2);
    assert_eq!(send(None, in_body).await, 200);
    assert_eq!(instance.conversations().len(), 1);
    let headers = instance.running.desk().wire().requests()[1].headers.clone();
    assert!(headers.iter().all(|(_, value)| !value.contains("APPLE")), "{headers:?}");
}

#[tokio::test]
async fn a_message_counts_that_is_signed_as_it_was_sent_without_blanks() {
    let message_auth = Some(MessageAuth::Hash(Secret::new("key")));
    let instance = Instance::with(Config { message_auth, ..Config::default() }).await;
    let mut body = agent_request();
    body["message"]["text"] = json!("a \"quoted\\\" text");
    let compact = body.to_string();
    let pretty = serde_json::to_string_pretty(&body).unwrap();
    let signature = |bytes: &str| {
        let mut mac = Hmac::<Sha1>::new_from_slice(b"key").unwrap();
        mac.update(bytes.as_bytes());
        hex(&mac.finalize().into_bytes())
    };
    for (sent, signed, counts) in [
        (&compact, signature(&pretty), false),
        (&pretty, signature(&pretty), false),
        (&compact, signature("other"), false),
        (&compact, "no hex".to_owned(), false),
        (&pretty, signature(&compact), true),
        (&compact, signature(&compact), true),
    ] {
        let request = instance.request(PATH).header("content-type", "application/json");
        let request = request.header("x-b2b-signature", signed).body(sent.clone());
        assert_eq!(request.send().await.unwrap().status(), 200);
        assert_eq!(instance.last().operation == "discarded.signature", !counts);
    }
    assert_eq!(instance.running.syslog().len(), 4);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
