//! Callbacks that nobody could read are kept as they came, until somebody can.

use std::slice::from_ref;

use handover_store::{Callback, Kept, Retried, Store};

use crate::premises::{NOW, Premises, at};

fn callback(connector: &str, n: u8) -> Callback {
    Callback {
        connector: connector.to_owned(),
        // The later ones came earlier: their order is that of keeping.
        received: at(100 - u64::from(n)),
        tried: "version 1".to_owned(),
        reason: "what is this?".to_owned(),
        request: vec![0, 255, b'{', n],
    }
}

async fn kept(store: &dyn Store, connector: &str, untried_by: &str) -> Vec<Callback> {
    let kept = store.kept(connector, untried_by, 0, 100).await.unwrap();
    kept.into_iter().map(|kept| kept.callback).collect()
}

async fn ids(store: &dyn Store, connector: &str) -> Vec<u64> {
    store.kept(connector, "", 0, 100).await.unwrap().into_iter().map(|kept| kept.id).collect()
}

pub async fn callbacks_come_back_as_they_were_kept_and_in_order(premises: &dyn Premises) {
    let store = premises.open();
    for n in 0..3 {
        store.keep(callback("contoso", n)).await.unwrap();
        store.keep(callback("genesys", n)).await.unwrap();
    }
    let expected: Vec<_> = (0..3).map(|n| callback("contoso", n)).collect();
    drop(store);
    let store = premises.open();
    assert_eq!(kept(&*store, "contoso", "version 2").await, expected);
    assert!(kept(&*store, "zendesk", "version 2").await.is_empty());
}

pub async fn callbacks_are_listed_page_by_page(premises: &dyn Premises) {
    let store = premises.open();
    for n in 0..5 {
        store.keep(callback("contoso", n)).await.unwrap();
        store.keep(callback("genesys", n)).await.unwrap();
    }
    let mut seen: Vec<Kept> = Vec::new();
    loop {
        let after = seen.last().map_or(0, |kept| kept.id);
        let page = store.kept("contoso", "version 2", after, 2).await.unwrap();
        assert!(page.len() <= 2 && page.iter().all(|kept| kept.id > after));
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    let seen: Vec<_> = seen.into_iter().map(|kept| kept.callback).collect();
    assert_eq!(seen, (0..5).map(|n| callback("contoso", n)).collect::<Vec<_>>());
    assert!(store.kept("contoso", "version 2", u64::MAX, 2).await.unwrap().is_empty());
}

pub async fn a_version_is_not_given_what_it_has_tried(premises: &dyn Premises) {
    let store = premises.open();
    for n in 0..2 {
        store.keep(callback("contoso", n)).await.unwrap();
    }
    assert!(kept(&*store, "contoso", "version 1").await.is_empty());
    let first = ids(&*store, "contoso").await[0];
    let unread = Retried::Unread { tried: "version 2".to_owned(), reason: "still".to_owned() };
    store.retried(first, unread).await.unwrap();
    assert_eq!(kept(&*store, "contoso", "version 2").await, [callback("contoso", 1)]);
    let tried =
        Callback { tried: "version 2".to_owned(), reason: "still".to_owned(), ..callback("contoso", 0) };
    assert_eq!(kept(&*store, "contoso", "version 1").await, from_ref(&tried));
    assert_eq!(kept(&*store, "contoso", "version 3").await, [tried, callback("contoso", 1)]);
}

pub async fn what_was_read_is_not_kept_any_longer(premises: &dyn Premises) {
    let store = premises.open();
    for n in 0..2 {
        store.keep(callback("contoso", n)).await.unwrap();
    }
    store.keep(callback("genesys", 0)).await.unwrap();
    let unread = store.counts().await.unwrap().unread;
    assert_eq!(unread, [("contoso".to_owned(), 2), ("genesys".to_owned(), 1)].into());
    let first = ids(&*store, "contoso").await[0];
    store.retried(first, Retried::Done).await.unwrap();
    store.retried(first, Retried::Done).await.unwrap();
    assert_eq!(kept(&*store, "contoso", "").await, [callback("contoso", 1)]);
    assert_eq!(store.counts().await.unwrap().unread["contoso"], 1);
    store.keep(callback("contoso", 2)).await.unwrap();
    assert!(ids(&*store, "contoso").await.iter().all(|id| *id > first), "a name is not given twice");
    let gone = Retried::Unread { tried: "version 9".to_owned(), reason: "gone".to_owned() };
    store.retried(first, gone).await.unwrap();
    assert_eq!(ids(&*store, "contoso").await.len(), 2);
    assert!(store.kept("contoso", "", 0, 0).await.unwrap().is_empty());
    assert!(store.claim(NOW, handover_store::Capacity::of(1)).await.unwrap().claims.is_empty());
}
