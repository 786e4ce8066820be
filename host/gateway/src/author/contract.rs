//! `handover wit`: the contract as this program knows it, without fetching anything.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::untried;

/// A file that this program carries with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Embedded {
    /// Below its folder, with `/`.
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

/// The files of a folder of this repository, which stay there: what is written out cannot differ from what is tested.
macro_rules! embedded {
    ($folder:literal: $($path:literal)*) => {
        &[$(crate::author::contract::Embedded {
            path: $path,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", $folder, "/", $path)),
        }),*]
    };
}
pub(super) use embedded;

/// The package `handover:connector@1.0.0`.
pub(super) const FILES: &[Embedded] =
    embedded!("wit": "world.wit" "types.wit" "connector.wit" "host.wit" "optional.wit");

/// The package `handover:connector@1.1.0`: the same, and `trial`.
const FILES_OF_1_1: &[Embedded] =
    embedded!("wit/1.1": "world.wit" "types.wit" "connector.wit" "host.wit" "optional.wit" "trial.wit");

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Release {
    #[value(name = "1.0")]
    Frozen,
    #[value(name = "1.1")]
    WithTrial,
}

impl Release {
    fn files(self) -> &'static [Embedded] {
        match self {
            Self::Frozen => FILES,
            Self::WithTrial => FILES_OF_1_1,
        }
    }
}

/// `handover wit`
#[derive(Debug, Args)]
pub(crate) struct Wit {
    /// Write the files there instead, as `wit-bindgen`, `componentize-js` and `componentize-py` look for them:
    /// `wit/deps/handover-connector` in your project.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Which release of it: every gateway takes components of both.
    #[arg(long, value_enum, default_value_t = Release::Frozen)]
    release: Release,
}

impl Wit {
    pub(crate) fn run(&self) -> ExitCode {
        let files = self.release.files();
        let Some(folder) = &self.out else {
            for file in files {
                println!("// {}\n\n{}", file.path, file.text);
            }
            return ExitCode::SUCCESS;
        };
        for file in files {
            if let Err(why) = write(&folder.join(file.path), file.text) {
                return untried(why);
            }
        }
        println!("{}: {} files.", folder.display(), files.len());
        ExitCode::SUCCESS
    }
}

/// Writes a file, and the folders that it lies in.
pub(super) fn write(file: &Path, text: &str) -> Result<(), String> {
    file.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(file, text))
        .map_err(|e| format!("{}: {e}", file.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Release;

    #[test]
    fn every_file_of_each_release_is_carried() {
        for (release, folder) in [(Release::Frozen, "wit"), (Release::WithTrial, "wit/1.1")] {
            let folder = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../{}"), folder);
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut lying: Vec<String> = entries
                .filter(|path| path.extension().is_some_and(|end| end == "wit"))
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            let mut carried: Vec<&str> = release.files().iter().map(|file| file.path).collect();
            lying.sort_unstable();
            carried.sort_unstable();
            assert_eq!(carried, lying, "{release:?}");
        }
    }
}
