//! The Contoso live chat: a token to its API, signatures on its webhooks.

use contoso_live_chat::{Config, Secret};
use handover::config::CredentialConfig;

use super::{LiveChat, Seat};

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let config = Config {
        addr: seat.addr,
        webhook_secret: Some(Secret::new(seat.key("webhook")?)),
        api_key: Some(Secret::new(seat.credential("api", |token| CredentialConfig::Bearer { token })?)),
        ..Config::default()
    };
    let running = contoso_live_chat::serve(config, stopped).await?;
    let url = format!("http://{}", running.addr());
    seat.api(&url)?;
    Ok(LiveChat::new(url, move |gateway| {
        running.set_webhook_url(&format!("http://{gateway}/api/livechat/messages"))?;
        Ok(running.join())
    }))
}
