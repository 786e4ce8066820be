//! The Salesforce organization: no secrets and no callbacks, each session has a visitor's token and a stream.

use salesforce_simulator::Config;

use super::{LiveChat, Seat};

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let config = Config { addr: seat.addr, ..Config::default() };
    seat.setting("organization", config.organization.as_str());
    seat.setting("deployment", config.deployment.as_str());
    let running = salesforce_simulator::serve(config, stopped).await?;
    let url = running.url();
    seat.api(&url)?;
    Ok(LiveChat::new(url, move |_| Ok(running.join())))
}
