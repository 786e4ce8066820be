//! The whole demo in one process: gateway, a vendor's live chat, simulated Teams and Copilot Studio.

mod vendors;
mod wiring;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use handover::Config;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use vendors::Vendor;
use wiring::Secrets;

/// Runs a handover from end to end on this machine: no Microsoft account, no database server, no network.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Flags {
    /// Whose live chat the customer is handed to; all but Contoso's are simulators of real ones.
    #[arg(long, value_enum, default_value_t)]
    vendor: Vendor,
    /// Where the gateway listens.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5001")]
    gateway_addr: SocketAddr,
    /// Where the live chat listens.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5000")]
    livechat_addr: SocketAddr,
    /// Where the simulated Teams and Copilot Studio listen.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5002")]
    simulator_addr: SocketAddr,
    /// Where the gateway's operators reach it.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5003")]
    admin_addr: SocketAddr,
    /// The folder of the store and of compiled connectors.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// The folder that connectors are dropped into; `connectors/installed` of this project.
    #[arg(long, value_name = "DIR")]
    connectors: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Flags::parse_from(arguments(std::env::args_os()))).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `cargo demo` ends in `--` already; whoever writes one more, as with `cargo run`, means the same.
fn arguments(given: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    given
        .enumerate()
        .filter(|(place, argument)| *place != 1 || argument != "--")
        .map(|(_, argument)| argument)
}

async fn run(flags: Flags) -> anyhow::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let stopped = || {
        let mut stopping = stopping.clone();
        async move { drop(stopping.wait_for(|stop| *stop).await) }
    };
    let (secrets, mut config) = (Secrets::new()?, Config::default());
    let live_chat = flags.vendor.start(&mut config, &secrets, flags.livechat_addr, stopped()).await?;
    // The topic of an agent made for Handover: the live agent sees at once what it is about.
    let tokens = teams_simulator::Tokens::V2;
    let switches = teams_simulator::Switches { start_inputs: true, tokens, ..Default::default() };
    let simulator = teams_simulator::Config {
        addr: flags.simulator_addr,
        switches,
        checks_tokens: true,
        ..Default::default()
    };
    let simulator = teams_simulator::serve(simulator, stopped()).await.context("the Teams simulator")?;

    config.gateway.listen = flags.gateway_addr;
    config.gateway.admin = flags.admin_addr;
    config.gateway.data = flags.data;
    config.gateway.connectors = flags.connectors.unwrap_or_else(wiring::installed);
    wiring::join_bot(&mut config, &simulator, &secrets)?;
    let gateway = handover::serve(config).await.context("the gateway")?;
    let live_chat = live_chat.meet(gateway.addr)?;
    simulator.set_skill_url(format!("http://{}/api/messages", gateway.addr));

    println!(
        "\nHandover is ready.\n\n\
         \x20 Customer   http://{customer}   Teams with a Copilot Studio agent, simulated\n\
         \x20 Live agent {agent}   {vendor}\n\
         \x20 Gateway    http://{gateway}   its operators' page is http://{admin}/admin\n\n\
         Try this: open the first two side by side. As the customer, write \"I want to talk with a person\" and say\n\
         what the problem is. As the live agent, accept the conversation and answer. Then end it on either side:\n\
         the customer by writing \"Good bye\".\n\n\
         Ctrl-C stops it.\n",
        customer = simulator.addr(),
        agent = live_chat.url,
        vendor = flags.vendor.about(),
        gateway = gateway.addr,
        admin = gateway.admin_addr,
    );
    handover::cli::interrupted().await;
    println!("Stopping.");
    gateway.stop().await;
    stop.send_replace(true);
    live_chat.ended.await?;
    simulator.finished().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_vendor_is_named_with_and_without_a_further_dash_dash() {
        for line in ["demo --vendor zendesk", "demo -- --vendor zendesk"] {
            let flags = Flags::try_parse_from(arguments(line.split(' ').map(OsString::from))).unwrap();
            assert!(matches!(flags.vendor, Vendor::Zendesk), "{line}");
        }
        let flags = Flags::try_parse_from(arguments(["demo".into()].into_iter())).unwrap();
        assert!(matches!(flags.vendor, Vendor::Contoso));
    }
}
