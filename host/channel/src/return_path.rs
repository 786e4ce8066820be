//! Where a turn's replies go, and which addresses are refused.

use handover_handoff::address::{Account, ReturnAddress, Route};
use url::Url;

use crate::activity::{Activity, ChannelAccount};
use crate::hosts::{HostPattern, is_loopback};
use crate::limits::first_part;
use crate::refusal::{Refusal, id, name, none_if_blank};

/// Longest serviceUrl, in bytes; signed ones are the longest.
const SERVICE_URL_LIMIT: usize = 4096;

/// Hosts of the Bot Connector service and of Copilot Studio's runtime.
const SERVICE_HOSTS: [&str; 5] = [
    "smba.trafficmanager.net",
    "*.botframework.com",
    "*.gateway.prod.island.powerapps.com",
    "*.teams.microsoft.com",
    "*.teams.microsoft.us",
];

/// Copilot Studio's runtime.
const RUNTIME_HOSTS: [&str; 1] = ["*.gateway.prod.island.powerapps.com"];

/// Teams' connector for all regions.
const TEAMS_CONNECTOR: &str = "https://smba.trafficmanager.net/teams/";

/// What the operator says of the bot's side.
#[derive(Debug, Clone)]
pub struct BotSide {
    /// The operator's tenant, part of every conversation's key.
    pub tenant: String,
    /// Running without tokens: serviceUrls on this machine are accepted.
    pub local: bool,
    /// Hosts that a serviceUrl may name; by https only, but for those on this machine.
    pub service_hosts: Vec<HostPattern>,
    /// Hosts of Copilot Studio's runtime. Teams' customers behind them are reached at Teams' own connector:
    /// what is posted to the runtime outside a turn does not reach them. They may be named by a serviceUrl, too.
    pub runtime_hosts: Vec<HostPattern>,
    /// Teams' connector.
    pub teams_connector_url: Url,
}

impl BotSide {
    /// The public cloud's hosts; nothing on this machine.
    pub fn new(tenant: impl Into<String>) -> Self {
        let patterns = |hosts: &[&str]| hosts.iter().filter_map(|host| host.parse().ok()).collect();
        Self {
            tenant: tenant.into(),
            local: false,
            service_hosts: patterns(&SERVICE_HOSTS),
            runtime_hosts: patterns(&RUNTIME_HOSTS),
            teams_connector_url: Url::parse(TEAMS_CONNECTOR).expect("a constant address"),
        }
    }

    /// Whether a serviceUrl is Copilot Studio's runtime.
    pub(crate) fn is_runtime(&self, service_url: &str) -> bool {
        Url::parse(service_url).is_ok_and(|url| self.runtime_hosts.iter().any(|host| host.matches(&url)))
    }

    /// A serviceUrl in a received activity is not to be trusted by itself (A7560): whoever forges one is sent
    /// the customer's messages, and later our tokens.
    fn check(&self, text: &str, signed: bool) -> Result<Url, Refusal> {
        if text.len() > SERVICE_URL_LIMIT {
            return Err(Refusal::TooLong { field: "serviceUrl", limit: SERVICE_URL_LIMIT });
        }
        let url = Url::parse(text).map_err(|_| Refusal::ServiceUrlMalformed)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(Refusal::ServiceUrlMalformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::ServiceUrlWithUser);
        }
        // A path is appended to it; behind a `?` or `#` that path would be none. A signed one is used as it is.
        if url.fragment().is_some() || (url.query().is_some() && !signed) {
            return Err(Refusal::ServiceUrlWithQuery);
        }
        self.permits(&url)?;
        Ok(url)
    }

    /// Whether anything may be sent there. Asked when an address comes in, and again before a token goes out: a list
    /// may have become shorter meanwhile.
    pub(crate) fn permits(&self, url: &Url) -> Result<(), Refusal> {
        if self.local && is_loopback(url) {
            return Ok(());
        }
        if !self.service_hosts.iter().chain(&self.runtime_hosts).any(|host| host.matches(url)) {
            return Err(Refusal::ServiceUrlNotAllowed {
                host: url.host_str().unwrap_or_default().to_owned(),
            });
        }
        // What does not leave this machine needs no TLS.
        if url.scheme() != "https" && !is_loopback(url) {
            return Err(Refusal::ServiceUrlPlain);
        }
        Ok(())
    }
}

/// How badly an address is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A reply must be posted: no serviceUrl, no turn.
    Reply,
    /// The turn's response carries the reply, or there is none.
    IfGiven,
    /// Nothing will be sent; a strange serviceUrl does not matter.
    Nothing,
}

/// Reads where the replies to an activity go.
pub(crate) fn read(activity: &Activity, side: &BotSide, need: Need) -> Result<ReturnAddress, Refusal> {
    let channel = activity.channel_id.clone().unwrap_or_default();
    let signed = has_role(&activity.recipient, "connectoruser");
    let given = none_if_blank(&activity.service_url)
        .or_else(|| none_if_blank(&activity.relates_to.as_ref()?.service_url));

    // The test pane shows what its own response carries; its serviceUrl takes nothing.
    let pane = need == Need::IfGiven && first_part(&channel) == "pva-studio";
    let url = match given {
        _ if need == Need::Nothing || pane => None,
        Some(text) => Some(side.check(text, signed)?),
        None if need == Need::Reply => return Err(Refusal::Missing("serviceUrl")),
        None => None,
    };
    let (to_bot, to_customer) = match url {
        None => (Route::Held, Route::Held),
        Some(url) if signed => {
            let route = Route::SignedUrl { url: url.into() };
            (route.clone(), route)
        }
        Some(url) => {
            let callback = Route::SkillCallback { base: url.to_string() };
            let to_customer = if first_part(&channel) == "msteams" && side.is_runtime(url.as_str()) {
                Route::ChannelAsBot { base: side.teams_connector_url.to_string() }
            } else if has_role(&activity.recipient, "skill") {
                callback.clone()
            } else {
                Route::ChannelAsBot { base: url.to_string() }
            };
            (callback, to_customer)
        }
    };

    Ok(ReturnAddress {
        to_bot,
        to_customer,
        channel,
        conversation: activity.conversation.as_ref().and_then(|c| c.id.clone()).unwrap_or_default(),
        // A signed serviceUrl is a secret and stays in its route alone.
        service_url: given.filter(|_| !signed).unwrap_or_default().to_owned(),
        bot: account(&activity.recipient, "recipient.id", "recipient.name")?,
        customer: account(&activity.from, "from.id", "from.name")?.unwrap_or_default(),
        locale: locale(&activity.locale),
        // Set by whoever checks the caller's token.
        caller: None,
    })
}

/// The tag where it looks like one, e.g. `de-AT`.
fn locale(tag: &Option<String>) -> Option<String> {
    let tag = none_if_blank(tag)?.trim().replace('_', "-");
    let plausible = tag.len() <= 35 && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    plausible.then_some(tag)
}

fn account(
    account: &Option<ChannelAccount>,
    id_field: &'static str,
    name_field: &'static str,
) -> Result<Option<Account>, Refusal> {
    let Some(account) = account else {
        return Ok(None);
    };
    if none_if_blank(&account.id).is_none() {
        return Ok(None);
    }
    Ok(Some(Account { id: id(&account.id, id_field)?, name: name(&account.name, name_field)? }))
}

/// Whether a participant has this role.
pub(crate) fn has_role(account: &Option<ChannelAccount>, role: &str) -> bool {
    let given = account.as_ref().and_then(|account| account.role.as_deref());
    given.is_some_and(|given| given.eq_ignore_ascii_case(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_hosts_are_hosts() {
        let side = BotSide::new("t");
        assert_eq!(side.service_hosts.len(), SERVICE_HOSTS.len());
        assert_eq!(side.runtime_hosts.len(), RUNTIME_HOSTS.len());
    }
}
