//! The customer page is served whole, from here alone.
use crate::world::World;

#[tokio::test]
async fn the_page_and_its_parts_are_served_under_a_strict_policy() {
    let world = World::new().await;
    let mut page = String::new();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/chat.js", "text/javascript; charset=utf-8"),
        ("/thread.js", "text/javascript; charset=utf-8"),
        ("/markdown.js", "text/javascript; charset=utf-8"),
        ("/lab.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        let response = world.http.get(world.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], kind);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"), "{policy}");
        let text = response.text().await.expect("text");
        assert!(!text.contains("innerHTML"), "{path}");
        page.push_str(&text);
    }
    for id in [
        "thread",
        "message",
        "composer",
        "send",
        "status",
        "typing",
        "new-conversation",
        "quick-escalate",
        "quick-goodbye",
    ] {
        let (attribute, property) = (format!("data-testid=\"{id}\""), format!("testid: '{id}'"));
        assert!(page.contains(&attribute) || page.contains(&property), "{id}");
    }
}

#[tokio::test]
async fn who_is_who_is_told() {
    let world = World::new().await;
    let about = world.get("/api/about").await;
    assert_eq!(about["skillUrl"], world.skill.url());
    assert_eq!(about["connectorUrl"], world.running.connector_url());
    assert_eq!(about["agentName"], "Contoso Agent");
}
