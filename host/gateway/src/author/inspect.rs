//! `handover connector inspect`: what a component is and asks for.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{component, untried};

/// `handover connector inspect`
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The component.
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// For machines.
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn run(&self) -> ExitCode {
        let bytes = match component(&self.file) {
            Ok(bytes) => bytes,
            Err(why) => return untried(why),
        };
        let told = match handover_kit::inspect::inspect(&bytes) {
            Ok(told) => told,
            Err(error) => return untried(format!("{}: {error}", self.file.display())),
        };
        if !self.json {
            print!("{}", told.page());
            return ExitCode::SUCCESS;
        }
        match serde_json::to_string_pretty(&told) {
            Ok(text) => println!("{text}"),
            Err(error) => return untried(error),
        }
        ExitCode::SUCCESS
    }
}
