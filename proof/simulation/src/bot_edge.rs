//! The bot's edge, as the gateway has it: a turn is decided on and committed, then acknowledged; an inline response
//! takes along what is held.

use std::time::Duration;

use handover_handoff::address::{Action, ActionRef};
use handover_handoff::delivery::{ActionResult, Delivery, ResultCode};
use handover_handoff::session::StartAnswer;
use handover_handoff::turn::{Opening, Request, Turn, Verdict};
use handover_handoff::{Session, SessionId};
use handover_store::{Once, StoreError, Subject};

use crate::node::Node;

/// What a turn is answered with.
#[derive(Debug, Default)]
pub struct Response {
    /// What was held for the customer.
    pub held: Vec<Delivery>,
    /// Results of actions.
    pub results: Vec<ActionResult>,
    /// What the domain said; none where the turn is a repeat.
    pub verdict: Option<Verdict>,
}

/// Takes a turn in.
///
/// # Errors
/// What the store says: the bot is told to come again.
pub async fn take(node: &Node, turn: Turn, opening: Opening) -> Result<Response, StoreError> {
    let (inline, relay) = (turn.inline, &node.relay);
    let subject = Subject::Conversation(turn.key.clone());
    let (action, once) = (action(&turn), once(&turn));
    let before = if inline { relay.look(subject).await?.map(|session| session.id) } else { None };
    let connector = opening.connector.clone();
    let mut response = Response { verdict: relay.turn(turn, once, opening).await?, ..Response::default() };
    if response.verdict.is_none() {
        return Ok(response);
    }
    if let Some(id) = before {
        response.held = held(node, id).await?;
    }
    match response.verdict.clone() {
        Some(Verdict::Starting(id)) if inline => started(node, id, action, &connector, &mut response).await?,
        Some(Verdict::Over { result, .. }) if inline => response.results.extend(result),
        // What no session carries is posted a few times, beside the lanes; here it arrives.
        Some(Verdict::Unknown(to)) => response.results.push(over(to)),
        _ => {}
    }
    Ok(response)
}

fn once(turn: &Turn) -> Option<Once> {
    if turn.inline && matches!(turn.request, Request::Start(_)) {
        return None;
    }
    let key = &turn.key;
    let scope = format!("bot/{}/{}/{}", key.tenant, key.channel, key.conversation);
    turn.activity.clone().map(|activity| Once { scope, key: activity })
}

fn action(turn: &Turn) -> ActionRef {
    let action = match turn.request {
        Request::Start(_) => Action::StartConversation,
        Request::Message { .. } | Request::Release => Action::SendMessage,
        Request::End => Action::EndConversation,
    };
    ActionRef { action, activity: turn.activity.clone() }
}

fn over(to: ActionRef) -> ActionResult {
    ActionResult { to, code: ResultCode::CompletedSuccessfully, started: None }
}

async fn started(
    node: &Node,
    id: SessionId,
    to: ActionRef,
    connector: &str,
    response: &mut Response,
) -> Result<(), StoreError> {
    let budget = Duration::from_millis(node.settings().policies.of(connector).start_budget);
    let answered = |session: &Session| matches!(session.answer, StartAnswer::Given(_));
    let mut session = node.relay.wait_for(id, budget, answered).await?;
    if !session.as_ref().is_some_and(answered) {
        node.relay.timer(id).await?;
        session = node.relay.store().session(id).await?;
    }
    let Some(session) = session else { return Ok(()) };
    response.held.extend(held(node, id).await?);
    let started = Some((session.live_chat_conversation_id(), session.start_status()));
    response.results.push(ActionResult { started, ..over(to) });
    Ok(())
}

async fn held(node: &Node, id: SessionId) -> Result<Vec<Delivery>, StoreError> {
    let held = node.relay.store().take_held(id, node.line.now(&node.world)).await?;
    if held.is_empty() {
        return Ok(held);
    }
    // The words need the session; where it is gone there is nothing to show.
    Ok(if node.relay.store().session(id).await?.is_some() { held } else { Vec::new() })
}
