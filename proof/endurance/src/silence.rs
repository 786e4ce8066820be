//! A vendor that takes every connection and answers nothing, for minutes: turns are acknowledged all the same, the
//! customers are told, another vendor does not notice, memory stays flat, and what is fresh arrives in order after it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use handover_ledger::memory;
use handover_ledger::node::{Node, UNHURRIED};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Around;
use crate::figures::spread;
use crate::gateway::{client, furnish, post};
use crate::sinks::{self, Sink, Taken};

/// How often a customer of each vendor writes.
const QUIET_PACE: Duration = Duration::from_secs(5);
const OTHER_PACE: Duration = Duration::from_secs(2);

/// The freshness deadline, as it is by default.
const FRESH: Duration = Duration::from_secs(120);

/// A customer, and when each message was acknowledged, and how long that took.
type Written = (String, Vec<(Instant, Duration)>);

struct Chat {
    name: String,
    service_url: String,
    http: Client,
    node: Arc<Node>,
}

impl Chat {
    async fn turn(&self, kind: &str, id: &str, more: Value) -> anyhow::Result<Duration> {
        let name = &self.name;
        let mut activity = json!({
            "type": kind,
            "id": format!("{name}-{id}"),
            "channelId": "directline",
            "serviceUrl": self.service_url,
            "conversation": { "id": name },
            "from": { "id": format!("29:{name}"), "name": "Jane", "role": "user" },
            "recipient": { "id": "28:agent-app", "name": "Contoso Agent", "role": "bot" },
        });
        if let (Some(activity), Value::Object(more)) = (activity.as_object_mut(), more) {
            activity.extend(more);
        }
        post(&self.http, &self.node, "/api/messages", &activity).await
    }

    /// Writes at this pace until told to stop: when each message was acknowledged, and how long that took.
    async fn write(&self, pace: Duration, stop: &AtomicBool) -> anyhow::Result<Vec<(Instant, Duration)>> {
        let mut written = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let text = format!("{} {}", self.name, written.len());
            let took = self.turn("message", &format!("m{}", written.len()), json!({ "text": text })).await?;
            written.push((Instant::now(), took));
            tokio::time::sleep(pace).await;
        }
        Ok(written)
    }
}

pub async fn run(around: &Around, seconds: u64, customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (quiet, other, channel) =
        (Arc::new(Sink::default()), Arc::new(Sink::default()), Arc::new(Sink::default()));
    let quiet_url = sinks::vendor(&quiet, "quiet").await?;
    let other_url = sinks::vendor(&other, "other").await?;
    let service_url = sinks::channel(&channel).await?;
    let config = |default: &str| {
        format!(
            "[routing]\ndefault = \"{default}\"\n\n[connectors.quiet.upstreams.api]\nbase_url = \"{quiet_url}\"\n\n\
             [connectors.other.upstreams.api]\nbase_url = \"{other_url}\"\n"
        )
    };
    let http = client()?;
    // Each half of the customers comes to its vendor as the default.
    let mut node = furnish(around, folder.path(), &config("other"), &["quiet", "other"])?;
    node.start().await?;
    let mut node = connect(&http, node, "other", customers, &service_url, &channel).await?;
    node.kill()?;
    rewrite(folder.path(), &config("quiet"))?;
    node.start().await?;
    let node = connect(&http, node, "quiet", customers, &service_url, &channel).await?;
    let node = Arc::new(node);

    quiet.silent.store(true, Ordering::Relaxed);
    let (begun, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for (vendor, pace) in [("quiet", QUIET_PACE), ("other", OTHER_PACE)] {
        for nth in 0..customers {
            let chat = Chat {
                name: format!("{vendor}-{nth}"),
                service_url: service_url.clone(),
                http: http.clone(),
                node: Arc::clone(&node),
            };
            let stop = Arc::clone(&stop);
            writers.spawn(async move {
                // Not all at the same moment.
                tokio::time::sleep(pace.mul_f64(nth as f64 / 100.0 % 1.0)).await;
                let written = chat.write(pace, &stop).await;
                (vendor, chat.name.clone(), written)
            });
        }
    }
    let mut memories = Vec::new();
    while begun.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_secs(10).min(Duration::from_secs(seconds / 6))).await;
        let used = node.pid().and_then(memory::now_kib).unwrap_or_default();
        memories.push(used >> 10);
        println!("{:>5.0} s  memory {} MiB", begun.elapsed().as_secs_f64(), used >> 10);
    }
    stop.store(true, Ordering::Relaxed);
    let back = Instant::now();
    quiet.silent.store(false, Ordering::Relaxed);
    let mut written: BTreeMap<&str, Vec<Written>> = BTreeMap::new();
    while let Some(done) = writers.join_next().await {
        let (vendor, name, times) = done?;
        written.entry(vendor).or_default().push((name, times?));
    }
    tokio::time::sleep(Duration::from_secs(45)).await;

    for (vendor, chats) in &written {
        let acknowledged = chats.iter().flat_map(|(_, times)| times.iter().map(|(_, took)| *took)).collect();
        println!("turns of customers of {vendor} were acknowledged in: {}", spread(acknowledged));
    }
    let relayed = check_undisturbed(&other.taken(), written.get("other").context("the other vendor's")?)?;
    println!("messages reached the other vendor within: {}", spread(relayed));
    check_quiet(&quiet.taken(), &channel.taken(), written.get("quiet").context("the silent one's")?, back)?;
    let (first, last) = (memories.get(memories.len() / 3), memories.last());
    println!("memory after a third of the time {first:?} MiB, at the end {last:?} MiB");
    Ok(())
}

fn rewrite(folder: &Path, config: &str) -> anyhow::Result<()> {
    Ok(std::fs::write(folder.join("handover.toml"), format!("{config}\n{UNHURRIED}"))?)
}

async fn connect(
    http: &Client,
    node: Node,
    vendor: &str,
    customers: usize,
    service_url: &str,
    channel: &Sink,
) -> anyhow::Result<Node> {
    let node = Arc::new(node);
    for nth in 0..customers {
        let chat = Chat {
            name: format!("{vendor}-{nth}"),
            service_url: service_url.to_owned(),
            http: http.clone(),
            node: Arc::clone(&node),
        };
        chat.turn("event", "start", json!({ "name": "startConversation", "value": {} })).await?;
        let answered = channel.until(Duration::from_secs(20), |one| {
            one.conversation == chat.name && one.ends.as_deref() == Some("startConversation")
        });
        answered.await.with_context(|| format!("{} was not connected", chat.name))?;
    }
    Arc::into_inner(node).context("somebody still has the gateway")
}

/// All of the other vendor's customers were heard, in order; how long each message took.
fn check_undisturbed(taken: &[Taken], written: &[Written]) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for (name, messages) in written {
        let prefix = format!("{name} ");
        let ours: Vec<&Taken> = taken.iter().filter(|one| one.text.starts_with(&prefix)).collect();
        ensure!(ours.len() == messages.len(), "{name}: {} of {} arrived", ours.len(), messages.len());
        for (nth, (one, (acknowledged, _))) in ours.iter().zip(messages).enumerate() {
            ensure!(one.text == format!("{name} {nth}"), "{name}: {} at place {nth}", one.text);
            times.push(one.at.saturating_duration_since(*acknowledged));
        }
    }
    Ok(times)
}

/// What was not fresh any more was told, what was arrived in order, and nothing is left out.
fn check_quiet(taken: &[Taken], shown: &[Taken], written: &[Written], back: Instant) -> anyhow::Result<()> {
    let (mut arrived, mut told, mut delayed) = (0, 0, 0);
    let mut after = Vec::new();
    for (name, messages) in written {
        let prefix = format!("{name} ");
        let ours: Vec<&Taken> = taken.iter().filter(|one| one.text.starts_with(&prefix)).collect();
        let numbers: Vec<usize> =
            ours.iter().filter_map(|one| one.text.rsplit(' ').next()?.parse().ok()).collect();
        ensure!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{name}: out of order: {numbers:?}");
        let notices = |what: &str| {
            shown.iter().filter(|one| one.conversation == *name && one.text.contains(what)).count()
        };
        let lost = notices("did not get through");
        ensure!(
            numbers.len() + lost == messages.len(),
            "{name}: {} written, {} arrived, {lost} told",
            messages.len(),
            numbers.len()
        );
        for (nth, (acknowledged, _)) in messages.iter().enumerate() {
            // A little less than the deadline, for those that were just about to pass it.
            let fresh = back.saturating_duration_since(*acknowledged) + Duration::from_secs(35) < FRESH;
            ensure!(!fresh || numbers.contains(&nth), "{name}: message {nth} was fresh and did not arrive");
        }
        after.extend(ours.first().map(|one| one.at.saturating_duration_since(back)));
        (arrived, told, delayed) = (arrived + numbers.len(), told + lost, delayed + notices("keep trying"));
    }
    println!(
        "at the silent vendor: {arrived} arrived after it was back, each chat in order, {told} were told as not \
         delivered, \"we keep trying\" was said {delayed} times"
    );
    println!("the first message of each chat arrived after it was back within: {}", spread(after));
    Ok(())
}
