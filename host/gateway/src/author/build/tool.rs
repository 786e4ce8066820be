//! A language's own tools: said before they run, and how to get them where they are missing.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::BuildError;

const CARGO: &str = "Rust comes from https://rustup.rs";
const NODE: &str = "Node.js 20 or newer, with npm, comes from https://nodejs.org or your system's packages";
const MAKE: &str = "GNU make is among your system's packages";
const PYTHON: &str = "Python 3.10 or newer comes from https://python.org or your system's packages";
/// Runs a command in the project's folder; what it says goes to the terminal.
pub(super) fn run(folder: &Path, program: &str, args: &[&str]) -> Result<(), BuildError> {
    asked(folder, program, args, Stdio::inherit()).map(drop)
}

/// The same, but what it writes to its standard output comes back.
pub(super) fn output(folder: &Path, program: &str, args: &[&str]) -> Result<Vec<u8>, BuildError> {
    asked(folder, program, args, Stdio::piped()).map(|output| output.stdout)
}

fn asked(folder: &Path, program: &str, args: &[&str], stdout: Stdio) -> Result<Output, BuildError> {
    let command = std::iter::once(program).chain(args.iter().copied()).collect::<Vec<_>>().join(" ");
    println!("$ {command}");
    // On Windows npm is a script, which is found by its whole name only.
    let file = if cfg!(windows) && program == "npm" { "npm.cmd" } else { program };
    let child = Command::new(file).args(args).current_dir(folder).stdout(stdout).spawn();
    let output =
        child.and_then(std::process::Child::wait_with_output).map_err(|source| match source.kind() {
            ErrorKind::NotFound => {
                BuildError::Missing { program: program.to_owned(), remedy: remedy(program) }
            }
            _ => BuildError::File { file: PathBuf::from(program), source },
        })?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(BuildError::Failed { command, status: output.status })
    }
}

/// Says that a tool is missing which another one would look for in the middle of its work.
pub(super) fn needed(program: &str) -> Result<(), BuildError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let lies = |folder: PathBuf| {
        folder.join(program).is_file() || folder.join(program).with_extension("exe").is_file()
    };
    if std::env::split_paths(&path).any(lies) {
        return Ok(());
    }
    Err(BuildError::Missing { program: program.to_owned(), remedy: remedy(program) })
}

fn remedy(program: &str) -> &'static str {
    match program {
        "cargo" | "rustc" => CARGO,
        "npm" => NODE,
        "make" => MAKE,
        _ => PYTHON,
    }
}
