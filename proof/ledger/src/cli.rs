//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::faults::Chosen;

/// What the gateways keep their sessions in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// A file of each gateway.
    Sqlite,
    /// One PostgreSQL cluster, started for this run.
    Postgres,
}

/// Sends numbered messages both ways through running gateways, under faults, and checks that none is lost, doubled or
/// out of order without a word.
#[derive(Debug, Clone, Parser)]
#[command(name = "handover-ledger", version)]
pub struct Options {
    /// How many messages, both directions together.
    #[arg(long, default_value_t = 20_000)]
    pub messages: u64,
    /// How often a gateway is killed (`kill -9`), spread over the run.
    #[arg(long, default_value_t = 20)]
    pub kills: u64,
    /// How many gateways; more than one need a store that they share.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub nodes: u8,
    /// What they keep their sessions in.
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    pub store: Store,
    /// How often the database is restarted, spread over the run.
    #[arg(long, default_value_t = 0)]
    pub database_restarts: u64,
    /// How many sessions at the same time.
    #[arg(long, default_value_t = 100)]
    pub sessions: usize,
    /// Repeats the choices of an earlier run, as far as processes side by side allow.
    #[arg(long)]
    pub seed: Option<u64>,
    /// `all`, `none`, or names with commas between.
    #[arg(long, default_value = "all")]
    pub faults: Chosen,
    /// How old a message may get before its sender is told that it was not delivered.
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    pub fresh_seconds: u64,
    /// The deadline of a connector's call.
    #[arg(long, default_value_t = 1_000, value_name = "MS")]
    pub call_ms: u64,
    /// How long a source waits after each of its messages.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub pace_ms: u64,
    /// How long everything may take to arrive once the faults are off.
    #[arg(long, default_value_t = 150, value_name = "SECONDS")]
    pub drain_seconds: u64,
    /// The gateway; by default `handover` beside this program.
    #[arg(long, value_name = "PATH")]
    pub binary: Option<PathBuf>,
    /// The folder with `contoso.wasm`.
    #[arg(long, default_value = "connectors/installed", value_name = "DIR")]
    pub connectors: PathBuf,
    /// Further sections for each gateway's configuration.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keeps the folder with logs and data also where nothing is violated.
    #[arg(long)]
    pub keep: bool,
}
