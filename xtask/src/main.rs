//! The command line of `cargo xtask`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::toolchain::Choice;
use xtask::{catalog, connectors, freshness, licences};

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build every connector and every guest fixture from source, and install them
    Connectors {
        /// Which WebAssembly toolchain to use
        #[arg(long, value_enum, default_value_t = Choice::Auto)]
        toolchain: Choice,
        /// Only verify that what is installed was built from the sources as they are; build nothing
        #[arg(long, conflicts_with = "toolchain")]
        check: bool,
        /// Install into this folder (fixtures into `guests` below it) instead of the repository's own folders
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Check that the licence of every dependency is one that this project may be shipped with
    Licences,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let root = catalog::repository_root();
    match arguments.chore {
        Chore::Connectors { check: true, out, .. } => {
            let stale = freshness::stale(&root, out.as_deref())?;
            if stale.is_empty() {
                println!("every component was built from the sources as they are");
                return Ok(ExitCode::SUCCESS);
            }
            eprint!("{}", freshness::report(&stale, out.as_deref()));
            Ok(ExitCode::FAILURE)
        }
        Chore::Connectors { toolchain, out, .. } => {
            connectors::rebuild(&root, toolchain, out.as_deref())?;
            Ok(ExitCode::SUCCESS)
        }
        Chore::Licences => {
            licences::check(&root)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
