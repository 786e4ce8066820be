//! The command line: `teams-simulator --addr 127.0.0.1:5002 --skill-url http://127.0.0.1:5001/api/messages`.
use std::net::SocketAddr;

use anyhow::ensure;
use clap::Parser;
use teams_simulator::{Config, Secret, Switches, Tokens, serve};

/// A simulated Teams channel and Copilot Studio agent that calls a skill.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen. The customer's side asks nobody who they are: keep it on loopback.
    #[arg(long, value_name = "IP:PORT", default_value_t = Config::default().addr)]
    addr: SocketAddr,
    /// The skill's messaging endpoint.
    #[arg(long, value_name = "URL", default_value_t = Config::default().skill_url)]
    skill_url: String,
    /// The skill's Microsoft app id.
    #[arg(long, value_name = "GUID", default_value_t = Config::default().skill_app_id)]
    skill_app_id: String,
    /// The agent's Microsoft app id.
    #[arg(long, value_name = "GUID", default_value_t = Config::default().agent_app_id)]
    agent_app_id: String,
    /// Tell the skill with an endOfConversation that its open action is cancelled before the customer's goodbye ends it.
    #[arg(long)]
    cancel_before_end: bool,
    /// Give up at once where the skill cannot be reached, as Copilot Studio does.
    #[arg(long)]
    no_retry: bool,
    /// Answer 429 to a skill that sends faster than Teams allows.
    #[arg(long)]
    enforce_teams_limits: bool,
    /// Hand the problem and the transcript to startConversation, as a topic made for Handover's manifest does.
    #[arg(long)]
    start_inputs: bool,
    /// How the agent signs in when it calls the skill.
    #[arg(long, value_enum, default_value_t = Tokens::None)]
    tokens: Tokens,
    /// Let only the skill and the agent post, each with its token. Their secrets are taken from the environment:
    /// TEAMS_SIMULATOR_SKILL_SECRET and TEAMS_SIMULATOR_AGENT_SECRET.
    #[arg(long)]
    check_tokens: bool,
}

fn secret(variable: &str) -> Option<Secret> {
    std::env::var(variable).ok().filter(|secret| !secret.is_empty()).map(Secret::from)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let skill_secret = secret("TEAMS_SIMULATOR_SKILL_SECRET");
    let agent_secret = secret("TEAMS_SIMULATOR_AGENT_SECRET");
    ensure!(
        !arguments.check_tokens || (skill_secret.is_some() && agent_secret.is_some()),
        "--check-tokens needs TEAMS_SIMULATOR_SKILL_SECRET and TEAMS_SIMULATOR_AGENT_SECRET in the environment: \
         secrets made at random are known to nobody"
    );
    let running = serve(
        Config {
            addr: arguments.addr,
            skill_url: arguments.skill_url.clone(),
            skill_app_id: arguments.skill_app_id,
            agent_app_id: arguments.agent_app_id,
            skill_secret,
            agent_secret,
            checks_tokens: arguments.check_tokens,
            switches: Switches {
                tokens: arguments.tokens,
                retry_skill: !arguments.no_retry,
                cancel_before_end: arguments.cancel_before_end,
                enforce_teams_limits: arguments.enforce_teams_limits,
                start_inputs: arguments.start_inputs,
                ..Switches::default()
            },
            ..Config::default()
        },
        async {
            // Without a signal handler there is nothing to wait for but the process being killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        },
    )
    .await?;
    println!("Customer page   http://{}/", running.addr());
    println!("Connector       http://{}/teams/", running.addr());
    println!("Authority       {}", running.authority_url());
    println!("Calls the skill {}", arguments.skill_url);
    running.finished().await
}
