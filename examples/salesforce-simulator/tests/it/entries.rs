//! The list of entries.

use serde_json::Value;

use crate::house::{BASE, House};

fn texts(entries: &Value) -> Vec<&str> {
    let entries = entries["conversationEntries"].as_array().unwrap();
    entries
        .iter()
        .filter_map(|entry| entry.pointer("/entryPayload/abstractMessage/staticContent/text")?.as_str())
        .collect()
}

#[tokio::test]
async fn it_is_read_in_pages_from_either_end_and_from_a_time() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    for number in 0..60 {
        house.say(&token, &id, &format!("m{number}")).await;
    }
    let list = async |query: &str| {
        let answer = house.get(&token, &format!("{BASE}/conversation/{id}/entries{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        answer.body
    };
    let usual = list("").await;
    assert_eq!((texts(&usual).len(), texts(&usual)[0]), (20, "m59"), "the newest first");
    let first = list("?limit=50&direction=FromStart&entryTypeFilter=Message").await;
    assert_eq!((texts(&first).len(), texts(&first)[0], texts(&first)[49]), (50, "m0", "m49"));
    let time = first["conversationEntries"][49]["transcriptedTimestamp"].as_u64().unwrap();
    let rest = list(&format!("?limit=50&direction=FromStart&startTimestamp={time}")).await;
    assert!(texts(&rest).contains(&"m49") && texts(&rest).contains(&"m59") && !texts(&rest).contains(&"m0"));
    let before = list(&format!("?limit=50&direction=FromStart&endTimestamp={}", time - 1)).await;
    assert!(!texts(&before).contains(&"m49"));
}

#[tokio::test]
async fn it_holds_what_lasts_and_its_payload_is_an_object() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    house.say(&token, &id, "hi").await;
    house.running.desk().queue(&id, 2).unwrap();
    house.running.desk().accept(&id, Some("Ann")).unwrap();
    house.running.desk().agent_types(&id, Some("Ann"), true).unwrap();
    let mut stream = house.stream(&token, Some("0")).await;
    stream.until("CONVERSATION_TYPING_STARTED_INDICATOR").await;
    let mut stream = house.stream(&token, Some("0")).await;
    while stream.until("CONVERSATION_SESSION_STATUS_CHANGED").await.payload()["sessionStatus"] != "Active" {}
    let entries = house.entries(&token, &id).await;
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["entryType"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["SessionStatusChanged", "RoutingResult", "Message", "ParticipantChanged", "SessionStatusChanged"]
    );
    assert!(entries.iter().all(|entry| entry["entryPayload"].is_object() && entry["identifier"].is_string()));
}

#[tokio::test]
async fn a_query_that_is_not_as_documented_is_refused() {
    let house = House::open().await;
    let (token, id) = house.begin().await;
    for query in [
        "limit=0",
        "limit=51",
        "limit=many",
        "direction=Backwards",
        "startTimestamp=yesterday",
        "continuationToken=x",
    ] {
        let answer = house.get(&token, &format!("{BASE}/conversation/{id}/entries?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.body["errorCode"], "BAD_REQUEST", "{query}");
    }
    let unknown = house.get(&token, &format!("{BASE}/conversation/{}/entries", crate::house::uuid())).await;
    assert_eq!(unknown.status, 404);
}
