//! What it takes to have a vendor in a gateway: its component, and its section. The doctor says what the section lacks.

mod doctor;
mod dropped;
mod good;
mod lacking;
mod section;

use std::path::{Path, PathBuf};

/// The gateway's program, beside the folder of the tests' own.
fn gateway() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let binary = own.parent().and_then(Path::parent).unwrap().join("handover");
    assert!(binary.exists(), "no gateway at {}: cargo build -p handover", binary.display());
    binary
}

/// The folder with the built components.
fn components() -> PathBuf {
    let folder = std::env::var_os("HANDOVER_CONNECTORS").unwrap_or_else(|| "connectors/installed".into());
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)
}
