//! A gateway that runs already: with the section there, the component is all that is added, and handovers go there.

use std::fs;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context, ensure};
use handover_conversations::Row;
use handover_conversations::house::{Ground, House};
use handover_conversations::patience::eventually;
use handover_conversations::vendors::{ALL, Scene, Vendor};
use serde_json::Value;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use super::{components, gateway};

#[tokio::test]
async fn a_component_dropped_into_a_running_gateway_takes_handovers() {
    each(|house| Box::pin(async move { dropped(house).await })).await;
}

#[tokio::test]
async fn a_section_that_was_added_later_counts_from_the_next_start_and_until_then_it_is_said_what_lacks() {
    each(|house| Box::pin(async move { added(house).await })).await;
}

/// What is played in a house.
type Story = fn(House) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// The section is there; then comes the component, and a chat.
async fn dropped(mut house: House) -> anyhow::Result<()> {
    let component = take_out(&mut house)?;
    house.gateway.start().await?;
    let (_, status) = house.begin(&house.customer()).await?;
    ensure!(status == "failed", "without the component the start ended with {status:?}");
    fs::write(file(&house), component)?;
    house.serves(None).await?;
    talk(&house).await
}

/// The component is there and its section is not; then comes the section, and a start of the gateway.
async fn added(mut house: House) -> anyhow::Result<()> {
    let component = take_out(&mut house)?;
    let name = house.vendor.name;
    let path = house.gateway.folder.join("handover.toml");
    let config = fs::read_to_string(&path)?;
    let mut without: toml::Table = config.parse()?;
    without.remove("connectors");
    fs::write(&path, without.to_string())?;
    house.gateway.start().await?;
    fs::write(file(&house), component)?;
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let lacks = || async {
        let lines = house.gateway.connectors(&http).await.map_err(|error| error.to_string())?;
        let lines = lines.as_array().cloned().unwrap_or_default();
        let of = |line: &&Value| line["name"] == name && line["state"] == "rejected";
        lines.iter().find(of).cloned().ok_or_else(|| format!("{lines:?}"))
    };
    // Contoso's, the demo's, needs none.
    if name != "contoso" {
        let told = eventually("a component that is not served", lacks).await?;
        let reason = told["reason"].as_str().unwrap_or_default();
        ensure!(reason.contains(&format!("there is no [connectors.{name}]")), "{reason}");
        ensure!(reason.contains(&format!("connectors.{name}.upstreams.")), "{reason}");
        let keys: Vec<&str> = told["differences"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["key"].as_str())
            .collect();
        ensure!(keys.iter().all(|key| reason.contains(key)) && !keys.is_empty(), "{told}");
        // The file alone changes nothing in a gateway that runs.
        fs::write(&path, &config)?;
        let (_, status) = house.begin(&house.customer()).await?;
        ensure!(status == "failed", "without a section the start ended with {status:?}");
    }
    fs::write(&path, config)?;
    house.restart().await?;
    house.serves(None).await?;
    talk(&house).await
}

/// The component out of its folder, the gateway down, and nothing left that it could serve with.
fn take_out(house: &mut House) -> anyhow::Result<Vec<u8>> {
    house.gateway.kill();
    fs::remove_dir_all(house.gateway.folder.join("data"))?;
    let component = fs::read(file(house))?;
    fs::remove_file(file(house))?;
    Ok(component)
}

fn file(house: &House) -> PathBuf {
    house.gateway.folder.join("connectors").join(format!("{}.wasm", house.vendor.name))
}

/// A message each way, and the end.
async fn talk(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers_for_sure(1).await?;
    chat.sees([1]).await?;
    chat.goodbye().await?;
    chat.ends_at_desk().await
}

/// A story with each vendor's component and simulator.
async fn each(story: Story) {
    let folder = tempfile::tempdir().unwrap();
    let ground = Arc::new(Ground {
        binary: gateway().canonicalize().unwrap(),
        connectors: components(),
        compiled: folder.path().to_owned(),
        compiling: Mutex::default(),
        keep: None,
    });
    let places = Arc::new(Semaphore::new(2));
    let mut playing = JoinSet::new();
    for vendor in ALL {
        let (ground, places) = (Arc::clone(&ground), Arc::clone(&places));
        playing.spawn(async move {
            let _place = places.acquire_owned().await;
            play(&ground, vendor, story).await.with_context(|| vendor.name)
        });
    }
    let mut wrong = Vec::new();
    while let Some(played) = playing.join_next().await {
        wrong.extend(played.unwrap().err().map(|error| format!("{error:#}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn play(ground: &Ground, vendor: &'static Vendor, story: Story) -> anyhow::Result<()> {
    let scene = Scene { row: Row::Start, request: None, zendesk_schema: None };
    story(House::open(ground, vendor, scene).await?).await
}
