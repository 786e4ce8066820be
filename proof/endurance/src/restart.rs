//! `kill -9` with many sessions open: how long until the gateway serves again, and until what was in hand goes out
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::Around;
use crate::gateway::{client, furnish, post};
use crate::seeded;
use crate::sinks::{self, Sink};

pub async fn run(around: &Around, sessions: u64, messages: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (desk, channel) = (Arc::new(Sink::default()), Arc::new(Sink::default()));
    let vendor = sinks::vendor(&desk, "live").await?;
    let service_url = sinks::channel(&channel).await?;
    let config = format!("[connectors.contoso.upstreams.api]\nbase_url = \"{vendor}\"\n");
    let mut node = furnish(around, folder.path(), &config, &["contoso"])?;

    let begun = Instant::now();
    seeded::fill(&folder.path().join("data"), sessions, &service_url).await?;
    println!("{sessions} open sessions written in {:.1?}", begun.elapsed());
    let begun = Instant::now();
    node.start().await?;
    println!("started, compiling the connector: {:.2?}", begun.elapsed());

    // The channel takes its time, so that the kill meets posts under way and lanes that wait.
    channel.thinks.store(400, Ordering::Relaxed);
    let http = client()?;
    let (messages, step) = (messages.min(sessions), (sessions / messages.max(1)).max(1));
    for nth in 0..messages {
        let key = nth * step;
        let said = json!({
            "conversationId": format!("live-{key}"),
            "message": format!("agent writes to {key}"),
            "messageId": format!("m-{nth}"),
        });
        post(&http, &node, "/api/livechat/messages", &said).await?;
    }
    let before = channel.taken().len();
    node.kill()?;
    let killed = Instant::now();
    node.start().await?;
    let listens = killed.elapsed();
    let ready = http.get(format!("http://{}/readyz", node.addr)).send().await?.status();
    let serves = killed.elapsed();
    ensure!(ready.is_success(), "it does not serve: {ready}");
    let late = json!({ "conversationId": "live-1", "message": "agent writes to 1", "messageId": "late" });
    post(&http, &node, "/api/livechat/messages", &late).await?;
    let takes = killed.elapsed();
    let again = channel.until(Duration::from_secs(30), |one| one.flagged).await;
    let again = again.context("what was in hand does not go out again")?;
    println!(
        "killed with {} of {messages} shown: listens after {listens:.0?}, ready after {serves:.0?}, takes a callback \
         after {takes:.0?}, first redelivery after {:.0?}",
        before,
        again.at.duration_since(killed)
    );

    channel.thinks.store(0, Ordering::Relaxed);
    let wanted = usize::try_from(messages)? + 1;
    let all = || channel.taken().iter().map(|one| one.text.clone()).collect::<BTreeSet<_>>().len();
    let give_up = Instant::now() + Duration::from_secs(120);
    while all() < wanted && Instant::now() < give_up {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("everything shown after {:.1?}", killed.elapsed());
    ensure!(all() == wanted, "{} of {wanted} messages were shown", all());
    let mut shown: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for one in channel.taken() {
        let count = shown.entry(one.text).or_default();
        count.0 += 1;
        count.1 += u32::from(one.flagged);
    }
    let unflagged = shown.values().filter(|(times, flagged)| times - flagged > 1).count();
    let repeated: u32 = shown.values().map(|(times, _)| times - 1).sum();
    println!("shown again {repeated}, of them without a flag {unflagged}");
    ensure!(unflagged == 0, "shown twice, and nothing says so");
    Ok(())
}
