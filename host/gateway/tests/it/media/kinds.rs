//! Texts that a vendor cannot show or take as they are, and the table that says so.

use serde_json::json;

use super::{Uploads, with_files};
use crate::gateway::run;
use crate::patience::eventually;

#[tokio::test]
async fn markdown_and_cards_become_plain_text() {
    let uploads = Uploads::open("").await;
    let jane = uploads.house.customer("jane");
    uploads.begins(&jane).await;
    jane.says("**bold** [a](https://a.example/)").await;
    let mut html = jane.message("<p>one</p><ul><li>two</li></ul>");
    html["textFormat"] = json!("xml");
    jane.sends(&html).await;
    let mut card = with_files(&jane, "", &[]);
    card["attachments"] = json!([{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": { "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "Order **4711**" }] },
    }]);
    jane.sends(&card).await;
    uploads.vendor.gets("/said/", 3).await;
    assert_eq!(uploads.said(), ["bold a (https://a.example/)", "one\n- two", "Order 4711"]);
}

#[tokio::test]
async fn a_long_text_goes_in_parts_in_order_each_by_its_own_name() {
    let uploads = Uploads::open("").await;
    let jane = uploads.house.customer("jane");
    uploads.begins(&jane).await;
    let words: Vec<String> = (0..40).map(|n| format!("word{n}")).collect();
    jane.says(&words.join(" ")).await;
    jane.says("after").await;
    eventually("all of it", || async {
        let said = uploads.said();
        if said.last().is_some_and(|last| last == "after") { Ok(()) } else { Err(format!("{said:?}")) }
    })
    .await;
    let said = uploads.said();
    assert!(said.iter().all(|part| part.len() <= 60), "{said:?}");
    assert_eq!(said[..said.len() - 1].join(" "), words.join(" "));
    let mut names: Vec<String> = uploads.vendor.asked("/said/").into_iter().map(|one| one.path).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), said.len(), "each part has its own name");
}

#[tokio::test]
async fn operators_see_what_becomes_of_what() {
    let uploads = Uploads::open("").await;
    let house = &uploads.house;
    let arguments = ["connectors", "--admin-addr", &house.gateway.admin_addr()];
    let shown = run(&arguments, &[], house.folder.path()).await;
    let shown = String::from_utf8(shown.stdout).expect("text");
    for line in [
        "texts: plain; at most 60 utf16-units, longer ones in parts",
        "files: upload; at most 4096 bytes; image/*",
        "typing and receipts: no; availability: no; feed: no; reconcile: no; migration: no",
        "What becomes of what with carries-files:",
        "to-vendor    Markdown             as plain text",
        "to-vendor    typing               dropped",
        "to-customer  other file           msteams: a link; pva-studio: as is; other: as is",
    ] {
        assert!(shown.contains(line), "{line} is missing in\n{shown}");
    }
    let answer = run(&[&arguments[..], &["--json"]].concat(), &[], house.folder.path()).await;
    let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("JSON");
    assert_eq!(answer["becomes"]["channels"][0], "msteams");
    assert!(answer["becomes"]["connectors"]["carries-files"].is_array());
}
