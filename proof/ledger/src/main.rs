//! The program `handover-ledger`: one run, its summary, and an exit code that says whether every rule held.

use std::process::ExitCode;

use clap::Parser;
use handover_ledger::{cli::Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // Dropping a run ends what it started: the gateways, and the database.
    let end = tokio::select! {
        end = run::run(options) => end,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match end {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("handover-ledger: {error:#}");
            ExitCode::from(2)
        }
    }
}
