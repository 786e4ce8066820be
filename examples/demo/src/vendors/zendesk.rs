//! The Zendesk account: a key of the app's for its API, a shared secret in its webhooks.

use handover::config::CredentialConfig;
use zendesk_simulator::{Config, Key, Secret};

use super::{LiveChat, Seat};

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let mut config = Config { addr: seat.addr, ..Config::default() };
    let user = config.key.id.clone();
    let secret = seat.credential("api", |password| CredentialConfig::Basic { user, password })?;
    config.key = Key { secret: Secret::new(secret), ..config.key };
    config.webhook_secret = Secret::new(seat.key("webhook")?);
    seat.setting("app_id", config.app_id.as_str());
    seat.setting("integration", config.integration.as_str());
    let running = zendesk_simulator::serve(config, stopped).await?;
    let base = running.base_url();
    seat.api(&base)?;
    // Where agents' private files lie; at Zendesk the account's name says so.
    seat.setting("media_base", base);
    Ok(LiveChat::new(running.support_url(), move |gateway| {
        running.set_webhook_url(&format!("http://{gateway}/api/callbacks/zendesk"));
        Ok(running.join())
    }))
}
