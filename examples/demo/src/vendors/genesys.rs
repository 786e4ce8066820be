//! Genesys Cloud: an OAuth client for its API, signed notifications.

use genesys_simulator::{Config, Secret};
use handover::config::CredentialConfig;

use super::{LiveChat, Seat};

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let mut config = Config { addr: seat.addr, ..Config::default() };
    // The login is at the address that only shows when it listens; the client's secret is needed before.
    let (secret, client_secret) = seat.secrets.make("api")?;
    let client_id = config.client_id.clone();
    config.client_secret = Secret::new(secret);
    config.webhook_secret = Secret::new(seat.key("webhook")?);
    seat.setting("integration_id", config.integration_id.as_str());
    let running = genesys_simulator::serve(config, stopped).await?;
    let url = running.url();
    seat.api(&url)?;
    let client = CredentialConfig::ClientCredentials {
        token_url: format!("{url}/oauth/token").parse()?,
        client_id,
        client_secret,
        scope: None,
        fields: Default::default(),
        basic: true,
    };
    seat.section.credentials.insert("api".to_owned(), client);
    Ok(LiveChat::new(url, move |gateway| {
        running.set_webhook_url(&format!("http://{gateway}/api/callbacks/genesys"));
        Ok(running.join())
    }))
}
