//! A vendor that takes uploads, and has files that nobody but the gateway may fetch.

use super::{KEY, PICTURE, Shelf, Uploads, address_in, with_files};
use crate::house::House;
use crate::patience::eventually;

#[tokio::test]
async fn files_are_uploaded_with_the_text_before_them() {
    let (uploads, channel) = (Uploads::open("").await, Shelf::open().await);
    let jane = uploads.house.customer("jane");
    uploads.begins(&jane).await;
    let files = [
        ("photo.png", "image/png", &*channel.url("/photo.png")),
        ("moved.png", "image/*", &*channel.url("/moved")),
    ];
    jane.sends(&with_files(&jane, "look", &files)).await;
    let put = uploads.vendor.gets("/uploads", 2).await;
    for (one, name) in put.iter().zip(["photo.png", "moved.png"]) {
        assert_eq!((one.header("x-name"), one.header("content-type")), (name, "image/png"));
        assert_eq!(one.body, PICTURE);
    }
    assert_eq!(uploads.said(), ["look"]);
}

#[tokio::test]
async fn what_the_vendor_does_not_take_is_told_to_the_customer() {
    let (uploads, channel) = (Uploads::open("").await, Shelf::open().await);
    let jane = uploads.house.customer("jane");
    uploads.begins(&jane).await;
    let files = [
        ("page.html", "application/octet-stream", &*channel.url("/page.html")),
        ("notes.txt", "text/plain", &*channel.url("/photo.png")),
        ("flow.png", "image/png", &*channel.url("/flow")),
        ("photo.png", "image/png", &*channel.url("/photo.png")),
    ];
    jane.sends(&with_files(&jane, "look", &files)).await;
    let put = uploads.vendor.gets("/uploads", 1).await;
    assert_eq!(put[0].header("x-name"), "photo.png");
    for told in [
        "The file page.html was not passed on: files of this kind are not accepted.",
        "The file notes.txt was not passed on: files of this kind are not accepted.",
        "The file flow.png was not passed on: it is larger than 4 KB.",
    ] {
        uploads.house.bot.shows("a:1jane", told).await;
    }
    assert_eq!(uploads.vendor.asked("/uploads").len(), 1);
    assert_eq!(uploads.said(), ["look"]);
}

#[tokio::test]
async fn the_vendors_private_files_reach_the_customer_by_addresses_here() {
    let uploads = Uploads::open("").await;
    let house = &uploads.house;
    let jane = house.customer("jane");
    let live = uploads.begins(&jane).await;
    let body = format!(
        "{live}\nupstream:api/private/report.pdf\nupstream:api/private/scan.png\nhttps://cdn.example/a.png"
    );
    let (status, _) = house.call_back_with("/api/callbacks/carries-files", body).await;
    assert_eq!(status, 200);
    let post = house.bot.gets("a:1jane", "the files", |post| post.text().contains("report.pdf")).await;
    // Teams shows pictures; other files are links in the text.
    let text = post.text();
    assert!(text.starts_with("**Eve**: here\n\n[report.pdf](http://127.0.0.1:"), "{text}");
    let pictures = post.body["attachments"].as_array().expect("attachments");
    assert_eq!(pictures.len(), 2);
    assert_eq!(pictures[1]["contentUrl"], "https://cdn.example/a.png");
    let scan = pictures[0]["contentUrl"].as_str().expect("an address");

    let report = house.http.get(address_in(text)).send().await.expect("an answer");
    assert_eq!(report.headers()["content-type"], "application/pdf");
    assert_eq!(report.bytes().await.expect("a body"), &b"%PDF the report"[..]);
    let scan = house.http.get(scan).send().await.expect("an answer");
    assert_eq!(scan.bytes().await.expect("a body"), PICTURE);
    let asked = uploads.vendor.gets("/private/", 2).await;
    assert!(asked.iter().all(|asked| asked.header("authorization") == format!("Bearer {KEY}")));
    assert!(!house.gateway.log().contains(KEY), "the key is in the log");
}

#[tokio::test]
async fn no_file_leads_out_of_its_upstream() {
    let uploads = Uploads::open("").await;
    let house = &uploads.house;
    let jane = house.customer("jane");
    let live = uploads.begins(&jane).await;
    let files = [
        "upstream:api/private/elsewhere",
        "upstream:other/private/report.pdf",
        "upstream:api/../private/report.pdf",
        "upstream:api/private/gone.pdf",
    ];
    let (status, _) =
        house.call_back_with("/api/callbacks/carries-files", format!("{live}\n{}", files.join("\n"))).await;
    assert_eq!(status, 200);
    let post = house.bot.gets("a:1jane", "the files", |post| post.text().contains("/api/media/")).await;
    let addresses: Vec<String> =
        post.text().split("\n\n").filter(|part| part.contains("/api/media/")).map(address_in).collect();
    assert_eq!(addresses.len(), files.len(), "{}", post.text());
    for (file, address) in files.iter().zip(addresses) {
        let status = house.http.get(&address).send().await.expect("an answer").status().as_u16();
        assert!(matches!(status, 404 | 410), "{file}: {status}");
    }
    assert!(uploads.vendor.asked("/private/report").is_empty());
}

#[tokio::test]
async fn what_waits_in_the_test_pane_has_its_addresses_too() {
    let uploads = Uploads::open("").await;
    let house: &House = &uploads.house;
    let jane = house.customer("jane").in_the_pane();
    let started = jane.starts().await.activities();
    let end = started.last().expect("an end");
    let live = end["value"]["LiveChatConversationId"].as_str().expect("an id");
    jane.says("hello").await;
    let body = format!("{live}\nupstream:api/private/scan.png");
    house.call_back_with("/api/callbacks/carries-files", body).await;
    let shown = eventually("the picture", || async {
        let shown = jane.says("and?").await.activities();
        shown.into_iter().find(|one| one["attachments"][0].is_object()).ok_or_else(String::new)
    })
    .await;
    let address = shown["attachments"][0]["contentUrl"].as_str().expect("an address");
    let scan = house.http.get(address).send().await.expect("an answer");
    assert_eq!(scan.bytes().await.expect("a body"), PICTURE);
}
