//! A whole run: each cell in a house of its own, some beside each other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use crate::cli::Options;
use crate::house::{Ground, House};
use crate::table::{Cell, Table};
use crate::{Row, Vendor};

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
                let (ground, places) = (Arc::clone(&ground), Arc::clone(&places));
                playing.spawn(async move {
                    let place = places.acquire_owned().await;
                    // A row that panics has failed, and takes no other with it.
                    let played = tokio::spawn(async move { play(&ground, vendor, row, request).await }).await;
                    drop(place);
                    (at, column, played.unwrap_or_else(|panic| Err(panic.into())))
                });
            }
        }
        table.push((row, line));
    }
    while let Some(played) = playing.join_next().await {
        let (at, column, played) = played.context("a cell was never played")?;
        let cell = &mut table[at].1[column];
        if let Err(error) = played {
            let mut why = if let Cell::Failed(why) = cell { std::mem::take(why) } else { Vec::new() };
            why.extend(format!("{error:#}").lines().map(str::to_owned));
            *cell = Cell::Failed(why);
        }
    }
    Ok(Table { vendors, rows: table, took: begun.elapsed() })
}

async fn play(
    ground: &Ground,
    vendor: &'static Vendor,
    row: Row,
    request: Option<&'static str>,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let name = format!("{} {} {}", vendor.name, row.name(), request.unwrap_or_default());
    let played = async {
        let mut house =
            House::open(ground, vendor, row.fresh_seconds()).await.context("before anything happened")?;
        let played = row.play(&mut house, request).await;
        if played.is_err() {
            house.leave_behind(ground, name.trim());
        }
        played
    };
    let played = played.await;
    let word = if played.is_ok() { "ok" } else { "FAILED" };
    eprintln!("{word:6} {:5.1} s  {name}", begun.elapsed().as_secs_f64());
    if let Err(error) = &played {
        eprintln!("        {error:#}");
    }
    played
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
