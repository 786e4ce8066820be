//! What a call of a component costs: fresh instances against those that are used again.
//!
//! `cargo run --release -p handover-sandbox --example calls -- FILE.wasm [CALLBACK.json]`

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use handover_handoff::Timestamp;
use handover_sandbox::{
    CallbackRequest, ConnectorConfig, Generation, Instances, Limits, Sandbox, SandboxConfig, UpstreamConfig,
};

/// Calls that are measured, after a tenth of them that are not.
const CALLS: usize = 2_000;

/// A callback of the live chat in `examples/`.
const CALLBACK: &str = r#"{"conversation":"c-1","id":"m-1","type":"message","text":"Good morning, how can I help?","sender":{"role":"agent","name":"Ann"}}"#;

fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or_else(|| anyhow::anyhow!("which component? give its file"))?;
    let body = arguments.next().map_or_else(|| Ok(CALLBACK.into()), std::fs::read)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(Path::new(&file), body))
}

async fn measure(file: &Path, body: Vec<u8>) -> anyhow::Result<()> {
    let house = tempfile::tempdir()?;
    let folder = house.path().join("installed");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(file, folder.join("component.wasm"))?;
    let granted = |instances| ConnectorConfig {
        component: Some("component".to_owned()),
        upstreams: [(
            "api".to_owned(),
            UpstreamConfig::new("http://127.0.0.1:1".parse().expect("an address")),
        )]
        .into(),
        limits: Limits { instances, ..Limits::default() },
        ..ConnectorConfig::default()
    };
    let ways =
        [("fresh", Instances::Fresh), ("reused", Instances::Reused), ("measured", Instances::Measured)];
    let connectors: BTreeMap<_, _> =
        ways.iter().map(|(name, instances)| ((*name).to_owned(), granted(*instances))).collect();
    let began = Instant::now();
    let config = SandboxConfig {
        folder,
        cache: house.path().join("cache"),
        connectors,
        callback_base: "https://handover.example/api/callbacks".to_owned(),
        files: None,
        provenance: handover_sandbox::Provenance::default(),
        poll: Duration::from_secs(60),
    };
    let sandbox = Sandbox::open(config.clone()).await?;
    println!("{:<10} open after {:>8.1} ms", "start", millis(began));
    sandbox.settled().await;
    println!("{:<10} serves after {:>6.1} ms", "compile", millis(began));
    drop(sandbox);
    let began = Instant::now();
    let sandbox = Sandbox::open(config).await?;
    sandbox.settled().await;
    println!("{:<10} serves after {:>6.1} ms", "from cache", millis(began));
    for line in sandbox.status() {
        println!("{:<10} {:?} {}", line.name, line.state, line.instances.or(line.reason).unwrap_or_default());
    }
    for (name, _) in ways.iter().take(2) {
        let Some(connector) = sandbox.connector(name) else { continue };
        let mut times = calls(&connector, &body).await;
        times.sort_unstable();
        let at = |part: usize| times[(times.len() - 1) * part / 1_000].as_secs_f64() * 1e6;
        println!(
            "{name:<10} min {:>8.1} µs  p50 {:>8.1} µs  p99 {:>8.1} µs  max {:>8.1} µs",
            at(0),
            at(500),
            at(990),
            at(1_000)
        );
    }
    Ok(())
}

async fn calls(connector: &Generation, body: &[u8]) -> Vec<Duration> {
    let mut times = Vec::with_capacity(CALLS);
    for call in 0..CALLS + CALLS / 10 {
        let request = CallbackRequest {
            method: "POST".to_owned(),
            url: "https://handover.example/api/callbacks/component".to_owned(),
            path: String::new(),
            headers: Vec::new(),
            body: body.to_vec(),
            received: Timestamp(1_763_846_645_120),
        };
        let began = Instant::now();
        let mapped = connector.map(request).await;
        if call >= CALLS / 10 {
            times.push(began.elapsed());
        }
        if call == 0 {
            println!(
                "{:<10} {}",
                "maps",
                mapped.map_or_else(|e| e.to_string(), |m| format!("{} event(s)", m.events.len()))
            );
        }
    }
    times
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}
