//! Hard times for a real gateway: `restart` kills it with many sessions open, `silence` lets its vendor say nothing for
//! minutes, `strangers` lets everybody at it who does not belong. Each prints what it measured and fails where a
//! promise was broken.

#![forbid(unsafe_code)]

mod figures;
mod gateway;
mod restart;
mod seeded;
mod signing;
mod silence;
mod sinks;
mod strangers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Puts a gateway through hard times.
#[derive(Debug, Parser)]
#[command(name = "handover-endurance", version)]
struct Cli {
    #[command(subcommand)]
    time: Time,
    #[command(flatten)]
    around: Around,
}

#[derive(Debug, Subcommand)]
enum Time {
    /// `kill -9` with many sessions open and deliveries in hand.
    Restart {
        /// How many sessions are open.
        #[arg(long, default_value_t = 100_000)]
        sessions: u64,
        /// How many live agents have just written.
        #[arg(long, default_value_t = 2_000)]
        messages: u64,
    },
    /// A vendor that takes every connection and answers nothing.
    Silence {
        /// For how long.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// How many customers chat with each vendor.
        #[arg(long, default_value_t = 100)]
        customers: usize,
    },
    /// Floods of what does not belong, while a chat goes on.
    Strangers {
        /// For how long, each.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// Unsigned callbacks a second.
        #[arg(long, default_value_t = 10_000)]
        rate: u64,
        /// Idle connections.
        #[arg(long, default_value_t = 15_000)]
        idle: usize,
    },
}

/// What gateways are made of.
#[derive(Debug, Args)]
struct Around {
    /// The gateway; by default `handover` beside this program.
    #[arg(long, value_name = "PATH", global = true)]
    binary: Option<PathBuf>,
    /// The folder with `contoso.wasm`.
    #[arg(long, default_value = "connectors/installed", value_name = "DIR", global = true)]
    connectors: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { time, around } = Cli::parse();
    drop(rustls::crypto::ring::default_provider().install_default());
    let end = match time {
        Time::Restart { sessions, messages } => restart::run(&around, sessions, messages).await,
        Time::Silence { seconds, customers } => silence::run(&around, seconds, customers).await,
        Time::Strangers { seconds, rate, idle } => strangers::run(&around, seconds, rate, idle).await,
    };
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("handover-endurance: {error:#}");
            ExitCode::FAILURE
        }
    }
}
