//! The projects as they are written out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use super::contract::Embedded;
use super::{Language, Name, embedded, files};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The files below a folder, but for what its `.gitignore` leaves out and links out of it.
fn lying(folder: &Path) -> BTreeSet<String> {
    let ignored = std::fs::read_to_string(folder.join(".gitignore")).unwrap_or_default();
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_end_matches('/')).collect();
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() || ignored.contains(&entry.file_name().to_str().unwrap()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

fn carried(files: &[Embedded]) -> BTreeSet<String> {
    files.iter().map(|file| file.path.to_owned()).collect()
}

#[test]
fn every_file_of_the_examples_and_of_the_sdk_is_carried() {
    for (language, folder) in [
        (Language::Rust, "rust"),
        (Language::Javascript, "javascript"),
        (Language::Python, "python"),
        (Language::C, "c"),
    ] {
        let folder = repository().join("examples/connectors").join(folder);
        assert_eq!(carried(embedded::project(language)), lying(&folder), "{language:?}");
    }
    assert_eq!(carried(embedded::SDK), lying(&repository().join("connectors/sdk")));
}

#[test]
fn a_lock_file_keeps_the_order_that_cargo_wants() {
    let lock = |name: &str| {
        let all = files(Language::Rust, &Name::new(name).unwrap()).unwrap();
        all.into_iter().find(|(path, _)| path == "Cargo.lock").unwrap().1
    };
    for name in ["aaa", "acme-desk", "zzz"] {
        let lock = lock(name);
        let named = lock.lines().filter_map(|line| line.strip_prefix("name = "));
        assert!(named.is_sorted(), "{lock}");
        assert!(lock.ends_with("]\n") || lock.ends_with("\"\n"), "{lock}");
    }
}

#[test]
fn what_a_project_is_run_with_is_a_configuration() {
    let all = files(Language::C, &Name::new("acme-desk").unwrap()).unwrap();
    let text = &all.iter().find(|(path, _)| path == "handover.toml").unwrap().1;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("handover.toml");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        crate::config::Config::read(Some(&file), std::iter::empty()).unwrap()
    };
    // Nothing of it counts: the scenario's vendor is played.
    assert!(read(text).connectors.is_empty());
    let opened: String = text
        .lines()
        .map(|line| {
            format!("{}\n", line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        })
        .collect();
    let granted = &read(&opened).connectors["acme-desk"];
    assert_eq!(granted.upstreams["api"].base_url.as_str(), "https://sandbox.vendor.example/");
    assert_eq!(granted.credentials.len(), 2);
}
