//! A conversation with a real live chat, recorded: a scenario that tells nobody's words.

use handover_kit::{Level, Scenario};
use serde_json::json;

use super::running::{Chat, Running};
use crate::component::contoso;
use crate::desk::Desk;
use crate::house::client;
use crate::patience::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_a_scenario_without_words_names_and_keys() {
    let (http, folder) = (client(), tempfile::tempdir().unwrap());
    let (webhook, key) = ("webhook-secret-of-the-sandbox", "api-key-of-the-sandbox");
    let desk = Desk::guarded(http.clone(), webhook, key).await;
    std::fs::write(folder.path().join("contoso.wasm"), contoso()).unwrap();
    std::fs::write(folder.path().join("webhook"), webhook).unwrap();
    std::fs::write(folder.path().join("key"), key).unwrap();
    let file = |name: &str| format!("file:{}", folder.path().join(name).display());
    let config = format!(
        "[connectors.contoso.upstreams.api]\nbase_url = \"{}\"\n\
         [connectors.contoso.credentials.api]\nkind = \"bearer\"\ntoken = \"{}\"\n\
         [connectors.contoso.credentials.webhook]\nkind = \"key\"\nvalue = \"{}\"\n",
        desk.url(""),
        file("key"),
        file("webhook"),
    );
    std::fs::write(folder.path().join("handover.toml"), config).unwrap();
    let arguments = ["contoso.wasm", "--record", "recorded.toml", "--port", "0"];
    let run = Running::start(&arguments, folder.path());
    run.says("serves as of now").await;
    let listens = run.says("Handover listens on").await;
    let gateway = listens.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    desk.calls(&format!("{}/api/callbacks/contoso", gateway.trim_end_matches(';')));

    let chat = Chat::open(&http, &run).await;
    chat.says("My payslip of Zanzibar is wrong").await;
    chat.is("live").await;
    chat.says("It says 1234 zorkmids").await;
    let id = eventually("the second message at the live chat", || async {
        let conversations = desk.conversations().await;
        let id = conversations.first().and_then(|one| one["id"].as_str()).unwrap_or_default().to_owned();
        let heard = if id.is_empty() { Vec::new() } else { desk.heard(&id).await };
        if heard.iter().any(|text| text == "It says 1234 zorkmids") {
            Ok(id)
        } else {
            Err(format!("{heard:?}"))
        }
    })
    .await;
    let accepts = json!({ "conversationId": id, "agent": "Wilhelmina Quux" });
    let (status, body) = desk.post("/api/chat/accept", accepts).await;
    assert_eq!(status, 200, "{body}");
    desk.says(&id, "Quetzals, I believe").await;
    chat.shows(1, "agent").await;
    chat.post("typing", json!({})).await;
    chat.post("end", json!({})).await;
    chat.is("bot").await;
    desk.sees_end(&id).await;
    let said = run.end().await;
    assert!(!said.contains("rejected"), "{said}");

    let recorded = std::fs::read_to_string(folder.path().join("recorded.toml")).unwrap();
    let told =
        ["payslip", "Zanzibar", "zorkmids", "1234", "Wilhelmina", "Quux", "Quetzals", webhook, key, &id];
    for word in told {
        assert!(!recorded.contains(word), "{word} is still there:\n{recorded}");
    }
    let host = desk.url("");
    assert!(!recorded.contains(host.trim_start_matches("http://")), "{recorded}");
    let scenario = Scenario::parse(&recorded).unwrap();
    let certificate = handover_kit::test(&contoso(), &scenario).await.unwrap();
    assert!(certificate.level >= Level::Silver, "{recorded}\n{}", certificate.page());
}
