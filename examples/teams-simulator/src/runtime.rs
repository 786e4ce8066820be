//! The bot's runtime: where the skill sends its replies with normal delivery.
use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    middleware,
    routing::post,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    conversation::Conversation,
    exchange::{self, Gate},
    faults::Target,
    refusal::{Refusal, method_not_allowed},
    simulator::Simulator,
    transcript::{From, Line, Via},
};

pub(crate) fn routes(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let gate = Gate { simulator: simulator.clone(), target: Target::Runtime };
    const ACTIVITIES: &str = "/api/runtime/bots/{bot}/skillsV2/v3/conversations/{conversation}/activities";
    Router::new()
        .route(ACTIVITIES, post(reply))
        .route(&format!("{ACTIVITIES}/{{activity}}"), post(reply))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(gate, exchange::pass))
}

#[derive(Deserialize)]
struct Place {
    bot: String,
    conversation: String,
}

/// Answers with an empty body, as Copilot Studio does.
async fn reply(
    State(simulator): State<Arc<Simulator>>,
    Path(place): Path<Place>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    if place.bot != simulator.config.bot_id {
        return Err(Refusal::NotFound);
    }
    let conversation = simulator.conversation(&place.conversation)?;
    let activity: Value =
        serde_json::from_slice(&body).map_err(|error| Refusal::BadSyntax(error.to_string()))?;
    if !activity["type"].is_string() {
        return Err(Refusal::BadArgument("Activity type is required.".into()));
    }
    receive(&conversation, &activity);
    Ok(StatusCode::OK)
}

/// What the skill replies, on this route or in the answer to an `expectReplies` activity.
pub(crate) fn receive(conversation: &Conversation, activity: &Value) {
    let name = activity["from"]["name"].as_str();
    match activity["type"].as_str() {
        Some("message") => {
            let name = name.map_or_else(|| conversation.bot_name.clone(), str::to_owned);
            conversation.add(Line::received(From::Bot, name, activity, Via::Runtime));
        }
        Some("typing") => conversation.typed(name.map(str::to_owned)),
        Some("endOfConversation") => conversation.may_return(|handover| handover.ended(activity)),
        // Events and traces are no business of the customer's; they are on record.
        _ => {}
    }
}
