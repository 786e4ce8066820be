//! What every request from the gateway passes through: it is put on record, and it meets the fault switched on for it.
use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    cut::Cut,
    faults::{Mode, Target},
    refusal::Refusal,
    simulator::Simulator,
    wire::{Answer, Direction, Exchange, Route, headers_of},
};

/// More than any service takes; what is larger is refused unread.
const READ_AT_MOST: usize = 1024 * 1024;

#[derive(Clone)]
pub(crate) struct Gate {
    pub simulator: Arc<Simulator>,
    pub target: Target,
}

pub(crate) async fn pass(
    State(Gate { simulator, target }): State<Gate>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let conversation_id = params
        .iter()
        .find(|(name, _)| *name == "conversation")
        .map(|(_, id)| id.to_owned())
        .unwrap_or_default();
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, READ_AT_MOST).await else {
        return Refusal::MessageSizeTooBig.into_response();
    };
    let fault = simulator.faults.meet(target, &conversation_id);
    let exchange = simulator.wire.open(Exchange {
        direction: Direction::FromSkill,
        route: match target {
            Target::Connector => Route::Connector,
            Target::Runtime => Route::Runtime,
        },
        conversation_id,
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers_of(&head.headers),
        body: json_or_text(&body),
        attempt: 1,
        fault: fault.as_ref().map(|fault| fault.mode.name()),
    });

    let mut response = None;
    if let Some(fault) = &fault {
        if fault.mode == Mode::Drop {
            return hang_up(&cut);
        }
        response = fault.refusal().map(IntoResponse::into_response);
    }
    let response = match response {
        Some(refused) => refused,
        None => next.run(Request::from_parts(head, Body::from(body))).await,
    };
    match fault {
        Some(fault) if fault.mode == Mode::DropAfter => return hang_up(&cut),
        Some(fault) if fault.mode == Mode::Slow => tokio::select! {
            () = tokio::time::sleep(fault.delay()) => {}
            () = simulator.stopped() => {}
        },
        _ => {}
    }

    let (head, body) = response.into_parts();
    // The bodies are our own, small and whole.
    let body = to_bytes(body, READ_AT_MOST).await.unwrap_or_default();
    simulator.wire.answered(
        exchange,
        Answer {
            status: head.status.as_u16(),
            headers: headers_of(&head.headers),
            body: json_or_text(&body),
        },
    );
    Response::from_parts(head, Body::from(body))
}

/// What is returned is never written: the connection is gone.
fn hang_up(cut: &Cut) -> Response {
    cut.now();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn json_or_text(body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}
