//! Planted secrets turn up nowhere: not in the log at its most talkative, not in the store's files, not in what
//! operators and strangers are told.

use std::fs;
use std::path::Path;

use teams_simulator::Tokens;

use super::{AGENT, Guarded, SKILL, STORE, VENDOR_KEY, WEBHOOK};

const SAID: &str = "planted-words-of-the-customer";
const ANSWERED: &str = "planted-words-of-the-agent";

#[tokio::test]
async fn planted_secrets_are_in_no_log_no_file_and_no_answer() {
    let guarded = Guarded::open(Tokens::V2).await;
    let (house, page) = (&guarded.house, guarded.page().await);
    let live = page.escalates().await;
    page.writes(SAID).await;
    house.desk.hears(&live, SAID).await;
    house.desk.says(&live, ANSWERED).await;
    page.reads(ANSWERED).await;
    let token = guarded.agent_token().await;
    let mut told = String::new();
    for (path, authorization) in
        [("/api/messages", format!("Bearer {token}")), ("/api/messages", format!("Bearer {token}x"))]
    {
        let request = house.http.post(house.gateway.url(path)).header("authorization", authorization);
        told += &request
            .body("{\"type\":\"message\"")
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
    }
    told += &house
        .call_back_with("/api/livechat/messages", format!("{{\"message\":\"{SAID}"))
        .await
        .1
        .to_string();
    let admin = format!("http://{}/admin/api/connectors", house.gateway.admin_addr());
    told += &house.http.get(admin).send().await.expect("an answer").text().await.expect("text");

    let secrets = [WEBHOOK, VENDOR_KEY, SKILL, AGENT, STORE, SAID, ANSWERED, &token, "My laptop is on fire"];
    let log = house.gateway.log();
    assert!(log.contains("TRACE"), "the log is at its most talkative");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log:\n{}", around(&log, secret));
        assert!(!told.contains(secret), "{secret} is told:\n{told}");
        for (file, bytes) in files(&house.folder.path().join("data")) {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {file}");
        }
    }
}

fn around(log: &str, secret: &str) -> String {
    log.lines().filter(|line| line.contains(secret)).take(3).collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            all.push((path.display().to_string(), bytes));
        }
    }
    assert!(!all.is_empty(), "{}", folder.display());
    all
}
