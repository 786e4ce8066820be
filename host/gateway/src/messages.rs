//! The bot's edge: `POST /api/messages`.
//!
//! A turn is read, decided on and committed; then it is acknowledged. Replies travel later, or in the response where
//! the turn asks for that (`expectReplies`). Nothing slow stands in between, but for the answer to a start that the
//! response has to carry: that waits for the vendor, within the start budget.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_channel::{Activity, Inbound, reply};
use handover_handoff::SessionId;
use handover_handoff::address::{Action, ActionRef, ReturnAddress};
use handover_handoff::delivery::{ActionResult, ResultCode};
use handover_handoff::session::StartAnswer;
use handover_handoff::turn::{Request, Turn, Verdict};
use handover_identity::{Kind, Refusal};
use handover_store::{Once, StoreError, Subject};
use serde_json::json;

use crate::gateway::Gateway;
use crate::{capacity, clock, routing, typing};

/// How often a result that no session carries is tried to be posted, and how long between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) async fn receive(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Who calls is asked before what they say is looked at.
    let admitted = match &gateway.doorkeeper {
        None => None,
        Some(doorkeeper) => match doorkeeper.admit(&headers, clock::now().0).await {
            Ok(admitted) => Some(admitted),
            Err(refusal) => return stranger(&gateway, &refusal),
        },
    };
    let mut inbound = match handover_channel::read(&body, &gateway.side, clock::now()) {
        Ok(inbound) => inbound,
        Err(refusal) => return refuse(StatusCode::BAD_REQUEST, "BadSyntax", &refusal.to_string()),
    };
    if let (Some(admitted), Some(address)) = (&admitted, inbound.address_mut()) {
        if let Err(refusal) = admitted.speaks_for(&address.service_url, &address.channel) {
            return stranger(&gateway, &refusal);
        }
        // The Bot Service is no app: what it brings is answered as the bot that it is registered for.
        address.caller = (admitted.kind() == Kind::Entra).then(|| admitted.caller().app_id.clone());
    }
    if let Some(later) = gateway.overload.conversation(&inbound) {
        return later;
    }
    let inline = inbound.inline();
    let taken = match inbound {
        Inbound::Turn(turn) => take(&gateway, *turn).await,
        Inbound::Typing { key, address, .. } => {
            let told = typing::of_customer(&gateway, key, address.caller.as_deref()).await;
            told.map(|()| Vec::new()).map_err(NotTaken::from)
        }
        Inbound::UnknownEvent { name, key, address, activity, to_skill, .. } => {
            // Channels send events of their own through an open action: those must not end it.
            match gateway.open(Subject::Conversation(key)).await {
                Ok(None) if to_skill => Ok(unknown(&gateway, name, *address, activity, inline)),
                Ok(_) => Ok(Vec::new()),
                Err(error) => Err(error.into()),
            }
        }
        Inbound::Nothing { why, .. } => {
            tracing::debug!(why, "nothing to do");
            Ok(Vec::new())
        }
    };
    match taken {
        Ok(activities) if inline => axum::Json(reply::inline(activities)).into_response(),
        Ok(_) => StatusCode::ACCEPTED.into_response(),
        Err(NotTaken::Foreign) => {
            let why = "the conversation is another caller's";
            gateway.refusals.count("bot", "caller-foreign", &why, clock::now().0);
            refuse(StatusCode::FORBIDDEN, "Forbidden", why)
        }
        Err(NotTaken::Store(error)) => {
            tracing::error!(reason = %error, "a turn could not be kept");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "ServiceError", "it could not be kept; try again")
        }
    }
}

/// Why a turn was not taken.
enum NotTaken {
    Foreign,
    Store(StoreError),
}

impl From<StoreError> for NotTaken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, axum::Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

/// Somebody who may not call.
fn stranger(gateway: &Gateway, refusal: &Refusal) -> Response {
    gateway.refusals.count("bot", refusal.rule(), refusal, clock::now().0);
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let code = if status == StatusCode::FORBIDDEN { "Forbidden" } else { "Unauthorized" };
    let mut response = refuse(status, code, &refusal.told());
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(refusal.challenge()));
    response
}

/// Decides on a turn; gives back what an inline response carries.
async fn take(gateway: &Arc<Gateway>, turn: Turn) -> Result<Vec<Activity>, NotTaken> {
    if let Some(activities) = capacity::turn_away(gateway, &turn).await? {
        return Ok(activities);
    }
    let subject = Subject::Conversation(turn.key.clone());
    let (inline, address) = (turn.inline, turn.address.clone());
    let action = action(&turn);
    let once = once(&turn);
    // What is held for this customer, a session's end included, goes out with this response, whatever the turn is.
    let ours = |session: &handover_handoff::Session| session.address.caller == address.caller;
    let before = if inline { gateway.relay.look(subject).await?.filter(ours) } else { None };
    let opening = routing::opening(&gateway.routing, &gateway.sandbox, &turn);
    let Some(verdict) = gateway.relay.turn(turn, once, opening).await? else {
        return Ok(Vec::new());
    };
    let replies = gateway.outbound.replies();
    let mut activities = match before {
        Some(session) => held(gateway, session.id).await?,
        None => Vec::new(),
    };
    match verdict {
        Verdict::Starting(id) if inline => activities.extend(started(gateway, id, action, &address).await?),
        Verdict::Over { result, notice } if inline => {
            activities.extend(notice.map(|notice| replies.notice(&address, &notice)).unwrap_or_default());
            activities.extend(result.map(|result| reply::result(&address, &result)));
        }
        Verdict::Unknown(action) => {
            let result = ActionResult { to: action, code: ResultCode::CompletedSuccessfully, started: None };
            if inline {
                activities.push(reply::result(&address, &result));
            } else {
                let gateway = Arc::clone(gateway);
                tokio::spawn(async move {
                    try_often(|| gateway.outbound.post_result(&address, &result)).await;
                });
            }
        }
        Verdict::Forwarded(id) => gateway.typists.sent(id),
        Verdict::Foreign => return Err(NotTaken::Foreign),
        Verdict::Starting(_) | Verdict::Over { .. } | Verdict::Nothing => {}
    }
    Ok(activities)
}

/// What makes a repeated turn a duplicate. A start whose answer the response carries is asked again when the response
/// was lost; it meets the session that it began.
fn once(turn: &Turn) -> Option<Once> {
    if turn.inline && matches!(turn.request, Request::Start(_)) {
        return None;
    }
    let key = &turn.key;
    // One caller's ids are not another one's.
    let caller = turn.address.caller.as_deref().unwrap_or_default();
    let scope = format!("bot/{caller}/{}/{}/{}", key.tenant, key.channel, key.conversation);
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

/// The answer to a start, as soon as there is one; `pending` once the budget is spent.
async fn started(
    gateway: &Arc<Gateway>,
    id: SessionId,
    action: ActionRef,
    address: &ReturnAddress,
) -> Result<Vec<Activity>, StoreError> {
    let now = clock::now();
    let owed = match gateway.relay.store().session(id).await?.map(|session| session.answer) {
        Some(StartAnswer::Owed { by, .. }) => by.since(now),
        Some(StartAnswer::Given(_)) | None => 0,
    };
    let budget = Duration::from_millis(owed);
    let answered = |session: &handover_handoff::Session| matches!(session.answer, StartAnswer::Given(_));
    let mut session = gateway.relay.wait_for(id, budget, answered).await?;
    if !session.as_ref().is_some_and(answered) {
        gateway.relay.timer(id).await?;
        session = gateway.relay.store().session(id).await?;
    }
    let Some(session) = session else {
        return Ok(Vec::new());
    };
    let mut activities = held(gateway, id).await?;
    let result = ActionResult {
        to: action,
        code: ResultCode::CompletedSuccessfully,
        started: Some((session.live_chat_conversation_id(), session.start_status())),
    };
    activities.push(reply::result(address, &result));
    Ok(activities)
}

/// What waits for this customer to come back.
async fn held(gateway: &Arc<Gateway>, id: SessionId) -> Result<Vec<Activity>, StoreError> {
    let held = gateway.relay.store().take_held(id, clock::now()).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let Some(session) = gateway.relay.store().session(id).await? else {
        return Ok(Vec::new());
    };
    let replies = gateway.outbound.replies();
    let now = clock::now();
    let held = held.iter().map(|delivery| gateway.media.for_customer(delivery, now));
    Ok(held.flat_map(|delivery| replies.activities(&session, &delivery)).collect())
}

/// An event that is no action of ours: a bot that waits for its end gets one.
fn unknown(
    gateway: &Arc<Gateway>,
    name: String,
    address: ReturnAddress,
    activity: Option<String>,
    inline: bool,
) -> Vec<Activity> {
    if inline {
        return vec![reply::unknown_event(&address, &name, activity.as_deref())];
    }
    let gateway = Arc::clone(gateway);
    tokio::spawn(async move {
        try_often(|| gateway.outbound.refuse_event(&address, &name, activity.as_deref())).await;
    });
    Vec::new()
}

pub(crate) async fn try_often<F>(mut post: impl FnMut() -> F)
where
    F: Future<Output = Result<(), handover_handoff::delivery::Failure>>,
{
    for attempt in 1..=TRIES {
        match post().await {
            Ok(()) => return,
            Err(failure) => {
                tracing::warn!(attempt, detail = failure.detail, "a result was not posted")
            }
        }
        tokio::time::sleep(PAUSE * attempt).await;
    }
}
