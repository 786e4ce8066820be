//! The binary `handover`.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = handover::cli::Cli::parse();
    handover::log::begin(cli.log());
    match cli.run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("handover: {error:#}");
            ExitCode::FAILURE
        }
    }
}
