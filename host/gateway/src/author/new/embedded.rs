//! What new projects are made of: the examples' own files, the SDK, and the scenario that the example meets.

use super::Language;
use crate::author::contract::{Embedded, embedded};

/// What every project's README begins with.
pub(super) const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/README.md"));

/// What `connector run` serves it with.
pub(super) const CONFIGURATION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/handover.toml"));

/// The scenario of the vendor that the examples are for.
pub(super) const SCENARIO: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../connectors/contoso/scenarios/contoso.toml"));

/// Why there is no project in Go.
pub(super) const ABOUT_GO: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/connectors/go/README.md"));

/// This repository's own manifest, for the versions that the SDK is built with.
pub(super) const WORKSPACE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));

/// The SDK, which is in no registry.
pub(super) const SDK: &[Embedded] = embedded!("connectors/sdk":
    "Cargo.toml" "src/bindings.rs" "src/crypto.rs" "src/descriptor.rs" "src/event.rs" "src/failure.rs" "src/html.rs"
    "src/http.rs" "src/json.rs" "src/lib.rs" "src/lines.rs" "src/media.rs" "src/session.rs" "src/settings.rs"
    "src/testing.rs" "src/text.rs" "src/time.rs");

/// The example in a language, without the contract.
pub(super) fn project(language: Language) -> &'static [Embedded] {
    match language {
        Language::Rust => embedded!("examples/connectors/rust":
            ".gitignore" "Cargo.lock" "Cargo.toml" "README.md" "src/from_vendor.rs" "src/lib.rs" "src/to_vendor.rs"
            "tests/conversation.rs"),
        Language::Javascript => embedded!("examples/connectors/javascript":
            ".gitignore" "README.md" "build.js" "jsconfig.json" "package-lock.json" "package.json"
            "src/connector.js" "src/description.js" "src/failure.js" "src/from-vendor.js" "src/post.js"
            "src/to-vendor.js" "wit/contoso.wit"),
        Language::Python => embedded!("examples/connectors/python":
            ".gitignore" "Makefile" "README.md" "requirements-check.txt" "requirements.txt" "src/connector.py"
            "src/description.py" "src/failure.py" "src/from_vendor.py" "src/times.py" "src/to_vendor.py"
            "wit/contoso.wit"),
        Language::C => embedded!("examples/connectors/c":
            ".gitignore" "Makefile" "README.md" "requirements.txt" "src/description.c" "src/failure.c"
            "src/failure.h" "src/from_vendor.c" "src/jsmn/jsmn.h" "src/json.c" "src/json.h" "src/text.h"
            "src/to_vendor.c" "wit/contoso.wit"),
        Language::Go => &[],
    }
}
