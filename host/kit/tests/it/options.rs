//! The optional interfaces: mistakes put into each of them, and what no exchange of the scenario proves.

use std::path::Path;
use std::sync::Arc;

use handover_kit::{Certificate, Level, Outcome, Scenario};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::mistakes::{built, folder, is_found};

/// The mistakes; the check that finds each, and a word of what it says.
const MISTAKES: [(&str, &str, &str); 19] = [
    ("file-taken-for-a-text", "attachments", "bytes of the file"),
    ("separator-never-changes", "attachments", "whatever it holds"),
    ("gone-file-called-safe", "attachments", "which is gone"),
    ("words-before-the-file", "attachments", "nothing said before the file"),
    ("loss-not-told", "signals", "not-delivered"),
    ("closed-when-nobody-answers", "availability", "500"),
    ("not-taken-when-nobody-answers", "reconcile", "a connection that breaks"),
    ("old-state-forgotten", "migration", "the requests of the scenario"),
    ("old-state-breaks-it", "migration", "what is no state"),
    ("cursor-goes-on-without-an-answer", "feed", "then all is well"),
    ("two-names-for-one-event", "feed", "one name for the message e-2"),
    ("stream-begins-anew", "feed", "`last-event-id` should be"),
    ("named-by-counting", "feed", "broken after 1 frames"),
    ("frame-breaks-it", "feed", "with nonsense in it"),
    ("text-of-the-list-trimmed", "texts-to-customer", "poll `the first`, 30 000 characters"),
    ("text-of-the-stream-trimmed", "texts-to-customer", "frame `writes`, several lines"),
    ("trial-always-good", "trial", "a finding that fails"),
    ("trial-leaves-a-trace", "trial", "no trace at the vendor"),
    ("trial-names-no-key", "trial", "`misconfigured`"),
];

/// What the scenario tells of each, and what stands there where nothing proves it; the check that says so.
const UNPROVED: [(&str, &str, &str); 8] = [
    (
        "exchanges = [\"typing\"]\n\n[receipt]\ndelivered = []\nnot_delivered = [\"lost\"]",
        "exchanges = []\n\n[receipt]",
        "signals",
    ),
    ("exchanges = [\"me\", \"queues\"]", "exchanges = []", "trial"),
    ("from_schema = 1", "from_schema = 0", "migration"),
    ("verdict = \"taken\"", "verdict = \"unknown\"", "reconcile"),
    ("anybody = true", "anybody = false", "availability"),
    (
        "[[stream]]\nname = \"of the ticket\"\nexchange = \"stream\"\nresumed = \"stream-again\"\nframes = [\"joins\", \"writes\", \"writes more\"]",
        "",
        "feed",
    ),
    (
        "[[poll]]\nname = \"the first\"\nexchanges = [\"events\"]\nevents = [{ joined = \"Ann\", id = \"e-1\" }, { message = \"Hello\", author = \"Ann\", message_id = \"e-2\", id = \"e-2\" }]\n\n[[poll]]\nname = \"nothing new\"\nexchanges = [\"later-events\"]\ncursor = \"e-2\"\nevents = []",
        "",
        "feed",
    ),
    (
        "[[file]]\nname = \"a photo and words\"\ntext = \"See\"\nexchanges = [\"file\", \"note-with-file\"]",
        "",
        "attachments",
    ),
];

fn told(mistake: &str) -> String {
    let read = |name: &str| std::fs::read_to_string(folder().join("tests").join(name)).unwrap();
    format!("settings = {{ mistake = {mistake:?} }}\n{}\n{}", read("desk.toml"), read("desk-options.toml"))
}

/// Without the exchanges that nothing names any more.
fn used(scenario: &str) -> String {
    let parts: Vec<&str> = scenario.split("\n\n").collect();
    let names = ["exchange", "resumed", "not_delivered"];
    let calls = scenario.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    let calls: String = calls.collect();
    let is_named = |part: &&&str| {
        let name = part.strip_prefix("[exchanges.").and_then(|part| part.split_once(']'));
        name.is_none_or(|(name, _)| calls.contains(&format!("\"{name}\"")))
    };
    parts.iter().filter(is_named).copied().collect::<Vec<_>>().join("\n\n")
}

async fn tried(scenario: &str) -> Certificate {
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let scenario = Scenario::parse(scenario).unwrap();
    handover_kit::test_cached(&built("mistaken-in-options"), &scenario, Some(&compiled)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_all_interfaces_and_without_a_mistake_it_is_gold() {
    let certificate = tried(&told("")).await;
    assert_eq!(certificate.level, Level::Gold, "{}", certificate.page());
    let all = ["signals", "availability", "feed", "reconcile", "migration", "trial"];
    assert_eq!(certificate.capabilities, all);
    for name in all.into_iter().chain(["attachments", "texts-to-customer"]) {
        let check = certificate.checks.iter().find(|check| check.name == name).unwrap();
        assert!(matches!(check.outcome, Outcome::Passed { .. }), "{name}\n{}", certificate.page());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_in_an_optional_interface_is_found_and_named() {
    let places = Arc::new(Semaphore::new(6));
    let mut tries = JoinSet::new();
    for (mistake, check, word) in MISTAKES {
        let places = Arc::clone(&places);
        tries.spawn(async move {
            let _place = places.acquire().await;
            let certificate = tried(&told(mistake)).await;
            assert_ne!(certificate.level, Level::Gold, "{mistake}");
            let found = is_found(&certificate, check, word);
            (!found).then(|| format!("{mistake}: not by `{check}` with {word:?}:\n{}", certificate.page()))
        });
    }
    let missed: Vec<String> = tries.join_all().await.into_iter().flatten().collect();
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_exchange_proves_is_named_and_is_not_gold() {
    let places = Arc::new(Semaphore::new(6));
    let mut tries = JoinSet::new();
    for (proof, nothing, name) in UNPROVED {
        let places = Arc::clone(&places);
        tries.spawn(async move {
            let _place = places.acquire().await;
            let scenario = told("");
            assert!(scenario.contains(proof), "{proof}");
            let certificate = tried(&used(&scenario.replace(proof, nothing))).await;
            let check = certificate.checks.iter().find(|check| check.name == name).unwrap();
            let named = matches!(check.outcome, Outcome::Untold { .. });
            (!named || certificate.level == Level::Gold)
                .then(|| format!("{name}, without {proof}:\n{}", certificate.page()))
        });
    }
    let missed: Vec<String> = tries.join_all().await.into_iter().flatten().collect();
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}
