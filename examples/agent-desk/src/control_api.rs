//! The API for whoever plays the vendor's operations: open and close the desk, set faults, read the wire log.

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{agent_api::Told, desk::Desk, faults::Fault, refusal::Refusal, vendor::Skill, wire::Exchange};

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/desk", get(show))
        .route("/desk/open", post(open))
        .route("/desk/close", post(close))
        .route("/desk/faults", get(faults).post(set).delete(clear))
        .route("/desk/wire", get(requests).delete(forget))
        .route("/desk/webhooks", get(webhooks))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only this operation.
    operation: Option<String>,
    /// Only what came later than this number.
    #[serde(default)]
    after: u64,
}

impl Desk {
    /// What the page must know of the desk itself.
    pub(crate) fn state(&self) -> Value {
        let skills = self.hands().map_or(Skill::ALL, |hands| hands.skills());
        json!({ "open": self.is_open(), "faults": self.faults().list(), "skills": skills, "nobody": self.inner.nobody })
    }

    /// Tells the consoles that the desk or its faults have changed.
    pub(crate) fn push_state(&self) {
        self.feed().push("desk", || self.state());
    }
}

async fn show(State(desk): State<Desk>) -> Json<Value> {
    Json(desk.state())
}

async fn open(State(desk): State<Desk>, Told(Nothing {}): Told<Nothing>) -> Json<Value> {
    desk.set_open(true);
    Json(desk.state())
}

async fn close(State(desk): State<Desk>, Told(Nothing {}): Told<Nothing>) -> Json<Value> {
    desk.set_open(false);
    Json(desk.state())
}

async fn faults(State(desk): State<Desk>) -> Json<Vec<Fault>> {
    Json(desk.faults().list())
}

async fn set(State(desk): State<Desk>, Told(fault): Told<Fault>) -> Result<Json<Vec<Fault>>, Refusal> {
    desk.faults().add(fault)?;
    desk.push_state();
    Ok(Json(desk.faults().list()))
}

async fn clear(State(desk): State<Desk>) -> Json<Vec<Fault>> {
    desk.faults().clear();
    desk.push_state();
    Json(Vec::new())
}

async fn requests(State(desk): State<Desk>, Query(filter): Query<Filter>) -> Json<Vec<Exchange>> {
    Json(chosen(desk.wire().requests(), &filter))
}

async fn webhooks(State(desk): State<Desk>, Query(filter): Query<Filter>) -> Json<Vec<Exchange>> {
    Json(chosen(desk.wire().webhooks(), &filter))
}

async fn forget(State(desk): State<Desk>) -> Json<Value> {
    desk.wire().clear();
    Json(json!({}))
}

fn chosen(mut exchanges: Vec<Exchange>, filter: &Filter) -> Vec<Exchange> {
    exchanges.retain(|exchange| {
        exchange.number > filter.after
            && filter.operation.as_ref().is_none_or(|operation| *operation == exchange.operation)
    });
    exchanges
}
