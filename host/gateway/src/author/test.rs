//! `handover connector test`: a component against the scenario of its vendor.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use handover_kit::{Level, Scenario};

use super::{component, untried};

/// The scenario where none is named.
const SCENARIO: &str = "scenario.toml";

/// `handover connector test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The component.
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// The healthy vendor; several files are read as one. `scenario.toml` in this folder where none is named.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    scenario: Vec<PathBuf>,
    /// The level that has to be reached.
    #[arg(long, value_enum, default_value_t = Wanted::Bronze)]
    level: Wanted,
    /// Also write what was found, for machines, into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wanted {
    Bronze,
    Silver,
    Gold,
}

impl Wanted {
    fn level(self) -> Level {
        match self {
            Self::Bronze => Level::Bronze,
            Self::Silver => Level::Silver,
            Self::Gold => Level::Gold,
        }
    }
}

impl Test {
    pub(super) async fn run(&self) -> ExitCode {
        let here = [PathBuf::from(SCENARIO)];
        let files = if self.scenario.is_empty() { &here[..] } else { &self.scenario };
        let scenario = match Scenario::read(files) {
            Ok(scenario) => scenario,
            Err(error) => return untried(error),
        };
        let bytes = match component(&self.file) {
            Ok(bytes) => bytes,
            Err(why) => return untried(why),
        };
        let certificate = match handover_kit::test(&bytes, &scenario).await {
            Ok(certificate) => certificate,
            Err(error) => return untried(error),
        };
        print!("{}", certificate.page());
        if let Some(file) = &self.json {
            let written = serde_json::to_vec_pretty(&certificate).map_err(|e| e.to_string());
            let written = written.and_then(|bytes| std::fs::write(file, bytes).map_err(|e| e.to_string()));
            if let Err(why) = written {
                return untried(format!("{}: {why}", file.display()));
            }
        }
        if certificate.level >= self.level.level() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
