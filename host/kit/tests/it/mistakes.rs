//! Mistakes put into a correct connector, one at a time: the kit finds each, and names it.

use std::path::Path;
use std::sync::Arc;

use handover_kit::{Certificate, Level, Outcome, Scenario};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The mistakes; the check that finds each, and a word of what it says.
const MISTAKES: [(&str, &str, &str); 40] = [
    ("echo-as-a-message", "echoes", "nothing but `ignored`"),
    ("second-end-fails", "end-twice", "the second end"),
    ("gone-is-no-end", "end-twice", "answered with 404"),
    ("state-lost", "conversation", "message 2"),
    ("tokens-lost", "conversation", "x-visitor"),
    ("state-grows", "remembering", "bytes after 30"),
    ("pause-not-handed-on", "faults-of-send", "`safe` after 7000 ms"),
    ("pause-in-seconds", "faults-of-send", "`safe` after 7000 ms"),
    ("rate-limit-never", "faults-of-start", "429"),
    ("server-error-never", "faults-of-send", "500"),
    ("unknown-called-safe", "faults-of-start", "a connection that breaks"),
    ("unreachable-called-never", "faults-of-send", "no connection"),
    ("unauthorised-called-safe", "faults-of-end", "401"),
    ("unauthorised-called-rejected", "faults-of-send", "`misconfigured`"),
    ("gone-called-safe", "faults-of-send", "`conversation-gone`"),
    ("bad-request-called-safe", "faults-of-send", "400"),
    ("garbage-called-safe", "faults-of-start", "200 with an answer that is none"),
    ("closed-not-understood", "refusals", "`no-agents`"),
    ("queue-not-told", "start", "1 events"),
    ("told-without-telling", "start", "a request with the problem"),
    ("step-made-twice", "resumed-start", "the vendor has done `person`"),
    ("progress-ignored", "start", "there came POST"),
    ("new-id-each-attempt", "repeats", "the same request"),
    ("no-name", "callbacks-again", "an event with a name"),
    ("one-name-for-all", "callbacks-again", "a name of its own"),
    ("name-from-the-time", "determinism", "when it is read later"),
    ("name-from-the-clock", "determinism", "whatever clock and dice say"),
    ("name-from-dice", "determinism", "whatever clock and dice say"),
    ("key-of-another-session", "callbacks", "`key` should be"),
    ("second-event-dropped", "many-events", "3 events"),
    ("events-reversed", "many-events", "in another one"),
    ("first-event-twice", "callbacks", "1 events"),
    ("kind-forgotten", "callbacks", "`joined` should be"),
    ("nonsense-is-a-message", "nonsense", "no events"),
    ("nonsense-breaks-it", "nonsense", "broke down"),
    ("empty-text-sent", "texts-to-customer", "no message without a text"),
    ("text-trimmed-to-a-tweet", "texts-to-customer", "30 000 characters"),
    ("endless-loop", "texts-to-customer", "took longer than"),
    ("memory-grows", "texts-to-customer", "bytes of memory"),
    ("file-dropped", "attachments", "a request with"),
];

/// Those that strange texts bring to light on the way to the vendor.
const ON_THE_WAY: [(&str, &str, &str); 4] = [
    ("text-cut-inside-a-character", "texts-to-vendor", "30 000 characters"),
    ("text-cut-with-a-panic", "texts-to-vendor", "broke down"),
    ("text-in-latin-1", "texts-to-vendor", "right to left"),
    ("nul-not-escaped", "texts-to-vendor", "should be JSON"),
];

pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn built(guest: &str) -> Vec<u8> {
    let file = folder().join("guests/built").join(format!("{guest}.wasm"));
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask connectors`", file.display()))
}

fn scenario(mistake: &str) -> Scenario {
    let told = std::fs::read_to_string(folder().join("tests/desk.toml")).unwrap();
    Scenario::parse(&format!("settings = {{ mistake = {mistake:?} }}\n{told}")).unwrap()
}

async fn tried(guest: &str, mistake: &str) -> Certificate {
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    handover_kit::test_cached(&built(guest), &scenario(mistake), Some(&compiled)).await.unwrap()
}

/// The named check has failed, and says so in these words.
pub(crate) fn is_found(certificate: &Certificate, check: &str, word: &str) -> bool {
    certificate.checks.iter().filter(|one| one.name == check).any(|one| match &one.outcome {
        Outcome::Failed { faults } => faults.iter().any(|fault| {
            [&fault.at, &fault.expected, &fault.came].into_iter().any(|text| text.contains(word))
        }),
        _ => false,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mistake_it_is_gold() {
    let certificate = tried("mistaken", "").await;
    assert_eq!(certificate.level, Level::Gold, "{}", certificate.page());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_has_the_problem_need_not_show_it() {
    let certificate = tried("mistaken", "told-and-not-said").await;
    assert_eq!(certificate.level, Level::Gold, "{}", certificate.page());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_found_and_named() {
    // Some at a time: many of them wait for a vendor that does not answer.
    let places = Arc::new(Semaphore::new(6));
    let mut tries = JoinSet::new();
    for (mistake, check, word) in MISTAKES.into_iter().chain(ON_THE_WAY) {
        let places = Arc::clone(&places);
        tries.spawn(async move {
            let _place = places.acquire().await;
            let certificate = tried("mistaken", mistake).await;
            assert_ne!(certificate.level, Level::Gold, "{mistake}");
            let found = is_found(&certificate, check, word);
            (!found).then(|| format!("{mistake}: not by `{check}` with {word:?}:\n{}", certificate.page()))
        });
    }
    let missed: Vec<String> = tries.join_all().await.into_iter().flatten().collect();
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_among_the_settings_is_found() {
    let certificate = tried("mistaken-in-settings", "").await;
    assert!(is_found(&certificate, "secrets", "the setting `webhook_secret`"), "{}", certificate.page());
    assert_eq!(certificate.level, Level::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn hex_for_base64_is_found_by_what_the_vendor_has_signed() {
    let certificate = tried("mistaken-in-signature", "").await;
    assert!(is_found(&certificate, "vendor-signature", "is taken"), "{}", certificate.page());
}
