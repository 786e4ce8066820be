//! Where the customer's files come from: hosts that are no files' place, files that are too large, gone or slow.

use super::{Shelf, address_in, with_files};
use crate::customer::Customer;
use crate::house::House;
use crate::patience::eventually;

async fn chat() -> (House, Shelf, Customer, String) {
    let (house, channel) = (House::with("[media]\nbegin_ms = 300\n").await, Shelf::open().await);
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    (house, channel, jane, live)
}

/// The customer sends a file with a text; what the live chat heard of it.
async fn heard(house: &House, jane: &Customer, live: &str, text: &str, url: &str) -> String {
    jane.sends(&with_files(jane, text, &[("f.png", "image/png", url)])).await;
    eventually(format!("{text} at the live chat"), || async {
        let heard = house.desk.heard(live).await;
        heard.last().filter(|last| last.starts_with(text)).cloned().ok_or(format!("{heard:?}"))
    })
    .await
}

#[tokio::test]
async fn what_cannot_be_had_is_told_and_the_text_goes_all_the_same() {
    let (house, channel, jane, live) = chat().await;
    for (nth, url) in [
        channel.url("/nowhere"),
        channel.url("/round"),
        channel.url("/to-metadata"),
        channel.url("/to-inside"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/secret".to_owned(),
        "http://files.example/plain".to_owned(),
        "https://jane:secret@files.example/".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let text = format!("text {nth}.");
        assert_eq!(heard(&house, &jane, &live, &text, url).await, text, "{url}");
        let told = "The file f.png could not be passed on. Please send it again.";
        eventually("the news", || async {
            let shown = house.bot.shown("a:1jane");
            let times = shown.iter().filter(|shown| *shown == told).count();
            if times == nth + 1 { Ok(()) } else { Err(format!("{url}: {shown:?}")) }
        })
        .await;
    }
}

#[tokio::test]
async fn what_is_too_large_is_told_however_its_size_comes_out() {
    let (house, channel, jane, live) = chat().await;
    for (nth, path) in ["/big", "/flood"].iter().enumerate() {
        let text = format!("text {nth}.");
        assert_eq!(heard(&house, &jane, &live, &text, &channel.url(path)).await, text);
        let told = "The file f.png was not passed on: it is larger than 10 MB.";
        eventually("the news", || async {
            let shown = house.bot.shown("a:1jane");
            let times = shown.iter().filter(|shown| *shown == told).count();
            if times == nth + 1 { Ok(()) } else { Err(format!("{shown:?}")) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_redirect_within_what_is_allowed_is_followed() {
    let (house, channel, jane, live) = chat().await;
    let text = heard(&house, &jane, &live, "look", &channel.url("/moved")).await;
    let response = house.http.get(address_in(&text)).send().await.expect("an answer");
    assert_eq!(response.bytes().await.expect("a body"), super::PICTURE);
}

#[tokio::test]
async fn a_slow_source_holds_nothing_up() {
    let (house, channel, jane, live) = chat().await;
    let text = heard(&house, &jane, &live, "look", &channel.url("/slow")).await;
    let response = house.http.get(address_in(&text)).send().await.expect("an answer");
    assert_eq!(response.status(), 502);
}

#[tokio::test]
async fn a_file_alone_that_cannot_be_had_is_told_and_no_empty_message_goes() {
    let (house, channel, jane, live) = chat().await;
    jane.sends(&with_files(&jane, "", &[("f.png", "image/png", &channel.url("/nowhere"))])).await;
    house.bot.gets("a:1jane", "the news", |post| post.text().contains("could not be passed on")).await;
    jane.says("after").await;
    house.desk.hears(&live, "after").await;
    assert_eq!(house.desk.heard(&live).await, ["My laptop is on fire", "after"]);
    assert!(!house.bot.shown("a:1jane").iter().any(|text| text.contains("did not get through")));
}
