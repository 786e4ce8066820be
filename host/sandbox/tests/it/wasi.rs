//! Components that ask for WASI: what they find, where `wasi:http` leads, and that every bound holds there too.

use std::sync::Arc;
use std::time::Duration;

use handover_handoff::delivery::RetryAdvice;
use handover_sandbox::{CallError, FurtherHosts, Generation, Limits, MapError, Sandbox};
use serde_json::json;

use crate::house::{House, bounded, serving};
use crate::people::{callback, say};
use crate::vendor::Vendor;

const GUEST: &str = "asks-of-wasi";

async fn guest(base: &str, limits: Limits) -> (House, Arc<Sandbox>, Arc<Generation>) {
    House::with(GUEST, base, limits).await
}

#[tokio::test]
async fn an_interpreter_finds_clocks_and_random_bytes_and_an_empty_world() {
    let (_house, _sandbox, guest) = guest("http://127.0.0.1:1", Limits::default()).await;
    let seen = say(&guest, "look around").await.unwrap();
    let nothing = "variables 0, folders 0, terminal false, input false, ";
    assert!(seen.starts_with(nothing), "{seen}");
    // Linked, so that interpreters start, and refused.
    assert!(seen.contains("\"access-denied\"") && seen.contains("\"permanent-resolver-failure\""), "{seen}");
    assert!(seen.ends_with("after 2020 true, passes true, random true"), "{seen}");
}

#[tokio::test]
async fn what_it_asked_for_is_shown() {
    let (_house, sandbox, guest) = guest("http://127.0.0.1:1", Limits::default()).await;
    let imports = &guest.description().imports;
    for import in ["log", "wasi:http/outgoing-handler", "wasi:sockets/tcp-create-socket", "wasi:cli/stdout"] {
        assert!(imports.iter().any(|known| known == import), "{import} is not in {imports:?}");
    }
    let status = sandbox.status();
    assert_eq!(status[0].instances.as_deref(), Some("a fresh one for each call"));
}

#[tokio::test]
async fn what_it_prints_are_lines_of_the_log() {
    let limits = Limits { log_lines: 3, ..Limits::default() };
    let (_house, _sandbox, guest) = guest("http://127.0.0.1:1", limits).await;
    assert_eq!(say(&guest, "print hello").await.unwrap(), "true true");
    let Err(CallError::Trapped { log, .. }) = say(&guest, "shout \u{1b}[31mhello").await else {
        panic!("it trapped")
    };
    // The last four, the panic's own line among them.
    assert_eq!(log[..3], ["out: \u{fffd}[31mhello", "next", "err: \u{fffd}[31mhello"], "{log:?}");
}

#[tokio::test]
async fn an_upstream_is_asked_by_its_name_or_by_its_address_and_gets_its_credential() {
    let vendor = Vendor::new().await;
    let mut house = House::new();
    house.drop_in(GUEST, &vendor.base, Limits::default());
    let credential = house.credential(json!({ "kind": "bearer" }), "token", "planted-secret").await;
    let config = house.connectors.get_mut(GUEST).unwrap();
    config.credentials = [("api-key".to_owned(), credential)].into();
    config.upstreams.get_mut("api").unwrap().credential = Some("api-key".to_owned());
    let sandbox = house.open().await;
    let guest = serving(&sandbox, GUEST);

    let said = say(&guest, "fetch POST http://api/v2/chats?x=1").await.unwrap();
    assert!(said.starts_with("200 [") && said.ends_with(" 5 taken"), "{said}");
    let said = say(&guest, &format!("fetch GET {}v2/chats", vendor.base)).await.unwrap();
    assert!(said.ends_with(" 5 taken"), "{said}");
    // What the vendor repeats of a credential is kept from a guest on this way, too.
    let said = say(&guest, "fetch https://api/repeats-authorization-in-headers").await.unwrap();
    assert!(said.contains("x-note") && !said.contains("x-debug") && !said.contains("set-cookie"), "{said}");

    let asked = vendor.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("POST", "/below/v2/chats?x=1"));
    assert_eq!((asked[0].body.as_str(), asked[0].header("x-said")), ("said", Some("by the guest")));
    assert_eq!((asked[1].method.as_str(), asked[1].path.as_str()), ("GET", "/below/v2/chats"));
    for asked in &asked {
        assert_eq!(asked.header("authorization"), Some("Bearer planted-secret"));
    }
}

#[tokio::test]
async fn what_is_no_upstream_is_denied_and_the_log_names_those_there_are() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, guest) = guest(&vendor.base, Limits::default()).await;
    let origin = vendor.base.trim_end_matches("below/");
    for url in [
        "http://evil.example/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/",
        // Beside the base, and above it.
        &format!("{origin}admin"),
        &format!("{}../admin", vendor.base),
        "http://api/%2e%2e/admin",
        "http://api:80/v2",
    ] {
        let said = say(&guest, &format!("fetch GET {url}")).await.unwrap();
        assert_eq!(said, "ErrorCode::HttpRequestDenied", "{url}");
    }
    let said = say(&guest, "fetch OPTIONS http://api/v2").await.unwrap();
    assert_eq!(said, "ErrorCode::HttpRequestMethodInvalid");
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn a_callback_reaches_nothing_by_that_way_either() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, guest) = guest(&vendor.base, Limits::default()).await;
    let refused = guest.map(callback("fetch GET http://api/v2")).await;
    assert_eq!(refused, Err(MapError::Malformed("ErrorCode::HttpRequestDenied".to_owned())));
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn a_host_that_the_vendor_hands_out_is_held_against_its_pattern() {
    let mut house = House::new();
    house.drop_in(GUEST, "https://vendor.example/", Limits::default());
    let upstream = house.connectors.get_mut(GUEST).unwrap().upstreams.get_mut("api").unwrap();
    upstream.further_hosts =
        vec![FurtherHosts { pattern: "*.vendor.invalid".parse().unwrap(), with_credential: false }];
    let sandbox = house.open().await;
    let guest = serving(&sandbox, GUEST);
    // It may go there, and nobody is there.
    let said = say(&guest, "fetch https://eu1.vendor.invalid/v2").await.unwrap();
    assert_eq!(said, "ErrorCode::DestinationUnavailable");
    let said = say(&guest, "fetch https://eu1.vendor.other/v2").await.unwrap();
    assert_eq!(said, "ErrorCode::HttpRequestDenied");
}

#[tokio::test]
async fn answers_are_bounded_and_redirects_are_not_followed() {
    let vendor = Vendor::new().await;
    let limits = Limits { response: 1 << 20, ..Limits::default() };
    let (_house, _sandbox, guest) = guest(&vendor.base, limits).await;
    for giant in ["giant", "giant-in-pieces", "giant-headers"] {
        let said = say(&guest, &format!("fetch http://api/{giant}")).await.unwrap();
        assert!(said.starts_with("ErrorCode::HttpResponseBodySize"), "{giant}: {said}");
    }
    let said = say(&guest, "fetch http://api/metadata").await.unwrap();
    assert!(said.starts_with("302 [location "), "{said}");
}

#[tokio::test]
async fn the_time_limit_holds_while_it_waits_loops_or_sleeps() {
    let vendor = Vendor::new().await;
    let limits = Limits { call: Duration::from_millis(300), ..Limits::default() };
    let (_house, _sandbox, guest) = guest(&vendor.base, limits).await;
    for (text, sent) in [("fetch http://api/gate", true), ("sleep", false), ("loop", false)] {
        let error = bounded(say(&guest, text)).await.unwrap_err();
        assert_eq!(error, CallError::TimedOut { limit_ms: 300, sent }, "{text}");
        let advice = if sent { RetryAdvice::UnknownOutcome } else { RetryAdvice::Safe(None) };
        assert_eq!(error.into_failure().retry, advice);
    }
}

#[tokio::test]
async fn calls_of_the_host_and_what_it_holds_are_bounded() {
    let (_house, _sandbox, guest) = guest("http://127.0.0.1:1", Limits::default()).await;
    let storm = bounded(say(&guest, "storm")).await.unwrap_err().to_string();
    assert!(storm.contains("calls of the host that cost more than 20000 together"), "{storm}");
    let hoard = bounded(say(&guest, "hoard")).await.unwrap_err();
    assert!(matches!(hoard, CallError::Trapped { .. }), "{hoard}");
    let random = bounded(say(&guest, "random")).await.unwrap_err().to_string();
    assert!(random.contains("exceeds limit 65536"), "{random}");
}
