//! When a committed component counts as older than its sources, and that none is.

use std::fs;
use std::path::Path;

use xtask::freshness::{Reason, stale};
use xtask::lockfile::Lockfile;
use xtask::{catalog, component, freshness, sources};

#[test]
fn the_committed_components_are_as_new_as_their_sources() {
    let root = catalog::repository_root();
    let stale = stale(&root, None).expect("the sources can be read");
    assert!(stale.is_empty(), "\n{}", freshness::report(&stale, None));
}

const FILES: [(&str, &str); 12] = [
    (
        "Cargo.toml",
        r#"
        [workspace]
        members = ["connectors/*", "host/sandbox/guests"]
        [workspace.package]
        version = "1.0.0"
        [workspace.dependencies]
        sdk = { path = "connectors/sdk" }
        json = { version = "2", features = ["std"] }
        [workspace.lints.clippy]
        unwrap_used = "warn"
        [profile.connector]
        opt-level = "s"
        "#,
    ),
    (
        "Cargo.lock",
        r#"
        [[package]]
        name = "acme"
        version = "1.0.0"
        dependencies = ["json", "mock", "sdk"]
        [[package]]
        name = "guests"
        version = "1.0.0"
        dependencies = ["sdk"]
        [[package]]
        name = "json"
        version = "2.0.1"
        source = "registry"
        checksum = "jjjj"
        [[package]]
        name = "mock"
        version = "7.0.0"
        source = "registry"
        checksum = "mmmm"
        [[package]]
        name = "sdk"
        version = "1.0.0"
        dependencies = ["json"]
        "#,
    ),
    (
        "connectors/acme/Cargo.toml",
        r#"
        [package]
        name = "acme"
        version.workspace = true
        [dependencies]
        sdk.workspace = true
        [dev-dependencies]
        mock = "7"
        "#,
    ),
    ("connectors/acme/src/lib.rs", "fn one() {}\nfn two() {}\n"),
    ("connectors/acme/src/tests.rs", "// as it was"),
    ("connectors/acme/tests/it.rs", "// as it was"),
    (
        "connectors/sdk/Cargo.toml",
        r#"
        [package]
        name = "sdk"
        version.workspace = true
        [dependencies]
        json.workspace = true
        "#,
    ),
    ("connectors/sdk/src/lib.rs", "// as it was"),
    ("wit/world.wit", "// as it was"),
    (
        "host/sandbox/guests/Cargo.toml",
        r#"
        [package]
        name = "guests"
        version.workspace = true
        [dependencies]
        sdk.workspace = true
        [[example]]
        name = "loops"
        [[example]]
        name = "traps"
        "#,
    ),
    ("host/sandbox/guests/examples/loops.rs", "// loops"),
    ("host/sandbox/guests/examples/traps.rs", "// traps"),
];

/// A small repository of the same shape, with one connector and two fixtures, all of them just built.
fn house() -> tempfile::TempDir {
    let house = tempfile::tempdir().expect("a folder");
    let root = house.path();
    for (path, text) in FILES {
        write(root, path, text);
    }
    let lock = Lockfile::read(root).expect("a lock file");
    for built in catalog::components(root).expect("a catalog") {
        let digest = sources::digest(root, &lock, &built).expect("a digest");
        let empty = b"\0asm\x0d\0\x01\0".to_vec();
        let bytes = component::stamp(empty, &digest).expect("a component");
        let path = built.destination(root, None);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }
    house
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("written");
}

/// The names of what is stale after `from` became `to` in the file at `path`.
fn stale_after(path: &str, from: &str, to: &str) -> Vec<String> {
    let house = house();
    let text = fs::read_to_string(house.path().join(path)).expect("a file");
    assert!(text.contains(from), "{path} has no {from}");
    write(house.path(), path, &text.replace(from, to));
    stale(house.path(), None)
        .expect("the sources can be read")
        .into_iter()
        .map(|stale| {
            assert!(matches!(stale.reason, Reason::Older { .. }));
            let name = stale.path.file_stem().expect("a name");
            name.to_string_lossy().into_owned()
        })
        .collect()
}

const ALL: [&str; 3] = ["acme", "loops", "traps"];

#[test]
fn what_a_component_is_made_of_makes_it_old() {
    let lib = "connectors/acme/src/lib.rs";
    assert_eq!(stale_after(lib, "one", "three"), ["acme"]);
    let loops = "host/sandbox/guests/examples/loops.rs";
    assert_eq!(stale_after(loops, "loops", "spins"), ["loops"]);
    assert_eq!(stale_after("connectors/sdk/src/lib.rs", "was", "is"), ALL);
    assert_eq!(stale_after("wit/world.wit", "was", "is"), ALL);
    // A dependency's version; an inherited version, feature, and the profile.
    assert_eq!(stale_after("Cargo.lock", "2.0.1", "2.0.2"), ALL);
    assert_eq!(stale_after("Cargo.toml", "\"1.0.0\"", "\"1.1.0\""), ALL);
    assert_eq!(stale_after("Cargo.toml", "\"std\"", "\"alloc\""), ALL);
    assert_eq!(stale_after("Cargo.toml", "\"s\"", "\"z\""), ALL);
}

#[test]
fn what_does_not_reach_a_component_leaves_it_new() {
    let none: [&str; 0] = [];
    let acme = "connectors/acme/Cargo.toml";
    assert_eq!(stale_after(acme, "\"7\"", "\"8\""), none);
    assert_eq!(stale_after(acme, "[dev", "# a remark\n[dev"), none);
    assert_eq!(stale_after("Cargo.lock", "mmmm", "nnnn"), none);
    assert_eq!(stale_after("Cargo.toml", "\"warn\"", "\"deny\""), none);
    let lines = stale_after("connectors/acme/src/lib.rs", "\n", "\r\n");
    assert_eq!(lines, none);
    for tests in ["connectors/acme/src/tests.rs", "connectors/acme/tests/it.rs"] {
        assert_eq!(stale_after(tests, "was", "is"), none);
    }
    // One fixture's declaration is nothing to the others.
    let guests = "host/sandbox/guests/Cargo.toml";
    let declared = "\"traps\"\n        test = false";
    assert_eq!(stale_after(guests, "\"traps\"", declared), ["traps"]);
}

#[test]
fn what_was_not_built_here_is_told_apart() {
    let house = house();
    let installed = house.path().join("connectors/installed/acme.wasm");
    let reason = || {
        let mut stale = stale(house.path(), None).expect("the sources can be read");
        stale.pop().expect("one is stale").reason
    };
    fs::write(&installed, b"\0asm\x0d\0\x01\0").expect("written");
    assert_eq!(reason(), Reason::Unstamped);
    fs::write(&installed, "not WebAssembly").expect("written");
    assert!(matches!(reason(), Reason::Unreadable(_)));
    fs::remove_file(&installed).expect("removed");
    assert_eq!(reason(), Reason::Missing);
}
