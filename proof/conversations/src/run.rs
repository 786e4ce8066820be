//! A whole run: each cell in a house of its own, some beside each other.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use zendesk_simulator::Schema;

use crate::cli::Options;
use crate::house::{Ground, House};
use crate::table::{Cell, Table};
use crate::vendors::{Checks, Scene};
use crate::{Row, Vendor};

/// The vendor whose requests are recorded.
const RECORDED: &str = "zendesk";

/// Plays what was asked for.
///
/// # Errors
/// Nothing could be played. What does not hold is in the table.
pub async fn run(options: &Options) -> anyhow::Result<Table> {
    let begun = Instant::now();
    let vendors = Vendor::named(&options.vendor)?;
    let chosen =
        |row: &Row| options.row.is_empty() || options.row.iter().any(|name| row.name().starts_with(name));
    let rows: Vec<Row> = Row::ALL.into_iter().filter(chosen).collect();
    ensure!(!rows.is_empty(), "there is no row of that name");
    let folder = tempfile::Builder::new().prefix("handover-conversations-").tempdir()?;
    let zendesk_schema = options.zendesk_schema.as_deref().map(Schema::read).transpose()?.map(Arc::new);
    let mut zendesk = zendesk_schema.as_ref().map(|_| Checks::default());
    let mut requests = match &options.requests {
        Some(path) => Some(File::create(path).with_context(|| path.display().to_string())?),
        None => None,
    };
    let ground = Arc::new(Ground {
        binary: binary(options)?,
        connectors: options.connectors.clone(),
        compiled: folder.path().to_owned(),
        compiling: Mutex::default(),
        keep: options.keep.clone(),
    });

    let places = Arc::new(Semaphore::new(options.jobs.max(1)));
    let mut playing = JoinSet::new();
    let mut table: Vec<(Row, Vec<Cell>)> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let mut line = Vec::new();
        for (column, vendor) in vendors.iter().copied().enumerate() {
            if let Some(source) = (vendor.cannot)(row) {
                line.push(Cell::VendorCannot(source));
                continue;
            }
            let cells = row.cells(vendor);
            line.push(if cells.is_empty() { Cell::NoRequest } else { Cell::Ok });
            for request in cells {
                let scene = Scene { row, request, zendesk_schema: zendesk_schema.clone() };
                let (ground, places) = (Arc::clone(&ground), Arc::clone(&places));
                playing.spawn(async move {
                    let place = places.acquire_owned().await;
                    // A row that panics has failed, and takes no other with it.
                    let played = tokio::spawn(async move { play(&ground, vendor, scene).await }).await;
                    drop(place);
                    (at, column, played.unwrap_or_else(|panic| Played::failed(panic.into())))
                });
            }
        }
        table.push((row, line));
    }
    while let Some(played) = playing.join_next().await {
        let (at, column, played) = played.context("a cell was never played")?;
        let cell = &mut table[at].1[column];
        if let (Some(file), RECORDED) = (&mut requests, vendors[column].name) {
            file.write_all(played.requests.as_bytes()).context("the requests cannot be written")?;
        }
        if let (Some(all), Some(checks)) = (&mut zendesk, played.checks) {
            all.add(checks);
        }
        if let Err(error) = played.outcome {
            let mut why = if let Cell::Failed(why) = cell { std::mem::take(why) } else { Vec::new() };
            why.extend(format!("{error:#}").lines().map(str::to_owned));
            *cell = Cell::Failed(why);
        }
    }
    // Where Zendesk is not played there is nothing to say of it.
    let zendesk = vendors.iter().any(|vendor| vendor.name == RECORDED).then_some(zendesk);
    Ok(Table { vendors, rows: table, zendesk, took: begun.elapsed() })
}

/// What came of one cell, or of one request of it.
struct Played {
    outcome: anyhow::Result<()>,
    /// What was held against the vendor's schema.
    checks: Option<Checks>,
    /// What the vendor was asked, a line of JSON for each request.
    requests: String,
}

impl Played {
    fn failed(error: anyhow::Error) -> Self {
        Self { outcome: Err(error), checks: None, requests: String::new() }
    }
}

async fn play(ground: &Ground, vendor: &'static Vendor, scene: Scene) -> Played {
    let begun = Instant::now();
    let (row, request) = (scene.row, scene.request);
    let name = format!("{} {} {}", vendor.name, row.name(), request.unwrap_or_default());
    let played = match House::open(ground, vendor, scene).await {
        Err(error) => Played::failed(error.context("before anything happened")),
        Ok(mut house) => {
            let outcome = row.play(&mut house, request).await;
            if outcome.is_err() {
                house.leave_behind(ground, name.trim());
            }
            let requests = lines(&house, name.trim());
            // What is said of all requests must be said of each.
            let outcome = outcome.and_then(|()| match vendor.name {
                RECORDED => house.remembers_all(),
                _ => Ok(()),
            });
            Played { outcome, checks: house.simulator().checks(), requests }
        }
    };
    let word = if played.outcome.is_ok() { "ok" } else { "FAILED" };
    eprintln!("{word:6} {:5.1} s  {name}", begun.elapsed().as_secs_f64());
    if let Err(error) = &played.outcome {
        eprintln!("        {error:#}");
    }
    played
}

/// All requests that the vendor got in this cell.
fn lines(house: &House, cell: &str) -> String {
    let line = |request: agent_desk::Exchange| {
        let line = json!({
            "cell": cell,
            "operation": request.operation,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "body": request.body,
            "status": request.status,
            "fault": request.fault,
        });
        format!("{line}\n")
    };
    house.desk().wire().requests().into_iter().map(line).collect()
}

fn binary(options: &Options) -> anyhow::Result<PathBuf> {
    let beside = || Ok::<_, std::io::Error>(std::env::current_exe()?.with_file_name("handover"));
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => beside()?,
    };
    // Gateways run in folders of their own.
    std::fs::canonicalize(&binary)
        .with_context(|| format!("no gateway at {} (cargo build -p handover)", binary.display()))
}
