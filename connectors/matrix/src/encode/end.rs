//! The end: a last word, the agents' removal where it is wanted, and the ghost leaves.

use handover_connector::http::Method;
use handover_connector::text::percent;
use handover_connector::{EndReason, Failure, FailureReason, RetryAdvice, Session, Update};
use serde_json::json;

use super::Place;
use crate::server;
use crate::settings::Settings;
use crate::state;

/// Removals within one call; the host bounds requests.
const AT_ONCE: usize = 10;

pub fn end(settings: &Settings, session: &Session, reason: EndReason) -> Result<Update, Failure> {
    let Ok((room, ghost)) = state::of(session) else { return Ok(Update::UNCHANGED) };
    let place = Place { settings, room, ghost: &ghost };
    let why = why(reason);
    unless_refused(place.notice(&format!("{}-end", session.id), why).map(drop))?;
    if settings.kick_agents {
        unless_refused(remove(&place, why))?;
    }
    leave(&place)?;
    Ok(Update::UNCHANGED)
}

/// Courtesies are tried again while that can help; one that is refused for good keeps the ghost in no room.
fn unless_refused(done: Result<(), Failure>) -> Result<(), Failure> {
    match done {
        Err(Failure { retry: RetryAdvice::Never, .. }) => Ok(()),
        other => other,
    }
}

fn remove(place: &Place<'_>, why: &str) -> Result<(), Failure> {
    let members = server::done(server::request(Method::Get, &place.path("joined_members"), place.ghost))?;
    let members = members.value();
    let agents = members["joined"].as_object().into_iter().flatten().map(|(user, _)| user);
    for agent in agents.filter(|user| !place.settings.is_ours(user)).take(AT_ONCE) {
        let body = json!({ "user_id": agent, "reason": why });
        let kicked = server::request(Method::Post, &place.path("kick"), place.ghost).json(&body);
        unless_refused(server::done(kicked).map(drop))?;
    }
    Ok(())
}

/// Left before, removed by an agent, or no such room: it has ended.
fn leave(place: &Place<'_>) -> Result<(), Failure> {
    let left =
        server::done(server::request(Method::Post, &place.path("leave"), place.ghost).json(&json!({})));
    let Err(failure) = left else { return Ok(()) };
    if failure.reason != FailureReason::ConversationGone {
        return Err(failure);
    }
    let path = place.path(&format!("state/m.room.member/{}", percent(place.ghost)));
    let known = server::answered(server::request(Method::Get, &path, place.ghost))?;
    if known.value()["membership"] == "join" {
        return Err(Failure { reason: FailureReason::Rejected, ..failure });
    }
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
