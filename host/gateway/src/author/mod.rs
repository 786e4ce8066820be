//! `handover connector …`: for those who write connectors. Nothing here asks a gateway that runs elsewhere.

mod build;
mod contract;
mod customer;
mod desk;
mod inspect;
mod new;
mod page;
mod record;
mod run;
mod test;

pub(crate) use contract::Wit;

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

/// `handover connector …`
#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Begin one: a small project that builds and passes its scenario from its first minute.
    New(new::New),
    /// Make the component of a project, by the usual tools of its language.
    Build(build::Build),
    /// Try a component against a scripted vendor, offline: which level it reaches, and what stands in the way.
    ///
    /// Exits with 0 where the wanted level is reached, 1 where it is not, 2 where it could not be tried.
    Test(test::Test),
    /// Try a connector on this machine: a customer's page, a vendor, and your code swapped whenever you save.
    Run(run::Run),
    /// Tell what a component is and asks for.
    Inspect(inspect::Inspect),
}

/// What was given cannot be used: nothing is said of whether the connector works.
const UNTRIED: u8 = 2;

impl Author {
    /// How much is logged: a report says what was found, but a gateway's log is all there is of what it does.
    pub(crate) fn log(&self) -> &'static str {
        if matches!(self, Self::Run(_)) { "info" } else { "off" }
    }

    pub(crate) async fn run(&self) -> ExitCode {
        match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(),
            Self::Test(test) => test.run().await,
            Self::Run(run) => run.run().await,
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
