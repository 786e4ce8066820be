//! The switches and faults, to be read and thrown while the simulator runs.
use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Map, Value, json};

use crate::{
    config::Switches,
    faults::{Fault, Order},
    refusal::Refusal,
    simulator::Simulator,
    wire,
};

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/api/about", get(about))
        .route("/api/faults", get(faults).post(order_fault))
        .route("/api/switches", get(switches).post(throw_switches))
        .route("/api/wire", get(wire::read))
}

/// Who is who, for whoever sets up the other side.
async fn about(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    let config = &simulator.config;
    Json(json!({
        "agentName": config.agent_name,
        "agentAppId": config.agent_app_id,
        "botId": config.bot_id,
        "tenantId": config.tenant_id,
        "liveChatName": config.live_chat_name,
        "skillUrl": simulator.skill_url(),
        "skillAppId": config.skill_app_id,
        "serviceUrl": simulator.service_url(),
        "connectorUrl": format!("http://{}/teams/", simulator.addr),
        "authorityUrl": simulator.authority.base,
        "checksTokens": config.checks_tokens,
        "issuedTokens": simulator.authority.issued(),
        "refusedTokens": simulator.authority.refused(),
    }))
}

async fn faults(State(simulator): State<Arc<Simulator>>) -> Json<Vec<Fault>> {
    Json(simulator.faults.list())
}

async fn order_fault(State(simulator): State<Arc<Simulator>>, Json(order): Json<Order>) -> Json<Vec<Fault>> {
    simulator.faults.order(&order);
    Json(simulator.faults.list())
}

async fn switches(State(simulator): State<Arc<Simulator>>) -> Json<Switches> {
    Json(simulator.switches())
}

/// Takes the switches to be changed; the others stay.
async fn throw_switches(
    State(simulator): State<Arc<Simulator>>,
    Json(change): Json<Map<String, Value>>,
) -> Result<Json<Switches>, Refusal> {
    let mut switches = json!(simulator.switches());
    for (name, value) in change {
        switches[name] = value;
    }
    let switches: Switches =
        serde_json::from_value(switches).map_err(|error| Refusal::BadArgument(error.to_string()))?;
    simulator.set_switches(switches);
    Ok(Json(switches))
}
