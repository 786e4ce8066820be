//! The contract 1.0 is frozen: what was built against it loads and serves in every later host, and what the tree
//! publishes holds all of it, unchanged.
//!
//! `frozen/1.0` is never built anew. Its components were made on the day of the freeze, with three sets of tools: with the
//! Rust SDK by `cargo xtask connectors`, with it by cargo and `wasm-tools`, and by `wit-bindgen` for C. The second is
//! what `signed/` has signatures of.

use std::path::{Path, PathBuf};

use crate::contoso::{callbacks, conversation};
use crate::contract::{Contract, broken};

const BUILT: [&str; 3] = ["sdk", "rust", "c"];

pub fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen/1.0")
}

pub fn component(name: &str) -> Vec<u8> {
    std::fs::read(frozen().join(format!("{name}.wasm"))).unwrap()
}

fn contract_of_1_0() -> Contract {
    Contract::of(&frozen().join("wit"))
}

#[tokio::test]
async fn components_of_1_0_hold_a_conversation() {
    for name in BUILT {
        println!("{name}");
        conversation(&component(name)).await;
    }
}

#[tokio::test]
async fn components_of_1_0_read_callbacks() {
    for name in BUILT {
        println!("{name}");
        callbacks(&component(name)).await;
    }
}

#[test]
fn the_frozen_components_were_built_against_1_0_0() {
    for name in BUILT {
        let bytes = component(name);
        let held = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(
            held(b"handover:connector/handoff@1.0.0") && held(b"handover:connector/http@1.0.0"),
            "{name}"
        );
        assert!(!held(b"handover:connector/handoff@1.1"), "{name}");
    }
}

#[test]
fn the_published_contract_holds_all_of_1_0_unchanged() {
    let published = Contract::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit"));
    let broken = broken(&contract_of_1_0(), &published);
    assert!(
        broken.is_empty(),
        "components that were built against 1.0 would no longer fit; 1.x may only add interfaces that nobody has to \
         export:\n{}",
        broken.join("\n")
    );
}

/// The tree's text with one place changed.
fn changed(from: &str, to: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(frozen().join("wit")).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        found += text.matches(from).count();
        std::fs::write(folder.path().join(file.file_name().unwrap()), text.replacen(from, to, 1)).unwrap();
    }
    assert!(found > 0, "`{from}` is not in the contract any more");
    broken(&contract_of_1_0(), &Contract::of(folder.path()))
}

#[test]
fn what_would_break_1_0_is_named() {
    for (from, to, told) in [
        ("    email: option<string>,\n", "", "types/customer was changed"),
        ("    email: option<string>,\n", "    email: string,\n", "types/customer was changed"),
        (
            "    safe(option<u64>),\n",
            "    safe(option<u64>),\n    later,\n",
            "types/retry-advice was changed",
        ),
        (
            "typing: func(context: context, session: session, on: bool)",
            "typing: func(context: context, session: session)",
            "signals/typing was changed",
        ),
        ("  check: func(", "  look: func(", "availability/check was removed"),
        (
            "  check: func(",
            "  now: func() -> u64;\n  check: func(",
            "availability/now was added to an interface of 1.0",
        ),
        (
            "  export callback;\n",
            "  export callback;\n  export signals;\n",
            "world connector: export signals was added",
        ),
        ("  import crypto;\n", "", "world connector: import crypto was removed"),
        (
            "world with-feed { export feed; }\n",
            "world with-feed { export reconcile; }\n",
            "world with-feed: export feed was removed",
        ),
    ] {
        let broken = changed(from, to);
        assert!(broken.iter().any(|line| line.starts_with(told)), "{told}: {broken:#?}");
    }
}

#[test]
fn a_new_optional_interface_breaks_nothing() {
    let with = "  include with-migration;\n  include with-extra;\n}\n\ninterface extra { ask: func() -> bool; }\n\
                world with-extra { export extra; }\n";
    assert_eq!(changed("  include with-migration;\n}\n", with), Vec::<String>::new());
}
