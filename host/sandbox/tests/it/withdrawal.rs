//! A file that is gone ends no session: it refuses new ones. And what a restart finds, or does not.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use handover_sandbox::status::State;

use crate::house::{House, built, eventually, refusal, serving, shown, version};
use crate::people::say;

fn granted() -> House {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_gone_refuses_new_sessions_only_until_it_is_back() {
    let house = granted();
    house.put("a.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let before = serving(&sandbox, "a");
    for round in 0..2 {
        fs::remove_file(house.file("a.wasm")).unwrap();
        eventually(&sandbox, "it takes no sessions", || !sandbox.takes_sessions("a")).await;
        let line = shown(&sandbox, "a", State::Withdrawn).unwrap();
        assert_eq!(line.reason.unwrap(), "its file is gone: it takes no new sessions");
        assert_eq!(say(&serving(&sandbox, "a"), "on").await.unwrap(), "before|1.0.0:on", "{round}");
        // A broken file in its place neither ends it nor lets it take sessions.
        house.put("a.wasm", b"broken");
        eventually(&sandbox, "it is refused", || refusal(&sandbox, "a").is_some()).await;
        assert!(!sandbox.takes_sessions("a"));
        house.put("a.wasm", &built("echo-v1"));
        eventually(&sandbox, "it is back", || sandbox.takes_sessions("a")).await;
        assert!(Arc::ptr_eq(&before, &serving(&sandbox, "a")), "the same content is the same version");
        eventually(&sandbox, "it is active", || {
            sandbox.status().iter().all(|line| line.state == State::Active)
        })
        .await;
    }
    fs::remove_file(house.file("a.wasm")).unwrap();
    eventually(&sandbox, "it takes no sessions", || !sandbox.takes_sessions("a")).await;
    house.put("a.wasm", &built("echo-v2"));
    eventually(&sandbox, "another version", || sandbox.takes_sessions("a")).await;
    assert_eq!(version(&sandbox, "a").as_deref(), Some("2.0.0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_file_that_is_gone_is_forgotten() {
    let house = granted();
    house.put("a.wasm", b"broken");
    let sandbox = house.open().await;
    assert!(refusal(&sandbox, "a").is_some());
    fs::remove_file(house.file("a.wasm")).unwrap();
    eventually(&sandbox, "nothing is shown", || sandbox.status().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_with_a_broken_file_serves_the_last_good_build() {
    let house = granted();
    house.put("a.wasm", &built("echo-v1"));
    drop(house.open().await);
    for bytes in [&b"broken"[..], &built("traps-in-describe")] {
        house.put("a.wasm", bytes);
        let sandbox = house.open().await;
        assert_eq!(version(&sandbox, "a").as_deref(), Some("1.0.0"));
        assert!(sandbox.takes_sessions("a"));
        assert!(refusal(&sandbox, "a").is_some(), "it is said why");
        assert!(shown(&sandbox, "a", State::Active).unwrap().reason.is_some());
        assert_eq!(say(&serving(&sandbox, "a"), "on").await.unwrap(), "before|1.0.0:on");
    }
    let sandbox = house.open().await;
    house.put("a.wasm", &built("echo-v2"));
    eventually(&sandbox, "a good one", || version(&sandbox, "a").as_deref() == Some("2.0.0")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_without_the_file_serves_withdrawn() {
    let house = granted();
    house.put("a.wasm", &built("echo-v2"));
    drop(house.open().await);
    fs::remove_file(house.file("a.wasm")).unwrap();
    let sandbox = house.open().await;
    assert_eq!(version(&sandbox, "a").as_deref(), Some("2.0.0"));
    assert!(!sandbox.takes_sessions("a"));
    assert_eq!(shown(&sandbox, "a", State::Withdrawn).unwrap().version.as_deref(), Some("2.0.0"));
    house.put("a.wasm", &built("echo-v2"));
    eventually(&sandbox, "it is back", || sandbox.takes_sessions("a")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_good_build_is_held_against_todays_grants() {
    let mut house = granted();
    house.put("a.wasm", &built("echo-v1"));
    drop(house.open().await);
    house.connectors.clear();
    for present in [true, false] {
        if !present {
            fs::remove_file(house.file("a.wasm")).unwrap();
        }
        let sandbox = house.open().await;
        assert!(sandbox.connector("a").is_none());
        let reason = refusal(&sandbox, "a").unwrap();
        assert!(reason.contains("upstreams.api.base_url`: it is missing"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warm_restart_compiles_nothing() {
    let house = granted();
    house.put("a.wasm", &built("echo-v1"));
    drop(house.open().await);
    // Compiled code is never written in place: what was compiled again is another file.
    let compiled = || -> BTreeMap<_, u64> {
        let entries = fs::read_dir(&house.cache).unwrap().flatten();
        entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().ino())).collect()
    };
    let before = compiled();
    assert!(before.keys().any(|name| name.to_string_lossy().ends_with(".cwasm")));
    assert_eq!(version(&*house.open().await, "a").as_deref(), Some("1.0.0"));
    assert_eq!(compiled(), before);
    // What is not usable is compiled again.
    for name in before.keys().filter(|name| name.to_string_lossy().ends_with(".cwasm")) {
        // Written anew, not into the file that other tests share.
        fs::remove_file(house.cache.join(name)).unwrap();
        fs::write(house.cache.join(name), b"no code").unwrap();
    }
    assert_eq!(version(&*house.open().await, "a").as_deref(), Some("1.0.0"));
    for name in before.keys().filter(|name| name.to_string_lossy().ends_with(".cwasm")) {
        let good = fs::read(house.cache.join(name)).unwrap() != b"no code";
        if !good {
            fs::remove_file(house.cache.join(name)).unwrap();
        }
    }
}
