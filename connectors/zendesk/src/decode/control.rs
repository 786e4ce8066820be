//! Who has the conversation: the switchboard's events.

use handover_connector::{EndReason, Event, RoutingResult, Transfer};
use serde_json::Value;

use super::word;
use crate::SESSION_MARK;
use crate::settings::Settings;

pub fn event(kind: &str, payload: &Value, settings: &Settings) -> Event {
    let ignored = |why: &str| Event::Ignored(format!("{kind}: {why}"));
    if kind == "switchboard:passControl:failure" {
        return Event::Routed(RoutingResult::Failed(word(&payload["error"]["code"])));
    }
    if !matches!(kind, "switchboard:passControl" | "switchboard:releaseControl") {
        return ignored("of no consequence");
    }
    // `ticketClosed` or `transferToEmail`: the agent is through with it.
    if let Some(reason) = payload["reason"].as_str() {
        return Event::ended(EndReason::LiveAgent, reason);
    }
    // What we do ourselves comes back with the metadata that we gave.
    if !payload["metadata"][SESSION_MARK].is_null() {
        return ignored("our own");
    }
    let active = &payload["conversation"]["activeSwitchboardIntegration"];
    if kind == "switchboard:releaseControl" || is(active, &settings.integration) {
        return Event::ControlReturned(Some(kind.to_owned()));
    }
    if is(active, &settings.agent_workspace) {
        return ignored("to the agents");
    }
    let queue = active["name"].as_str().or_else(|| active["integrationType"].as_str()).map(str::to_owned);
    Event::Transferred(Transfer { from_participant: None, to_participant: None, queue })
}

/// Whether a switchboard integration is the one that a setting names, by whichever of its names.
pub fn is(integration: &Value, wanted: &str) -> bool {
    ["id", "name", "integrationType"].iter().any(|key| integration[key].as_str() == Some(wanted))
}
