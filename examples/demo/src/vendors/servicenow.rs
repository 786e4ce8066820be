//! The ServiceNow instance: a user for its API, signed messages, a secret header in its callbacks.

use handover::config::CredentialConfig;
use servicenow_simulator::{Config, MessageAuth, Secret, SignIn};

use super::{LiveChat, Seat};

const USER: &str = "handover";

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let basic = |password| CredentialConfig::Basic { user: USER.to_owned(), password };
    let password = Secret::new(seat.credential("api", basic)?);
    let config = Config {
        addr: seat.addr,
        sign_in: vec![SignIn::Basic(USER.to_owned(), password)],
        message_auth: Some(MessageAuth::Hash(Secret::new(seat.key("signature")?))),
        callback_headers: vec![("x-handover-secret".to_owned(), Secret::new(seat.key("callback")?))],
        ..Config::default()
    };
    seat.setting("sign_messages", true);
    let running = servicenow_simulator::serve(config, stopped).await?;
    let url = running.url();
    seat.api(&url)?;
    seat.setting("instance", url.trim_start_matches("http://"));
    Ok(LiveChat::new(url, move |gateway| {
        running.set_callback_url(&format!("http://{gateway}/api/callbacks/servicenow"));
        Ok(running.join())
    }))
}
