//! How callbacks travel: once, with static headers, and not for longer than five seconds.

use agent_desk::{Failure, Secret, Words};
use servicenow_simulator::{Config, serve};

use crate::instance::Instance;

#[tokio::test]
async fn they_carry_the_headers_and_the_credential_of_the_connection() {
    let instance = Instance::with(Config {
        callback_headers: vec![("x-handover-secret".to_owned(), Secret::new("s3cret"))],
        callback_basic: Some(("now".to_owned(), Secret::new("pass"))),
        ..Config::default()
    })
    .await;
    instance.start().await;
    let headers = instance.gateway.wait_for(1).await[0].headers.clone();
    assert_eq!(headers["x-handover-secret"], "s3cret");
    assert_eq!(headers["authorization"], "Basic bm93OnBhc3M=");
    let logged = format!("{:?}", instance.running.desk().wire().webhooks());
    assert!(!logged.contains("s3cret") && !logged.contains("bm93OnBhc3M"), "{logged}");
}

#[tokio::test]
async fn a_connection_has_ten_headers_at_most() {
    let header = |n: usize| (format!("x-{n}"), Secret::new("v"));
    let config = |count: usize| Config {
        addr: "127.0.0.1:0".parse().unwrap(),
        callback_headers: (0..count).map(header).collect(),
        ..Config::default()
    };
    assert!(serve(config(10), std::future::pending()).await.is_ok());
    assert!(serve(config(11), std::future::pending()).await.is_err());
}

#[tokio::test]
async fn what_is_not_taken_is_never_sent_again() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    *instance.gateway.status.lock().unwrap() = 503;
    let (_, report) = instance.running.desk().say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    let outcome = report.await.unwrap();
    assert!(matches!(outcome, Err(Failure::Refused { status: 503, .. })), "{outcome:?}");
    *instance.gateway.status.lock().unwrap() = 200;
    let (_, report) = instance.running.desk().say(&id, Some("Ann"), Words::plain("Again")).unwrap();
    report.await.unwrap().unwrap();
    let came = instance.gateway.wait_for(4).await;
    let texts: Vec<_> = came.iter().filter_map(|one| one.body["body"][0]["value"].as_str()).collect();
    assert_eq!(texts, ["Hello", "Again"]);
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_five_seconds() {
    let instance = Instance::open().await;
    let id = instance.start().await;
    instance.running.desk().accept(&id, Some("Ann")).unwrap();
    instance.gateway.wait_for(2).await;
    *instance.gateway.status.lock().unwrap() = 0;
    let (_, report) = instance.running.desk().say(&id, Some("Ann"), Words::plain("Hello")).unwrap();
    let outcome = report.await.unwrap();
    assert_eq!(outcome, Err(Failure::Unreachable("The webhook did not answer within 5 s".to_owned())));
}
