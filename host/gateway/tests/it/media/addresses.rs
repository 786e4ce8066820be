//! Addresses of files here: what they serve, to whom, and for how long.

use reqwest::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::json;

use super::{PICTURE, Shelf, address_in, with_files};
use crate::house::House;
use crate::patience::eventually;

/// A gateway whose vendor fetches files, a channel that has them, and the address of the first one that is sent.
async fn sent(sections: &str, name: &str, kind: &str, path: &str) -> (House, Shelf, String) {
    let (house, channel) = (House::with(sections).await, Shelf::open().await);
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    jane.sends(&with_files(&jane, "look", &[(name, kind, &channel.url(path))])).await;
    let text = eventually("the file at the live chat", || async {
        let heard = house.desk.heard(&live).await;
        heard.last().filter(|last| last.contains("/api/media/")).cloned().ok_or(format!("{heard:?}"))
    })
    .await;
    assert!(text.starts_with(&format!("look\n[{name}](")), "{text}");
    assert!(!text.contains(&channel.base), "the channel's own address stays here: {text}");
    let address = address_in(&text);
    (house, channel, address)
}

#[tokio::test]
async fn the_vendor_fetches_a_customers_picture_and_may_show_it() {
    let (house, channel, address) = sent("", "photo.png", "image/png", "/photo.png").await;
    let response = house.http.get(&address).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header(CONTENT_TYPE.as_str()), "image/png");
    assert!(header(CONTENT_DISPOSITION.as_str()).starts_with("inline; filename=\"photo.png\""));
    assert_eq!(header(CACHE_CONTROL.as_str()), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(response.bytes().await.expect("a body"), PICTURE);
    assert!(channel.asked("/photo.png").iter().all(|asked| asked.header("authorization").is_empty()));
    let head = house.http.head(&address).send().await.expect("an answer");
    let length = head.headers()["content-length"].to_str().expect("text");
    assert_eq!((head.status().as_u16(), length), (200, PICTURE.len().to_string().as_str()));
}

#[tokio::test]
async fn what_a_browser_would_run_is_only_saved() {
    let (house, _channel, address) = sent("", "page.html", "text/html", "/page.html").await;
    let response = house.http.get(&address).send().await.expect("an answer");
    let disposition = response.headers()[CONTENT_DISPOSITION].to_str().expect("text");
    assert!(disposition.starts_with("attachment; filename=\"page.html\""), "{disposition}");
}

#[tokio::test]
async fn a_forged_address_is_nobodys_and_asks_nobody() {
    let (house, channel, address) = sent("", "photo.png", "image/png", "/photo.png").await;
    let asked = channel.asked("/").len();
    let (base, token) = address.rsplit_once('/').expect("a token");
    let other = |nth: usize| {
        let flipped = if token.as_bytes()[nth] == b'A' { 'B' } else { 'A' };
        format!("{}{flipped}{}", &token[..nth], &token[nth + 1..])
    };
    let forged = [other(0), other(20), other(50), "x".to_owned(), "a".repeat(9000), token[1..].to_owned()];
    for token in forged {
        let response = house.http.get(format!("{base}/{token}")).send().await.expect("an answer");
        assert_eq!(response.status(), 404, "{token}");
        assert_eq!(
            response.text().await.expect("a body"),
            json!({ "error": "there is no such file" }).to_string()
        );
    }
    assert_eq!(channel.asked("/").len(), asked);
}

#[tokio::test]
async fn an_address_expires_and_costs_nothing_then() {
    let sections = "[media]\naddress_seconds = 1\n";
    let (house, channel, address) = sent(sections, "photo.png", "image/png", "/photo.png").await;
    eventually("its end", || async {
        let status = house.http.get(&address).send().await.expect("an answer").status().as_u16();
        if status == 410 { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
    let asked = channel.asked("/").len();
    assert_eq!(house.http.get(&address).send().await.expect("an answer").status(), 410);
    assert_eq!(channel.asked("/").len(), asked);
}

#[tokio::test]
async fn an_address_outlives_a_restart() {
    let (mut house, _channel, address) = sent("", "photo.png", "image/png", "/photo.png").await;
    house.gateway.kill();
    house.gateway.start().await;
    let response = house.http.get(&address).send().await.expect("an answer");
    assert_eq!(response.bytes().await.expect("a body"), PICTURE);
}

#[tokio::test]
async fn a_picture_in_the_message_itself_has_an_address_too() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let data = "data:image/png;base64,iVBORw0KGgo=";
    jane.sends(&with_files(&jane, "look", &[("inline.png", "image/png", data)])).await;
    let text = eventually("the picture at the live chat", || async {
        let heard = house.desk.heard(&live).await;
        heard.last().filter(|last| last.contains("/api/media/")).cloned().ok_or(format!("{heard:?}"))
    })
    .await;
    let response = house.http.get(address_in(&text)).send().await.expect("an answer");
    assert_eq!(response.bytes().await.expect("a body"), &b"\x89PNG\r\n\x1a\n"[..]);
}

#[tokio::test]
async fn no_more_files_than_are_granted_are_served_at_once() {
    // It begins and does not end: its size cannot be told, and its place is taken for as long as somebody waits.
    let (house, _channel, address) = sent("[media]\nfiles = 1\n", "drip", "image/png", "/drip").await;
    let get = || async { house.http.get(&address).send().await.expect("an answer") };
    let first = get().await;
    assert_eq!(first.status(), 200);
    let second = get().await;
    assert_eq!(second.status(), 503);
    assert!(second.headers().contains_key("retry-after"));
    drop(first);
    eventually("the place that became free", || async {
        let status = get().await.status().as_u16();
        if status == 200 { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
}
