//! `handover connector …`: for those who write connectors. Nothing here asks a running gateway.

mod inspect;
mod test;

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

/// `handover connector …`
#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Try a component against a scripted vendor, offline: which level it reaches, and what stands in the way.
    ///
    /// Exits with 0 where the wanted level is reached, 1 where it is not, 2 where it could not be tried.
    Test(test::Test),
    /// Tell what a component is and asks for.
    Inspect(inspect::Inspect),
}

/// The component or the scenario cannot be used: nothing is said of whether it works.
const UNTRIED: u8 = 2;

impl Author {
    pub(crate) async fn run(&self) -> ExitCode {
        match self {
            Self::Test(test) => test.run().await,
            Self::Inspect(inspect) => inspect.run(),
        }
    }
}

fn untried(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("handover: {why}");
    ExitCode::from(UNTRIED)
}

fn component(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))
}
