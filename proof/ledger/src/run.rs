//! A whole run: everything is opened, loaded, disturbed, calmed, drained and checked.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::task::JoinSet;

use crate::book::Count;
use crate::check::{self, Findings, Terms};
use crate::cli::{Options, Store};
use crate::database::Cluster;
use crate::node::{Node, Surroundings};
use crate::summary::{SHOWN, Summary, Took};
use crate::trouble::Machines;
use crate::world::World;
use crate::{channel, customer, progress, vendor, wire};

/// Nothing has moved for so long: everything is over.
const QUIET: Duration = Duration::from_secs(3);

/// Plays a run; true where every rule held.
///
/// # Errors
/// Where it could not be played to its end.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    ensure!(
        options.nodes == 1 || options.store == Store::Postgres,
        "several gateways need a store that they share: --store postgres"
    );
    let seed = options.seed.unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1);
    println!("--seed {seed}");
    let folder = tempfile::Builder::new().prefix("handover-ledger-").tempdir()?;
    let keep = options.keep;
    let played = play(options, seed, folder.path()).await;
    let violated = !matches!(&played, Ok(summary) if summary.violations.is_empty());
    if let Ok(summary) = &played {
        println!("{summary}");
    }
    if violated || keep {
        println!("logs and data: {}", folder.keep().display());
    }
    played.map(|_| !violated)
}

async fn play(options: Options, seed: u64, folder: &Path) -> anyhow::Result<Summary> {
    // The database's owner may be another user, who must get to its folder.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    let binary = binary(&options)?;
    let component = options.connectors.join("contoso.wasm");
    let component = std::fs::read(&component).with_context(|| component.display().to_string())?;
    let database = match options.store {
        Store::Sqlite => None,
        Store::Postgres => {
            let place = folder.join("database");
            Some(Arc::new(tokio::task::spawn_blocking(move || Cluster::start(&place)).await??))
        }
    };
    let mut nodes: Vec<Node> =
        (1..=options.nodes).map(|nth| Node::new(&binary, folder.join(format!("gateway-{nth}")))).collect();
    let world = Arc::new(World::new(options, seed, nodes.iter().map(|node| node.addr).collect())?);
    let vendor = wire::serve(vendor::routes(Arc::clone(&world))).await?;
    let channel = wire::serve(channel::routes(Arc::clone(&world))).await?;
    let url = database.as_ref().map(|cluster| cluster.url());
    let around = Surroundings { vendor, database: url.as_deref(), component: &component };
    for node in &mut nodes {
        node.furnish(&world.options, &around)?;
        node.start().await?;
    }
    let machines = Arc::new(Machines {
        peaks: std::sync::Mutex::new(vec![0; nodes.len()]),
        nodes: nodes.into_iter().map(tokio::sync::Mutex::new).collect(),
        database,
        kills: Count::default(),
        restarts: Count::default(),
        swaps: Count::default(),
    });

    let begun = Instant::now();
    let loaded = tokio::select! {
        loaded = load(&world, &machines, channel, &component) => loaded?,
        died = machines.watch() => { died?; bail!("nobody watches the gateways") }
        stalled = progress::tell(&world, &machines, begun) => { stalled?; bail!("nobody tells") }
    };
    let took = Took { load: loaded.duration_since(begun), all: begun.elapsed() };
    let findings = tokio::select! {
        findings = drain(&world) => findings,
        died = machines.watch() => { died?; bail!("nobody watches the gateways") }
    };
    write_down(&world, &findings, folder)?;
    Ok(Summary::of(&world, &machines, findings, took))
}

/// Sessions side by side until the messages are through, and troubles among them; then the faults are over. When the
/// messages were through.
async fn load(
    world: &Arc<World>,
    machines: &Arc<Machines>,
    channel: SocketAddr,
    component: &[u8],
) -> anyhow::Result<Instant> {
    let service_url = format!("http://{channel}{}", channel::BASE);
    let mut crowd = JoinSet::new();
    // A small run has fewer side by side, so that it has some one after the other, too.
    let side_by_side = usize::try_from(world.options.messages / 80).unwrap_or(usize::MAX).max(10);
    for _ in 0..world.options.sessions.min(side_by_side) {
        let (world, service_url) = (Arc::clone(world), service_url.clone());
        crowd.spawn(async move {
            while world.book.accepted() < world.options.messages {
                customer::converse(&world, &service_url).await;
            }
        });
    }
    let sessions = async {
        while let Some(done) = crowd.join_next().await {
            done?;
        }
        world.faults.stop();
        anyhow::Ok(())
    };
    let loaded = async {
        while world.book.accepted() < world.options.messages {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(Instant::now())
    };
    let (loaded, ..) = tokio::try_join!(
        loaded,
        sessions,
        machines.kill(world),
        machines.restart_database(world),
        machines.swap(world, component)
    )?;
    Ok(loaded)
}

/// Waits until nothing is open any more, or for as long as it may take; what the book then says.
async fn drain(world: &World) -> Findings {
    let give_up = Instant::now() + Duration::from_secs(world.options.drain_seconds);
    let mut quiet = (world.requests.get(), Instant::now());
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        if quiet.0 != world.requests.get() {
            quiet = (world.requests.get(), Instant::now());
        }
        let findings = read_all(world);
        let open = findings.violations.iter().any(|violation| violation.rule.may_pass());
        if (!open && quiet.1.elapsed() > QUIET) || Instant::now() > give_up {
            return findings;
        }
    }
}

fn read_all(world: &World) -> Findings {
    let fresh = Duration::from_secs(world.options.fresh_seconds);
    let terms = Terms { fresh };
    let mut all = Findings::default();
    for session in world.book.sessions() {
        let found = session.read(|pages| check::session(session.number, pages, terms));
        all.figures.add(&found.figures);
        all.violations.extend(found.violations);
    }
    all
}

/// The pages of the sessions that violate a rule, for whoever wants to know how it came.
fn write_down(world: &World, findings: &Findings, folder: &Path) -> anyhow::Result<()> {
    for violation in findings.violations.iter().take(SHOWN) {
        if let Some(session) = world.book.session(violation.session) {
            let file = folder.join(format!("session-{}.txt", session.number));
            std::fs::write(file, session.read(|pages| format!("{pages:#?}")))?;
        }
    }
    Ok(())
}

fn binary(options: &Options) -> anyhow::Result<PathBuf> {
    let beside = || Ok::<_, std::io::Error>(std::env::current_exe()?.with_file_name("handover"));
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => beside()?,
    };
    // Gateways run in folders of their own.
    std::fs::canonicalize(&binary).with_context(|| format!("no gateway at {}", binary.display()))
}
