//! What the sample's settings mean here: who is the skill, who is the agent, where the live chat is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use url::Url;
use uuid::Uuid;

use super::connections::Connection;
use super::settings::Settings;
use super::{key, quoted};

/// Sections that are understood; others have no equivalent.
const KNOWN: [&str; 4] = ["Connections", "ConnectionsMap", "LiveChatSettings", "TokenValidation"];

/// A whole `handover.toml`, and notes.
pub(super) fn translate(settings: &Settings) -> (String, Vec<String>) {
    let (mut notes, mut variables) = (Vec::new(), BTreeSet::new());
    let connections: Vec<Connection> = settings
        .each("Connections")
        .into_iter()
        .filter_map(|(name, section)| Connection::read(name, section, &mut variables, &mut notes))
        .collect();
    let parts = Parts::find(settings, &connections, &mut notes);
    let mut out =
        String::from("# Told by `handover import-appsettings`. Try it with `handover check`.\n\n[gateway]\n");
    out += "# The address that Copilot Studio and the live chat use: the tunnel or proxy in front, e.g.\n";
    out += "# public_url = \"https://handover.example\"\n";
    notes.push(
        "set `gateway.public_url` to what stands before /api/messages in the sample's skill-manifest.json; Handover \
         serves the manifest itself"
            .to_owned(),
    );
    parts.write(settings, &mut out, &mut notes);
    for connection in &connections {
        connection.write(&mut out);
    }
    live_chat(settings, &mut out, &mut notes);
    for name in settings.names() {
        if !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            notes.push(match name.to_ascii_lowercase().as_str() {
                "logging" => "Logging has no equivalent here; RUST_LOG says what is logged".to_owned(),
                "allowedhosts" => {
                    "AllowedHosts has no equivalent; the proxy in front decides on names".to_owned()
                }
                "webhooksettings" => {
                    "WebhookSettings is the live chat's own: its OutgoingWebhookUrl keeps its path \
                     (/api/livechat/messages) and leads to Handover"
                        .to_owned()
                }
                _ => format!("{name} has no equivalent"),
            });
        }
    }
    (out, notes)
}

/// Who is who.
struct Parts<'a> {
    /// Authenticates answers to Copilot Studio.
    skill: Option<&'a Connection>,
    /// The Copilot Studio agents' own app registrations, which write to Teams.
    agents: Vec<&'a Connection>,
}

impl<'a> Parts<'a> {
    /// By `ConnectionsMap`: the first entry whose pattern means a service counts, as in the SDK.
    fn find(settings: &Settings, connections: &'a [Connection], notes: &mut Vec<String>) -> Self {
        let (mut runtime, mut teams, mut rest) = (None, Vec::new(), None);
        for (nth, (_, entry)) in settings.each("ConnectionsMap").into_iter().enumerate() {
            let place = format!("ConnectionsMap[{nth}]");
            let pattern = entry.text("ServiceUrl").unwrap_or_default();
            let Some(name) = entry.text("Connection") else {
                notes.push(format!("{place} names no Connection"));
                continue;
            };
            let Some(found) =
                connections.iter().find(|connection| connection.name.eq_ignore_ascii_case(name))
            else {
                notes.push(format!("{place} names {name}, and there is no usable Connections:{name}"));
                continue;
            };
            if entry.text("Audience").is_some() {
                notes.push(format!(
                    "{place}:Audience is not needed: whom tokens are for follows from who calls"
                ));
            }
            let lower = pattern.to_ascii_lowercase();
            if lower.contains("pvaruntime") || lower.contains("powerapps") {
                runtime = runtime.or(Some(found));
            } else if lower.contains("smba") || lower.contains("teams") {
                teams.push(found);
            } else if matches!(lower.as_str(), "*" | ".*" | "") {
                rest = rest.or(Some(found));
            } else {
                notes.push(format!(
                    "{place} is for other hosts than Teams' and Copilot Studio's; name them in `bot.service_hosts`, \
                     whole names, and the connection is chosen by who calls"
                ));
            }
        }
        if runtime.is_some() || !teams.is_empty() {
            notes.push(
                "in ConnectionsMap the SDK takes `https://smba*` for an unanchored regular expression, which also \
                 matches hosts of strangers; Handover sends tokens to whole host names of Microsoft's only"
                    .to_owned(),
            );
        }
        let skill = runtime.or(rest).or(match connections {
            [only] if teams.is_empty() => Some(only),
            _ => None,
        });
        if skill.is_none() {
            notes.push(
                "no connection is mapped to Copilot Studio's runtime (`pvaruntime`) or to `*`; set `bot.app_id` and \
                 `bot.connection` to the skill's own app registration"
                    .to_owned(),
            );
        }
        let mut agents: Vec<&Connection> = Vec::new();
        for agent in teams {
            if skill.is_some_and(|skill| !agent.client_id.is_empty() && skill.client_id == agent.client_id) {
                notes.push(format!(
                    "{} has the skill's own client id; the agent has an app registration of its own (Copilot Studio: \
                     Settings, Advanced, Metadata: Agent App ID)",
                    agent.name
                ));
            } else if !agents.iter().any(|known| known.client_id == agent.client_id) {
                agents.push(agent);
            }
        }
        Self { skill, agents }
    }

    /// `[bot]` and `[[bot.agents]]`.
    fn write(&self, settings: &Settings, out: &mut String, notes: &mut Vec<String>) {
        let validation = |key: &str| format!("TokenValidation:{key}");
        let mut audiences: Vec<&str> = settings.texts(&validation("Audiences"));
        let app_id = self.skill.map(|skill| skill.client_id.as_str()).filter(|id| is_guid(id));
        let app_id = app_id.or_else(|| audiences.iter().copied().find(|id| is_guid(id)));
        audiences.retain(|audience| {
            Some(*audience) != app_id && app_id.is_none_or(|id| *audience != format!("api://{id}"))
        });
        let tenant = settings.text(&validation("TenantId"));
        let of_connection = self.skill.into_iter().chain(self.agents.iter().copied());
        let tenant = tenant.or_else(|| of_connection.map(|one| one.tenant.as_str()).find(|id| is_guid(id)));
        out.push_str("\n[bot]\n");
        guid(out, notes, "app_id", app_id, "the skill's application (client) id");
        guid(out, notes, "tenant_id", tenant, "the id of your Entra tenant");
        let cloud = self.skill.and_then(|skill| skill.cloud);
        let gov = settings.is_true(&validation("IsGov")).then_some("us-gov");
        if let Some(cloud) = cloud.or(gov) {
            let _ = writeln!(out, "cloud = {}", quoted(cloud));
        }
        if let Some(skill) = self.skill {
            let _ = writeln!(out, "connection = {}", quoted(&skill.name));
        }
        if !audiences.is_empty() {
            let audiences: Vec<String> = audiences.into_iter().map(quoted).collect();
            let _ = writeln!(out, "audiences = [{}]", audiences.join(", "));
        }
        self.write_agents(&settings.texts(&validation("AllowedCallers")), out, notes);
        if settings.section("TokenValidation").is_none() {
            notes.push(
                "there is no TokenValidation: the sample believes every token, and callers without one. Handover \
                 checks them, and lets in the agents of `[[bot.agents]]` only"
                    .to_owned(),
            );
        }
        for (key, instead) in [
            ("Enabled", "tokens are always checked, but for a try on this machine (`bot.local`)"),
            (
                "ValidIssuers",
                "the cloud's own issuers are known; others go to `[[bot.issuers]]`, with their metadata",
            ),
            ("OpenIdMetadataUrl", "it is known for each cloud; others go to `[[bot.issuers]]`"),
            (
                "AzureBotServiceOpenIdMetadataUrl",
                "it is known for each cloud; others go to `[[bot.issuers]]`",
            ),
        ] {
            if settings.section(&validation(key)).is_some() {
                notes.push(format!("TokenValidation:{key} is left out: {instead}"));
            }
        }
    }

    fn write_agents(&self, callers: &[&str], out: &mut String, notes: &mut Vec<String>) {
        let mut written: Vec<String> = Vec::new();
        for agent in &self.agents {
            if is_guid(&agent.client_id) {
                let id = quoted(&agent.client_id);
                let _ =
                    writeln!(out, "\n[[bot.agents]]\napp_id = {id}\nconnection = {}", quoted(&agent.name));
                written.push(agent.client_id.to_ascii_lowercase());
            } else {
                notes.push(format!(
                    "Connections:{} is the Copilot Studio agent's own app registration, and its ClientId is no GUID; \
                     write `[[bot.agents]]` with the Agent App ID, and `connection = {}`",
                    agent.name,
                    quoted(&agent.name)
                ));
            }
        }
        for caller in callers {
            if *caller == "*" {
                notes.push(
                    "TokenValidation:AllowedCallers says `*`; here each agent that may call is named in `[[bot.agents]]`"
                        .to_owned(),
                );
            } else if !is_guid(caller) {
                notes.push("an entry of TokenValidation:AllowedCallers is no GUID, and left out".to_owned());
            } else if !written.contains(&caller.to_ascii_lowercase()) {
                let _ = writeln!(out, "\n[[bot.agents]]\napp_id = {}", quoted(caller));
                written.push(caller.to_ascii_lowercase());
                notes.push(format!("the agent {caller} may call; it has no connection to write to its customers in Teams with"));
            }
        }
        if written.is_empty() {
            notes.push(
                "no agent may call yet; write `[[bot.agents]]` with its `app_id` (Copilot Studio: Settings, Advanced, \
                 Metadata: Agent App ID)"
                    .to_owned(),
            );
        }
    }
}

/// A line with a GUID, or a comment in its place: the file has to load.
fn guid(out: &mut String, notes: &mut Vec<String>, key: &str, found: Option<&str>, what: &str) {
    match found.filter(|found| is_guid(found)) {
        Some(found) => {
            let _ = writeln!(out, "{key} = {}", quoted(found));
        }
        None => {
            let _ = writeln!(out, "# {key} = \"{what}\"");
            notes.push(format!("`bot.{key}` is not known: set it to {what}"));
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.parse::<Uuid>().is_ok_and(|id| !id.is_nil())
}

/// `LiveChatSettings`: the Contoso connector's one upstream.
fn live_chat(settings: &Settings, out: &mut String, notes: &mut Vec<String>) {
    let base = settings.text("LiveChatSettings:BaseUrl");
    match base.map(str::parse::<Url>) {
        Some(Ok(url))
            if matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            let _ = writeln!(
                out,
                "\n[connectors.{}.upstreams.api]\nbase_url = {}",
                key("contoso"),
                quoted(url.as_str())
            );
            if url.scheme() == "http" && !matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
            {
                notes.push(
                    "LiveChatSettings:BaseUrl is plain http to another machine; in your own network set \
                     `allow_private = true` beside `base_url`, and elsewhere use https"
                        .to_owned(),
                );
            }
        }
        Some(_) => notes.push(
            "LiveChatSettings:BaseUrl is no http or https address without credentials; set \
             `connectors.contoso.upstreams.api.base_url`"
                .to_owned(),
        ),
        None => notes.push(
            "there is no LiveChatSettings:BaseUrl; the live chat is taken to be at http://127.0.0.1:5000"
                .to_owned(),
        ),
    }
    out.push_str(
        "\n# The sample's live chat signs nothing: whoever knows the address can speak as a live agent. With a key that\n\
         # both sides know, set [connectors.contoso.credentials.webhook] and strike this.\n\
         [connectors.contoso.callbacks]\n\"\" = \"none\"\n",
    );
    notes.push(
        "warning: the sample's live chat signs nothing, so that its callbacks are taken from anybody \
         (`connectors.contoso.callbacks`: \"\" = \"none\"); set a key as soon as it can sign"
            .to_owned(),
    );
}
