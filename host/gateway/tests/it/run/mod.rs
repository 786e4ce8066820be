//! `handover connector run`: a customer's page, a vendor, and code that is swapped when it is saved.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recording;
mod running;

use serde_json::{Value, json};

use crate::component::{contoso, marked};
use crate::house::client;
use crate::patience::eventually;
use running::{Chat, Running};

/// The vendor of the scenario, as its page tells of it.
async fn desk(http: &reqwest::Client, run: &Running) -> Value {
    let url = format!("{}api/state", run.address("Live agent").await);
    http.get(url).send().await.unwrap().json().await.unwrap()
}

async fn asked(http: &reqwest::Client, run: &Running, name: &str, text: &str) -> Value {
    eventually(format!("{name} with {text:?} at the vendor"), || async {
        let state = desk(http, run).await;
        let passed = state["passed"].as_array().unwrap().clone();
        let is_it = |one: &&Value| one["name"] == name && one["body"].as_str().unwrap().contains(text);
        passed.iter().find(is_it).cloned().ok_or_else(|| state.to_string())
    })
    .await
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("acme.wasm"), contoso()).unwrap();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../../connectors/contoso/scenarios/contoso.toml");
    std::fs::copy(scenario, folder.path().join("scenario.toml")).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_meets_the_scenarios_vendor_and_code_that_is_saved_takes_over() {
    let (http, folder) = (client(), project());
    let component = folder.path().join("acme.wasm");
    let run = Running::start(&[component.to_str().unwrap(), "--port", "0"], folder.path());
    run.says("serves as of now").await;
    let chat = Chat::open(&http, &run).await;

    chat.says("My laptop is on fire").await;
    let start = asked(&http, &run, "start", "My laptop is on fire").await;
    assert_eq!(start["status"], 200);
    chat.says("Does water help?").await;
    let message = asked(&http, &run, "message", "Does water help?").await;
    assert_eq!(message["conversation"], start["conversation"]);

    // The live agent answers, in their own words, as often as they like; each is another message.
    let offers = desk(&http, &run).await["callbacks"].as_array().unwrap().clone();
    let offer = |name: &str| offers.iter().find(|one| one["name"] == name).unwrap()["id"].clone();
    let url = format!("{}api/callbacks", run.address("Live agent").await);
    for text in ["No water, please", "Sand is better", "No water, please"] {
        let wish = json!({ "callback": offer("an agent writes"), "text": text });
        let answer: Value = http.post(&url).json(&wish).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["status"], 200, "{answer}");
    }
    let lines = chat.shows(3, "agent").await;
    let said: Vec<_> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["No water, please", "Sand is better", "No water, please"]);
    assert_eq!(lines[0]["name"], "Ann");

    // Saved: the conversation goes on with the new code.
    std::fs::write(&component, marked(&contoso(), "second")).unwrap();
    run.says_again("serves as of now", 2).await;
    chat.says("Sand it is").await;
    asked(&http, &run, "message", "Sand it is").await;

    // Saved with a mistake: the old code goes on.
    std::fs::write(&component, b"\0asm, or not").unwrap();
    run.says("What served before still does").await;
    chat.says("It is out").await;
    asked(&http, &run, "message", "It is out").await;

    let wish = json!({ "callback": offer("an agent closes") });
    http.post(&url).json(&wish).send().await.unwrap();
    chat.is("bot").await;
    // A second handover is another conversation of the vendor's.
    chat.says("It burns again").await;
    let again = asked(&http, &run, "start", "It burns again").await;
    assert_ne!(again["conversation"], start["conversation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_somebody_else_cannot_write_as_the_customer() {
    let (http, folder) = (client(), project());
    let run = Running::start(&["acme.wasm", "--port", "0"], folder.path());
    let customer = run.address("Customer").await;
    for (name, value) in [("origin", "https://elsewhere.example"), ("host", "elsewhere.example")] {
        let url = format!("{customer}api/conversations");
        let answer = http.post(url).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{name}");
    }
    for page in ["Customer", "Live agent"] {
        let answer = http.get(run.address(page).await).send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("handover connector run"));
    }
}
