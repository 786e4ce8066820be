//! Who has the conversation: the switchboard's events.

use handover_connector::{EndReason, Ended, Event, RoutingResult, Transfer};
use serde_json::Value;

use crate::SESSION_MARK;
use crate::settings::Settings;

pub fn event(kind: &str, payload: &Value, settings: &Settings) -> Event {
    let ignored = |why: &str| Event::Ignored(format!("{kind}: {why}"));
    if kind == "switchboard:passControl:failure" {
        return Event::Routed(RoutingResult::Failed(code(payload)));
    }
    if !matches!(kind, "switchboard:passControl" | "switchboard:releaseControl") {
        return ignored("of no consequence");
    }
    // `ticketClosed` or `transferToEmail`: the agent is through with it.
    if let Some(reason) = payload["reason"].as_str() {
        return Event::Ended(Ended { by: EndReason::LiveAgent, detail: Some(reason.to_owned()) });
    }
    // What we do ourselves comes back with the metadata that we gave.
    if !payload["metadata"][SESSION_MARK].is_null() {
        return ignored("our own");
    }
    let active = &payload["conversation"]["activeSwitchboardIntegration"];
    let is = |target: &str| {
        ["id", "name", "integrationType"].iter().any(|key| active[key].as_str() == Some(target))
    };
    if kind == "switchboard:releaseControl" || is(&settings.integration) {
        return Event::ControlReturned(Some(kind.to_owned()));
    }
    if is(&settings.agent_workspace) {
        return ignored("to the agents");
    }
    let queue = active["name"].as_str().or_else(|| active["integrationType"].as_str()).map(str::to_owned);
    Event::Transferred(Transfer { from_participant: None, to_participant: None, queue })
}

/// Zendesk's word; its sentence may quote.
fn code(payload: &Value) -> String {
    payload["error"]["code"].as_str().unwrap_or("unknown").chars().take(100).collect()
}
