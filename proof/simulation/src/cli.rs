//! The command line.

use clap::Parser;

/// Plays seeded worlds of gateways, customers and vendors under faults, and checks that every rule holds in each.
#[derive(Debug, Clone, Parser)]
#[command(name = "simulation", version)]
pub struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    pub seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    pub from: u64,
    /// This one only.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Prints all that happens in it.
    #[arg(long, requires = "seed")]
    pub trace: bool,
    /// Goes on where a rule does not hold, and lists such seeds.
    #[arg(long)]
    pub keep_going: bool,
    /// How many seeds at the same time; by default as many as there are processors.
    #[arg(long)]
    pub threads: Option<usize>,
}
