//! The Bot Connector: where a message is posted straight into the customer's Teams chat.
use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    exchange::{self, Gate},
    faults::Target,
    refusal::{Refusal, method_not_allowed, not_found},
    simulator::Simulator,
    transcript::{From, Line, Via},
};

/// About what Teams takes in one message.
const LARGEST: usize = 28 * 1024;

pub(crate) fn routes(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let gate = Gate { simulator: simulator.clone(), target: Target::Connector };
    let connector = Router::new()
        .route("/v3/conversations/{conversation}/activities", post(send))
        .route(
            "/v3/conversations/{conversation}/activities/{activity}",
            post(reply).put(update).delete(delete),
        )
        .route("/v3/conversations/{conversation}/members", get(members))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(gate, exchange::pass))
        .fallback(not_found);
    Router::new().nest("/teams", connector)
}

fn read(body: &Bytes) -> Result<Value, Refusal> {
    if body.len() > LARGEST {
        return Err(Refusal::MessageSizeTooBig);
    }
    let activity: Value = serde_json::from_slice(body)
        .map_err(|error| Refusal::BadSyntax(format!("Bad format of activity: {error}")))?;
    if !activity.is_object() {
        return Err(Refusal::BadSyntax("Activity is not an object.".into()));
    }
    Ok(activity)
}

async fn send(
    State(simulator): State<Arc<Simulator>>,
    Path(conversation): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    post_activity(&simulator, &conversation, &body)
}

/// Teams shows no threads in a personal chat: a reply is one more message.
async fn reply(
    State(simulator): State<Arc<Simulator>>,
    Path((conversation, _)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    post_activity(&simulator, &conversation, &body)
}

fn post_activity(simulator: &Simulator, id: &str, body: &Bytes) -> Result<Response, Refusal> {
    let conversation = simulator.conversation(id)?;
    let activity = read(body)?;
    if simulator.switches().enforce_teams_limits {
        simulator
            .limits
            .count(id)
            .map_err(|retry_after_seconds| Refusal::Throttled { retry_after_seconds })?;
    }
    match activity["type"].as_str() {
        Some("message") => {
            check_message(&activity)?;
            let (from, name) = speaker(&activity, &simulator.config.agent_name);
            if from == From::Agent {
                conversation.handover(|handover| handover.answered_by(&name));
            }
            let (id, _) = conversation.add(Line::received(from, name, &activity, Via::Connector));
            Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
        }
        Some("typing") => {
            conversation.typed(
                activity["from"]["name"]
                    .as_str()
                    // The bot's own account types for whoever speaks through it.
                    .filter(|name| *name != simulator.config.agent_name)
                    .map(str::to_owned),
            );
            Ok(StatusCode::ACCEPTED.into_response())
        }
        Some(other) => Err(Refusal::BadArgument(format!("Unknown activity type: {other}"))),
        None => Err(Refusal::BadArgument("Activity type is required.".into())),
    }
}

fn check_message(activity: &Value) -> Result<(), Refusal> {
    let text = &activity["text"];
    if !text.is_null() && !text.is_string() {
        return Err(Refusal::BadArgument("Text must be a string.".into()));
    }
    let something = text.as_str().is_some_and(|text| !text.trim().is_empty())
        || activity["attachments"].as_array().is_some_and(|attachments| !attachments.is_empty());
    if !something {
        return Err(Refusal::BadSyntax("Message has neither text nor attachments.".into()));
    }
    Ok(())
}

/// Who speaks. A live agent's name leads the text, in bold: `**Contoso Support**: hello`; anything else is said in the
/// bot's own name.
fn speaker(activity: &Value, bot_name: &str) -> (From, String) {
    let led_by = activity["text"]
        .as_str()
        .and_then(|text| text.strip_prefix("**"))
        .and_then(|text| text.split_once("**: "))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && !name.contains('\n'));
    match led_by {
        Some(name) => (From::Agent, name.to_owned()),
        None => (From::Bot, activity["from"]["name"].as_str().unwrap_or(bot_name).to_owned()),
    }
}

async fn update(
    State(simulator): State<Arc<Simulator>>,
    Path((conversation, activity_id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let conversation = simulator.conversation(&conversation)?;
    let activity = read(&body)?;
    check_message(&activity)?;
    if !conversation.amend(&activity_id, Some(&activity)) {
        return Err(Refusal::ActivityNotFound);
    }
    Ok(Json(json!({ "id": activity_id })))
}

async fn delete(
    State(simulator): State<Arc<Simulator>>,
    Path((conversation, activity_id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    if !simulator.conversation(&conversation)?.amend(&activity_id, None) {
        return Err(Refusal::ActivityNotFound);
    }
    Ok(StatusCode::OK)
}

async fn members(
    State(simulator): State<Arc<Simulator>>,
    Path(conversation): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let conversation = simulator.conversation(&conversation)?;
    let who = &conversation.identity;
    Ok(Json(json!([{
        "id": who.user_id,
        "name": who.name,
        "aadObjectId": who.aad_object_id,
        "tenantId": simulator.config.tenant_id,
        "userRole": "user",
    }])))
}
