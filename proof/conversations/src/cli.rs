//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Plays the same conversations with every vendor's connector, and prints what came of each.
#[derive(Debug, Clone, Parser)]
#[command(name = "handover-conversations", version)]
pub struct Options {
    /// Only these vendors; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub vendor: Vec<String>,
    /// Only rows whose names begin so; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub row: Vec<String>,
    /// The table in Markdown.
    #[arg(long)]
    pub markdown: bool,
    /// How many cells are played at the same time.
    #[arg(long, default_value_t = 4, value_name = "NUMBER")]
    pub jobs: usize,
    /// The gateway; by default `handover` beside this program.
    #[arg(long, value_name = "PATH")]
    pub binary: Option<PathBuf>,
    /// The folder with the built connectors.
    #[arg(long, default_value = "connectors/installed", value_name = "DIR")]
    pub connectors: PathBuf,
    /// Zendesk's `openapi.yaml` of the Conversations API: each request to its simulator is held against it.
    #[arg(long, env = "ZENDESK_SCHEMA", value_name = "FILE")]
    pub zendesk_schema: Option<PathBuf>,
    /// Writes the requests that Zendesk's simulator got, a line of JSON for each.
    #[arg(long, value_name = "FILE")]
    pub requests: Option<PathBuf>,
    /// Keeps the folders of failed cells, with configuration, data and logs, below this one.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}
