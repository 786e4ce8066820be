//! Compiled code, handed from one gateway to the next: compiling takes longer than all else of a start.

use std::fs;
use std::path::{Path, PathBuf};

/// Compiled code that earlier gateways left, named by content and engine: the same everywhere.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")
}

/// Gives a gateway that has none what is there.
pub fn take(folder: &Path) {
    let own = folder.join("data/compiled");
    if !own.is_dir() {
        carry(&shared(), &own);
    }
}

/// Keeps what a gateway has compiled.
pub fn keep(folder: &Path) {
    carry(&folder.join("data/compiled"), &shared());
}

fn carry(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for compiled code");
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let (file, target) = (entry.path(), to.join(entry.file_name()));
        if file.extension().is_some_and(|ending| ending == "cwasm") && !target.exists() {
            // Others may do the same now: whole or not at all.
            let beside = to.join(uuid::Uuid::now_v7().to_string());
            fs::copy(&file, &beside).expect("compiled code is copied");
            fs::rename(&beside, &target).expect("compiled code is in place");
        }
    }
}
