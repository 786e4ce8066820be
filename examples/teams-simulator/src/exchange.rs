//! What every request from the gateway passes through: its token is checked, it is put on record, and it meets the fault
//! switched on for it.
use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    cut::Cut,
    faults::{Mode, Target},
    redaction,
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
    let wrong = match target {
        Target::Connector | Target::Runtime if simulator.config.checks_tokens => {
            let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            simulator.authority.check(authorization, target).await.err()
        }
        _ => None,
    };
    // Who is not let in meets no fault either: it is left for who is.
    let fault = if wrong.is_none() { simulator.faults.meet(target, &conversation_id) } else { None };
    if let Some(wrong) = &wrong
        && let Ok(conversation) = simulator.conversation(&conversation_id)
    {
        conversation.refused(&wrong.to_string());
    }
    let exchange = simulator.wire.open(Exchange {
        direction: Direction::FromSkill,
        route: match target {
            Target::Connector => Route::Connector,
            Target::Runtime => Route::Runtime,
            Target::Authority => Route::Authority,
        },
        conversation_id,
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers_of(&head.headers),
        body: shown(target, &body),
        attempt: 1,
        fault: fault.as_ref().map(|fault| fault.mode.name()),
        token: wrong.as_ref().map(ToString::to_string),
    });

    let mut response = wrong.map(|_| Refusal::Unauthorized.into_response());
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
            body: shown(target, &body),
        },
    );
    Response::from_parts(head, Body::from(body))
}

/// What is returned is never written: the connection is gone.
fn hang_up(cut: &Cut) -> Response {
    cut.now();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// A body as it is put on record; what the authority is asked and answers is put there without its secrets.
fn shown(target: Target, body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let json = serde_json::from_slice(body);
    match target {
        Target::Connector | Target::Runtime => {
            json.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
        }
        Target::Authority => redaction::body(json.unwrap_or_else(|_| redaction::form(body))),
    }
}
