//! The first minute of one who writes a connector: `connector new` and `wit`, as the program writes them out.
//!
//! That each example builds is tried where its tools are; here a project is held to be that example, by another name.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use handover_kit::Scenario;

fn handover(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handover")).args(args).current_dir(folder).output().unwrap()
}

/// Every file below a folder, by its path there.
fn written(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// Makes a project; its files have been looked at for what holds in every language.
fn project(language: &str, contract: &str) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let made = handover(&["connector", "new", "acme-desk", "--lang", language], folder.path());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let project = folder.path().join("acme-desk");
    let files = written(&project);
    for (path, text) in &files {
        // The SDK is nobody's example; what it says of Contoso, if it does, it may.
        let ours = !path.starts_with("sdk/") && !path.starts_with(contract);
        assert!(!(ours && text.to_lowercase().contains("contoso")), "{path} still names the example");
        assert!(!path.to_lowercase().contains("contoso"), "{path}");
        if path.ends_with(".toml") || path.ends_with("Cargo.lock") {
            let parsed = text.parse::<toml::Table>();
            assert!(parsed.is_ok(), "{path}: {parsed:?}");
        }
        if path.ends_with(".json") {
            let parsed = serde_json::from_str::<serde_json::Value>(text);
            assert!(parsed.is_ok(), "{path}: {parsed:?}");
        }
    }
    let wit = wit_parser::Resolve::default().push_dir(project.join("wit"));
    assert!(wit.is_ok(), "{wit:?}");
    assert!(Scenario::read(&[project.join("scenario.toml")]).is_ok());
    assert!(files["README.md"].starts_with("# The Acme Desk connector\n"));
    for file in ["world.wit", "types.wit", "connector.wit", "host.wit", "optional.wit"] {
        assert!(files.contains_key(&format!("{contract}/{file}")), "{file}");
    }
    files
}

fn has(files: &BTreeMap<String, String>, wanted: &[(&str, &str)]) {
    for (path, text) in wanted {
        let there = files.get(*path).unwrap_or_else(|| panic!("{path} is missing among {:?}", files.keys()));
        assert!(there.contains(text), "{path} lacks {text:?}:\n{there}");
    }
}

#[test]
fn a_project_in_rust_brings_its_sdk() {
    let files = project("rust", "wit");
    has(
        &files,
        &[
            ("Cargo.toml", "name = \"acme-desk-connector\""),
            ("Cargo.toml", "handover-connector = { path = \"sdk/handover-connector\" }"),
            ("Cargo.lock", "name = \"acme-desk-connector\""),
            ("src/lib.rs", "name: \"acme-desk\""),
            ("src/lib.rs", "export!(AcmeDesk: Connector, Signals)"),
            ("tests/conversation.rs", "use acme_desk_connector::AcmeDesk;"),
            ("sdk/handover-connector/src/bindings.rs", "path: \"../../wit\""),
            (".gitignore", "target/"),
        ],
    );
    let sdk = &files["sdk/handover-connector/Cargo.toml"];
    assert!(!sdk.contains("workspace"), "nothing is left to a workspace that is not there:\n{sdk}");
    has(&files, &[("sdk/handover-connector/Cargo.toml", "wit-bindgen")]);
}

#[test]
fn a_project_in_javascript_builds_a_world_of_its_name() {
    let files = project("javascript", "wit/deps/handover-connector");
    has(
        &files,
        &[
            ("package.json", "\"acme-desk-connector\""),
            ("package-lock.json", "\"acme-desk-connector\""),
            ("build.js", "worldName: \"acme-desk\""),
            ("wit/acme-desk.wit", "world acme-desk {"),
            ("src/description.js", "name: \"acme-desk\""),
            ("src/connector.js", "export"),
        ],
    );
}

#[test]
fn a_project_in_python_builds_a_world_of_its_name() {
    let files = project("python", "wit/deps/handover-connector");
    has(
        &files,
        &[
            ("Makefile", "-w acme-desk componentize"),
            ("requirements.txt", "componentize-py=="),
            ("wit/acme-desk.wit", "world acme-desk {"),
            ("src/description.py", "name=\"acme-desk\""),
            ("src/connector.py", "class"),
        ],
    );
}

#[test]
fn a_project_in_c_spells_its_name_as_c_can() {
    let files = project("c", "wit/deps/handover-connector");
    has(
        &files,
        &[
            ("Makefile", "--world acme-desk "),
            ("Makefile", "bindings/acme_desk_component_type.o"),
            ("wit/acme-desk.wit", "world acme-desk {"),
            ("src/text.h", "#include \"acme_desk.h\""),
            ("src/description.c", "own(\"acme-desk\")"),
            ("src/jsmn/jsmn.h", "MIT"),
        ],
    );
}

#[test]
fn go_is_not_promised() {
    let folder = tempfile::tempdir().unwrap();
    let made = handover(&["connector", "new", "acme", "--lang", "go"], folder.path());
    assert_eq!(made.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&made.stderr).contains("examples/connectors/go/README.md"));
    assert!(written(folder.path()).is_empty());
}

#[test]
fn what_lies_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("acme")).unwrap();
    std::fs::write(folder.path().join("acme/precious.txt"), "mine").unwrap();
    let made = handover(&["connector", "new", "acme", "--lang", "c"], folder.path());
    assert_eq!(made.status.code(), Some(2));
    assert_eq!(written(folder.path()).len(), 1);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let made = handover(&["connector", "new", "../acme", "--lang", "c"], folder.path());
    assert_eq!(made.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&made.stderr).contains("no name for a connector"));
}

#[test]
fn a_folder_without_a_project_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let built = handover(&["connector", "build"], folder.path());
    assert_eq!(built.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&built.stderr).contains("no project that is known"));
}

#[test]
fn the_contract_is_printed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let printed = handover(&["wit"], folder.path());
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("package handover:connector@1."), "{printed}");
    assert!(printed.contains("interface callback"), "{printed}");
    let out = "wit/deps/handover-connector";
    assert!(handover(&["wit", "--out", out], folder.path()).status.success());
    let read = wit_parser::Resolve::default().push_dir(folder.path().join(out));
    assert!(read.is_ok(), "{read:?}");
}
