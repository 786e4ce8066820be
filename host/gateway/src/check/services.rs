//! Microsoft's services: the keys that callers' tokens are checked with, the tokens that we write with, and Teams.

use handover_credentials::{EndpointError, TokenError};
use handover_identity::FetchFailure;
use reqwest::Method;

use super::report::Report;
use super::setup::Opened;
use super::web::{Web, hint, origin};
use crate::clock;
use crate::config::Config;

/// Entra does not know the app in this tenant.
const UNKNOWN_APP: [u32; 3] = [700_016, 7_000_229, 90_002];

/// The metadata and keys of each issuer whose tokens are taken.
pub(super) async fn keys(opened: &Opened, report: &mut Report) {
    report.group("Keys of those who issue callers' tokens");
    let Some(doorkeeper) = &opened.doorkeeper else {
        report.skipped("issuers", "no tokens are taken, or the rules are mistaken");
        return;
    };
    for probed in doorkeeper.probe(clock::now().0).await {
        match probed.keys {
            Ok(count) => report.ok(probed.url, format!("{count} keys for {} issuers", probed.issuers.len())),
            Err(error) => {
                let (cause, fix) = unfetched(&error);
                report.failed(
                    probed.url,
                    format!("{cause}; without keys every caller is refused (ENDPOINT_HEALTHCHECK_FAILED)"),
                    fix,
                );
            }
        }
    }
}

fn unfetched(error: &FetchFailure) -> (String, String) {
    let check = "check `bot.cloud` and `[[bot.issuers]]`";
    match error {
        FetchFailure::Unreachable { why, .. } => {
            let deepest = why.rsplit(": ").next().unwrap_or_default();
            let hint = hint(why).unwrap_or("let this machine reach it: check proxy and firewall");
            (format!("it cannot be reached: {deepest}"), format!("{hint}; {check}"))
        }
        other => (other.to_string(), check.to_owned()),
    }
}

/// A token for each way that activities go out.
pub(super) async fn tokens(config: &Config, opened: &Opened, report: &mut Report) {
    report.group("Tokens to write with");
    let bot = &config.bot;
    if bot.local {
        report.skipped("connections", "`bot.local`: no tokens");
        return;
    }
    let now = clock::now().0;
    for name in config.connections.keys() {
        let Some(connection) = opened.connections.get(name) else {
            report.skipped(format!("connections.{name}"), "its secret is missing, see above");
            continue;
        };
        let (mut used, is_skill) = (false, bot.connection.as_ref() == Some(name));
        for agent in bot.agents.iter().filter(|_| is_skill) {
            used = true;
            let step = format!("connections.{name} as the skill, for agent {}", agent.app_id);
            match connection.token(&format!("{}/.default", agent.app_id), now).await {
                Ok(_) => report.ok(step, "a token was given"),
                Err(error) => {
                    let (cause, fix) = of_skill(&error);
                    report.failed(step, cause, fix);
                }
            }
        }
        for agent in bot.agents.iter().filter(|agent| agent.connection.as_ref() == Some(name)) {
            used = true;
            let step = format!("connections.{name} as agent {}, for Teams", agent.app_id);
            match connection.token(bot.cloud.bot_scope(), now).await {
                Ok(_) => report.ok(step, "a token was given"),
                Err(error) => {
                    let (cause, fix) = of_agent(&error);
                    report.failed(step, cause, fix);
                }
            }
        }
        if !used {
            report.skipped(format!("connections.{name}"), "neither `bot.connection` nor an agent names it");
        }
    }
}

fn of_skill(error: &TokenError) -> (String, String) {
    let (cause, fix, entra) = of(error);
    match entra {
        Some(500_011 | 65_001) => (
            cause,
            format!(
                "{fix}. Here it is for the agent: check the `app_id` in `[[bot.agents]]`; an agent with an Entra Agent \
                 ID has no app registration that a skill could answer to. {CONNECTED}"
            ),
        ),
        Some(number) if UNKNOWN_APP.contains(&number) => (format!("{cause} (APPID_NOT_IN_TENANT)"), fix),
        _ => (format!("{cause} (AADERROR_OTHER)"), fix),
    }
}

const CONNECTED: &str = "Leave `connection` out of its `[[bot.agents]]`, and in Copilot Studio add Handover as a \
                         connected agent (Add an agent, Microsoft 365 Agents SDK) in place of the skill: its answers \
                         go to a signed address and need no token";

fn of_agent(error: &TokenError) -> (String, String) {
    let (cause, fix, entra) = of(error);
    match entra {
        Some(number) if UNKNOWN_APP.contains(&number) && number != 90_002 => (
            cause,
            format!(
                "{fix}. An agent with an Entra Agent ID has no app registration and can have no secret (`az ad sp show \
                 --id <app id>` says servicePrincipalType ServiceIdentity). {CONNECTED}"
            ),
        ),
        _ => (cause, fix),
    }
}

/// The cause, what to do, and Entra's number.
fn of(error: &TokenError) -> (String, String, Option<u32>) {
    match error {
        TokenError::Refused { at, refusal } => {
            let mut cause = format!("{at} gives no token: status {}", refusal.status);
            if let Some(error) = refusal.error {
                cause = format!("{cause}, {error}");
            }
            if let Some(number) = refusal.entra {
                cause = format!("{cause}, AADSTS{number}");
            }
            let fix = refusal.fix().unwrap_or("look the code up at https://login.microsoftonline.com/error");
            (cause, fix.to_owned(), refusal.entra)
        }
        TokenError::Endpoint(EndpointError::Unreachable { .. }) => {
            let fix = "let this machine reach the authority: check DNS, firewall, proxy, and the connection's `cloud` or `authority`";
            (error.to_string(), fix.to_owned(), None)
        }
        _ => (error.to_string(), String::new(), None),
    }
}

/// Whether Teams' connector answers. Any answer will do: it wants a token, and none is sent.
pub(super) async fn teams(config: &Config, web: &Web, report: &mut Report) {
    report.group("Teams");
    let url = config.bot_side().teams_connector_url;
    let name = "bot.teams_connector_url";
    match web.ask(Method::HEAD, &url, None, 0).await {
        Ok(answer) => report.ok(name, format!("{} answers ({})", origin(&url), answer.status)),
        Err(unanswered) => report.failed(
            name,
            format!("{}; live agents' messages cannot reach customers in Teams", unanswered.cause),
            unanswered.fix,
        ),
    }
}
