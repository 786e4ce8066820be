//! What may not serve is refused with a reason that its author or the operator can act on.

use std::fs;

use handover_sandbox::Limits;
use handover_sandbox::status::State;
use serde_json::json;

use crate::house::{House, built, eventually, refusal, serving, shown, version};

/// A component that exports the three interfaces, each function without parameters and with a number for a result.
const WRONG_TYPES: &str = r#"
    (component
      (core module $m (func (export "f") (result i32) i32.const 7))
      (core instance $i (instantiate $m))
      (func $f (result u32) (canon lift (core func $i "f")))
      (instance $descriptor (export "describe" (func $f)))
      (instance $handoff (export "start" (func $f)) (export "send" (func $f)) (export "end" (func $f)))
      (instance $callback (export "map" (func $f)))
      (export "handover:connector/descriptor@1.0.0" (instance $descriptor))
      (export "handover:connector/handoff@1.0.0" (instance $handoff))
      (export "handover:connector/callback@1.0.0" (instance $callback)))
"#;

const WASI: &str = r#"
    (component
      (import "wasi:keyvalue/store@0.2.0" (instance))
      (import "wasi:cli/environment@0.2.6" (instance))
      (import "wasi:cli/environment@0.3.0" (instance)))
"#;

const TWO_GIBIBYTES: &str = r#"
    (component (core module $m (memory 32768)) (core instance (instantiate $m)))
"#;

/// Files, and what must be said of them.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = built("echo-v1");
    let text = |wat: &str| wat::parse_str(wat).unwrap();
    let first = |bytes: usize| good[..bytes].to_vec();
    vec![
        ("empty.wasm", first(0), "is no WebAssembly file, or only the beginning of one"),
        ("four-bytes.wasm", first(4), "is no WebAssembly file, or only the beginning of one"),
        // A valid component, and an empty one.
        ("eight-bytes.wasm", first(8), "is not built for the world handover:connector/connector"),
        ("nine-bytes.wasm", first(9), "is no valid component"),
        ("half.wasm", first(good.len() / 2), "is no valid component"),
        ("all-but-one-byte.wasm", first(good.len() - 1), "is no valid component"),
        ("text.wasm", b"just some text, and more of it".to_vec(), "is no WebAssembly file"),
        ("watt.wasm", b"(component)".to_vec(), "is no WebAssembly file"),
        ("module.wasm", text("(module)"), "is a core module, not a component: wrap it"),
        ("compiled.cwasm", b"\x7fELF".to_vec(), "is no WebAssembly file"),
        ("elsewhere.wasm", built("other-world"), "is not built for the world handover:connector/connector"),
        (
            "wasi.wasm",
            text(WASI),
            "imports wasi:keyvalue/store@0.2.0, wasi:cli/environment@0.3.0, which this gateway does not serve",
        ),
        ("types.wasm", text(WRONG_TYPES), "`describe` failed"),
        ("memory.wasm", text(TWO_GIBIBYTES), "minimum byte size"),
        ("panics.wasm", built("traps-in-describe"), "its last line: panicked at"),
        (
            "loops.wasm",
            built("loops-in-describe"),
            "`describe` failed: the connector took longer than 2000 ms",
        ),
        ("boasts.wasm", built("boasts-in-describe"), "bytes of itself; 65536 are heard"),
        (
            "ungranted.wasm",
            built("asks-for-ungranted-upstream"),
            "`connectors.ungranted.upstreams.billing.base_url`: it is missing: the connector asks for this upstream",
        ),
        (
            "credential.wasm",
            built("wants-credential"),
            "`connectors.credential.credentials.api-key`: it is missing; kind: bearer (Settings, API, Keys)",
        ),
        (
            "further.wasm",
            built("asks-for-further-hosts"),
            "`connectors.further.upstreams.api.further_hosts`: the connector asks for `*.eu.vendor.example`, which is not \
             granted",
        ),
        ("schema.wasm", built("bad-settings-schema"), "its config-schema is no JSON Schema"),
        ("Upper.wasm", good.clone(), "the file's name, `Upper`, cannot name a connector"),
        ("two words.wasm", good.clone(), "cannot name a connector"),
        ("a.b.wasm", good.clone(), "the file's name, `a.b`, cannot name a connector"),
        ("ä.wasm", good, "cannot name a connector"),
    ]
}

fn name(file: &str) -> &str {
    file.rsplit_once('.').unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_file_has_its_reason_and_the_good_one_beside_them_serves() {
    let mut house = House::new();
    for (file, bytes, _) in refused() {
        house.grant(name(file), "http://127.0.0.1:1");
        house.put(file, &bytes);
    }
    house.grant("good", "http://127.0.0.1:1");
    house.put("good.wasm", &built("echo-v1"));
    // Not looked at: no components, and copies in progress.
    for file in ["readme.md", "good.wasm.tmp", ".good.wasm", "good.wasm~", "good"] {
        house.put(file, b"?");
    }
    fs::create_dir(house.file("folder.wasm")).unwrap();
    let sandbox = house.open().await;
    for (file, _, why) in refused() {
        let line =
            shown(&sandbox, name(file), State::Rejected).unwrap_or_else(|| panic!("{file} is not shown"));
        let reason = line.reason.unwrap();
        assert!(reason.contains(why), "{file}: {reason}");
        assert!(!reason.contains('\n') && reason.len() < 1_500, "{file}: {reason}");
        assert_eq!(line.file, file);
        assert!(sandbox.connector(name(file)).is_none() && !sandbox.takes_sessions(name(file)), "{file}");
    }
    assert_eq!(version(&sandbox, "good").as_deref(), Some("1.0.0"));
    assert!(sandbox.takes_sessions("good"));
    assert_eq!(sandbox.status().len(), refused().len() + 1, "{:#?}", sandbox.status());
    assert_eq!(sandbox.connector("nobody").map(|_| ()), None);
}

#[tokio::test]
async fn compiled_code_is_never_taken_from_the_folder() {
    let mut house = House::new();
    house.grant("good", "http://127.0.0.1:1");
    house.put("good.wasm", &built("echo-v1"));
    drop(house.open().await);
    let compiled = fs::read_dir(&house.cache).unwrap().flatten();
    let compiled = compiled
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|ending| ending == "cwasm"))
        .unwrap();
    house.put("good.cwasm", &fs::read(&compiled).unwrap());
    house.put("disguised.wasm", &fs::read(&compiled).unwrap());
    let sandbox = house.open().await;
    for connector in ["good", "disguised"] {
        let reason = refusal(&sandbox, connector).unwrap();
        assert_eq!(reason, "is compiled code, which is never taken from outside: drop in the `.wasm`");
    }
    // The component beside it serves, and goes on when the other file is taken away.
    let before = serving(&sandbox, "good");
    fs::remove_file(house.file("good.cwasm")).unwrap();
    eventually(&sandbox, "the refusal goes with its file", || refusal(&sandbox, "good").is_none()).await;
    assert!(std::sync::Arc::ptr_eq(&before, &serving(&sandbox, "good")));
    assert!(sandbox.takes_sessions("good"));
}

#[tokio::test]
async fn settings_are_held_against_the_schema() {
    let mut house = House::new();
    let config = house.grant("contoso", "http://127.0.0.1:1");
    config.settings.insert("agent_name".to_owned(), json!(""));
    config.settings.insert("agnet_name".to_owned(), json!("Ann"));
    house.put("contoso.wasm", &crate::contoso::installed());
    let reason = refusal(&*house.open().await, "contoso").unwrap();
    assert!(reason.contains("`connectors.contoso.settings.agent_name`: "), "{reason}");
    assert!(reason.contains("agnet_name"), "all differences at once: {reason}");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_even_read() {
    let house = House::new();
    // A hole: it takes no room.
    fs::File::create(house.file("large.wasm")).unwrap().set_len((64 << 20) + 1).unwrap();
    let sandbox = house.open().await;
    assert_eq!(refusal(&sandbox, "large").unwrap(), "has 67108865 bytes; a component may have 67108864");
}

#[tokio::test]
async fn a_file_that_is_refused_for_the_operators_fault_serves_once_that_is_mended() {
    let house = House::new();
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let reason = refusal(&sandbox, "echo").unwrap();
    assert!(reason.contains("upstreams.api.base_url`: it is missing"), "{reason}");
    drop(sandbox);
    let mut house = house;
    house.grant("echo", "http://127.0.0.1:1");
    assert_eq!(version(&*house.open().await, "echo").as_deref(), Some("1.0.0"));
}

#[tokio::test]
async fn how_callbacks_are_to_be_verified_is_told_in_full() {
    let mut house = House::new();
    house.drop_in("wants-verification", "http://127.0.0.1:1", Limits::default());
    let sandbox = house.open().await;
    let told = serde_json::to_value(serving(&sandbox, "wants-verification").description()).unwrap();
    let ways = |at: usize| told["callbacks"][at]["verification"].clone();
    assert_eq!(ways(0), json!([{ "scheme": "basic", "credential": "hook" }, { "scheme": "aws-sns" }]));
    assert_eq!(
        ways(1),
        json!([{
            "scheme": "hmac",
            "credential": "hook",
            "digest": "sha512",
            "encoding": "base64",
            "header": "x-signature",
            "prefix": "v1=",
            "content": "timestamp-and-body",
            "timestamp_header": "x-time",
            "opening": "v0:",
            "separator": ":",
            "tolerance": 300,
        }])
    );
    assert_eq!(
        ways(2),
        json!([
            { "scheme": "shared-secret", "credential": "hook", "header": "x-key", "prefix": "Key " },
            { "scheme": "rsa", "credential": "hook", "digest": "sha1", "header": "x-rsa" },
            { "scheme": "bearer-jwt", "credential": "hook" },
            { "scheme": "standard-webhooks", "credential": "hook" },
            { "scheme": "client-certificate", "credential": "hook" },
        ])
    );
    let generation = serving(&sandbox, "wants-verification");
    assert_eq!(generation.description().callbacks[0].verification[0].scheme(), "basic");
}
