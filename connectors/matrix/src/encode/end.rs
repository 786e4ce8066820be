//! The end: a last word, the agents' removal where it is wanted, and the ghost leaves.

use handover_connector::http::Method;
use handover_connector::{EndReason, Failure, FailureReason, Session, Update};
use serde_json::json;

use super::{Place, UNCHANGED};
use crate::server;
use crate::settings::Settings;
use crate::state;

/// Removals within one call; the host bounds requests.
const AT_ONCE: usize = 10;

pub fn end(settings: &Settings, session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let Ok((room, ghost)) = state::of(session) else { return Ok(UNCHANGED) };
    let place = Place { settings, room, ghost: &ghost };
    match leave(&place, &session.id, reason) {
        // Left before, removed by an agent, or no such room: it has ended.
        Err(Failure { reason: FailureReason::ConversationGone, .. }) | Ok(()) => Ok(UNCHANGED),
        Err(failure) => Err(failure),
    }
}

fn leave(place: &Place<'_>, session: &str, reason: EndReason) -> Result<(), Failure> {
    place.notice(&format!("{session}-end"), why(reason))?;
    if place.settings.kick_agents {
        let members = server::done(server::request(Method::Get, &place.path("joined_members"), place.ghost))?;
        let members = server::body(&members);
        let agents = members["joined"].as_object().into_iter().flatten().map(|(user, _)| user);
        for agent in agents.filter(|user| !place.settings.is_ours(user)).take(AT_ONCE) {
            let body = json!({ "user_id": agent, "reason": why(reason) });
            let path = place.path("kick");
            let kicked = server::answered(server::request(Method::Post, &path, place.ghost).json(&body))?;
            // Who has just left cannot be removed.
            if !kicked.is_success() && kicked.status != 403 {
                return Err(server::refused(&kicked));
            }
        }
    }
    server::done(server::request(Method::Post, &place.path("leave"), place.ghost).json(&json!({})))?;
    Ok(())
}

fn why(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Customer => "The customer has ended the chat.",
        EndReason::LiveAgent => "The chat has ended.",
        EndReason::CustomerInactivity => "The chat has ended: the customer was silent for too long.",
        EndReason::AgentInactivity => "The chat has ended: nobody wrote to the customer for too long.",
        EndReason::QueueTimeout => "The chat has ended: the customer waited for too long.",
        EndReason::VendorFailure => "The chat has ended after a failure.",
        EndReason::Operator => "An operator has ended the chat.",
        EndReason::Bot => "The bot has taken the customer back.",
    }
}
