//! The console's page is whole, comes from this server only, and is safe.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn the_page_and_all_it_refers_to_are_served() {
    let house = House::open().await;
    let page = house.client.get(house.url("/")).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'"));
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let mut pending = vec![page.text().await.unwrap()];
    assert!(pending[0].contains("<title>Contoso Live Chat</title>"));

    let mut seen = std::collections::BTreeSet::new();
    while let Some(text) = pending.pop() {
        assert!(!text.contains("innerHTML"), "text is never turned into HTML");
        for link in text.split('"').filter(|part| part.starts_with('/') || part.starts_with("./")) {
            let path = link.trim_start_matches('.');
            let is_file = [".js", ".css", ".svg"].iter().any(|end| path.ends_with(end));
            if is_file && seen.insert(path.to_owned()) {
                let file = house.client.get(house.url(path)).send().await.unwrap();
                assert_eq!(file.status(), 200, "{path}");
                assert_eq!(file.headers()["x-content-type-options"], "nosniff");
                pending.push(file.text().await.unwrap());
            }
        }
    }
    assert!(seen.contains("/thread.js") && seen.contains("/layout.css"), "{seen:?}");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_act_as_the_agent() {
    let house = House::open().await;
    let id = house.start().await;
    let request = house.client.post(house.url("/api/chat/close")).json(&json!({ "conversationId": id }));
    assert_eq!(request.header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 403);
    assert_eq!(house.conversation(&id).await["status"], "waiting");
    assert_eq!(house.get("/api/nothing").await.status, 404);
}
