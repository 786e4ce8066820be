//! The program `handover-conversations`: plays the suite, prints its table, and says by its exit code whether all held.

use std::process::ExitCode;

use clap::Parser;
use handover_conversations::{cli::Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // Dropping a run ends the gateways that it started.
    let end = tokio::select! {
        end = run::run(&options) => end,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match end {
        Ok(table) => {
            print!("{}", if options.markdown { table.markdown() } else { table.plain() });
            if table.holds() { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            eprintln!("handover-conversations: {error:#}");
            ExitCode::from(2)
        }
    }
}
