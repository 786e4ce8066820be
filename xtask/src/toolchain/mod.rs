//! Finding a compiler for WebAssembly: the installed one, rustup's, or Debian's packages.

mod debian;
mod rustup;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;

use crate::compile::target_folder;

/// What components are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Which toolchain the person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// The first one that works, in the order of this list
    Auto,
    /// The compiler that cargo runs with, if it has the target or rustup can add it
    Rustup,
    /// The compiler of Debian's packages, unpacked into the target folder; nothing is installed
    Debian,
}

/// What cargo must be told so that it builds for [`TARGET`].
#[derive(Debug)]
pub struct Toolchain {
    /// For people.
    pub name: String,
    /// Further arguments of `cargo build`.
    pub arguments: Vec<String>,
    /// Further environment variables.
    pub environment: Vec<(String, OsString)>,
    /// Where the standard library's sources lie, and what they are to be called in what is built.
    pub sources: Vec<(PathBuf, String)>,
}

/// The compiler that cargo runs with.
#[derive(Debug)]
struct Installed {
    sysroot: PathBuf,
    release: String,
    commit: String,
    host: String,
}

/// Finds a toolchain, fetching it where need be.
pub fn find(root: &Path, choice: Choice) -> Result<Toolchain> {
    let installed = Installed::ask(root)?;
    let cache = target_folder(root).join("wasm-toolchain");
    let rustup = || rustup::find(root, &installed);
    let debian = || debian::find(root, &cache, &installed);
    match choice {
        Choice::Rustup => rustup(),
        Choice::Debian => debian(),
        Choice::Auto => rustup().or_else(|first| {
            eprintln!("{first:#}; trying Debian's packages");
            debian().map_err(|second| {
                anyhow!(
                    "found no compiler for {TARGET}.\n  \
                     rustup: {first:#}\n  \
                     Debian's packages: {second:#}\n\
                     On a machine that reaches rustup's server, `rustup target add {TARGET}` is all it takes. \
                     Only changing a connector needs this: the built ones are in connectors/installed."
                )
            })
        }),
    }
}

impl Installed {
    fn ask(root: &Path) -> Result<Self> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let ask = |arguments: &[&str]| {
            let mut command = Command::new(&rustc);
            output(command.current_dir(root).args(arguments))
        };
        let about = ask(&["-vV"])?;
        Ok(Self {
            sysroot: PathBuf::from(ask(&["--print", "sysroot"])?.trim()),
            release: field(&about, "release")?,
            commit: field(&about, "commit-hash")?,
            host: field(&about, "host")?,
        })
    }

    fn library(&self, target: &str) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(target)
    }
}

/// One line of what `rustc -vV` says.
fn field(about: &str, key: &str) -> Result<String> {
    about
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .map(str::to_owned)
        .with_context(|| format!("`rustc -vV` does not tell its {key}"))
}

/// What a command prints; an error says what it complained about.
fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_os_string();
    let output = command.output().with_context(|| format!("cannot run `{}`", program.display()))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}", program.display(), complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
