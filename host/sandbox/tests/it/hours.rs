//! Whether anybody is there.

use handover_handoff::vendor::Attribute;
use handover_sandbox::Limits;

use crate::house::House;
use crate::people::{NOW, session};
use crate::vendor::Vendor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendor_says_whether_anybody_is_there() {
    let vendor = Vendor::answering(|asked| {
        let word = asked.path.split("queue=").nth(1)?;
        Some((
            200,
            if word == "known" { "open, as far as anybody knows".to_owned() } else { word.to_owned() },
        ))
    })
    .await;
    let (_house, _sandbox, hours) = House::with("knows-its-hours", &vendor.base, Limits::default()).await;
    assert!(hours.description().capabilities.availability);
    let ask = async |word: &str| {
        let routing = [Attribute { name: "queue".to_owned(), value: word.to_owned() }];
        hours.anybody(&session(), &routing, NOW).await
    };
    assert_eq!(ask("open").await, Ok(Some(true)));
    assert_eq!(ask("known").await, Ok(Some(true)));
    assert_eq!(ask("nobody").await, Ok(Some(false)));
    assert_eq!(ask("closed").await, Ok(Some(false)));
    assert!(ask("nonsense").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_tell_does_not() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, feeds) = House::with("feeds", &vendor.base, Limits::default()).await;
    assert_eq!(feeds.anybody(&session(), &[], NOW).await, Ok(None));
    assert!(vendor.asked().is_empty());
}
