//! The Matrix homeserver: tokens both ways, and the staff in a room of their own.

use handover::config::{CredentialConfig, UpstreamSection};
use matrix_simulator::{Config, Secret};

use super::{LiveChat, Seat};

pub async fn start(
    mut seat: Seat<'_>,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LiveChat> {
    let config = Config {
        addr: seat.addr,
        as_token: Secret::new(seat.credential("as_token", |token| CredentialConfig::Bearer { token })?),
        hs_token: Secret::new(seat.key("hs_token")?),
        // Until the gateway's address is known.
        url: String::new(),
        ..Config::default()
    };
    seat.setting("server_name", config.server_name.as_str());
    // Agents here share rooms, and give them to each other.
    seat.setting("end_when_agent_leaves", false);
    seat.setting("presence", true);
    let running = matrix_simulator::serve(config, stopped).await?;
    seat.setting("agents_room", running.staff_room());
    let url = running.url();
    seat.section.upstreams.insert("homeserver".to_owned(), UpstreamSection::new(url.parse()?));
    Ok(LiveChat::new(url, move |gateway| {
        running.set_url(&format!("http://{gateway}/api/callbacks/matrix"));
        Ok(running.join())
    }))
}
