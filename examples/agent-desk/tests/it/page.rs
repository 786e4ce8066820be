//! The page is whole, bears the vendor's name and colour, and is safe.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn the_page_bears_the_vendors_name_as_text_and_its_colour() {
    let house = House::open().await;
    let page = house.client.get(house.url("/")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("<title>Acme &lt;Chat&gt; &amp; Co</title>"), "{page}");
    assert!(page.contains("placeholder=\"Agent\"") && !page.contains("{{"));
    let colours = house.client.get(house.url("/colours.css")).send().await.unwrap().text().await.unwrap();
    assert!(colours.contains("--accent: #123abc;") && !colours.contains("#0f6d6a"));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_act_as_the_agent() {
    let house = House::open().await;
    let id = house.start().await;
    let request = house.client.post(house.url(&format!("/desk/conversations/{id}/end"))).json(&json!({}));
    assert_eq!(request.header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 403);
    assert_eq!(house.conversation(&id).await["status"], "waiting");
}

#[tokio::test]
async fn every_file_that_the_page_names_is_there() {
    let house = House::open().await;
    let page = house.client.get(house.url("/")).send().await.unwrap().text().await.unwrap();
    let mut wanted = after(&page, &["href=\"/", "src=\"/"]);
    let mut seen = Vec::new();
    while let Some(path) = wanted.pop() {
        if seen.contains(&path) {
            continue;
        }
        let file = house.client.get(house.url(&format!("/{path}"))).send().await.unwrap();
        assert_eq!(file.status(), 200, "/{path}");
        wanted.extend(after(&file.text().await.unwrap(), &["from \"./"]));
        seen.push(path);
    }
    assert!(seen.len() > 10 && seen.iter().any(|path| path == "settings.js"), "{seen:?}");
}

/// What stands between these words and the next quotation mark.
fn after(text: &str, words: &[&str]) -> Vec<String> {
    let found = words.iter().flat_map(|word| text.split(word).skip(1));
    found.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
