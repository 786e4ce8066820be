//! What the gateway calls on the customer's behalf: start, messages, typing, receipts, end.

use std::sync::Arc;

use agent_desk::{Customer, Delivery, Incoming, Opening, Party, Turn, fresh_id};
use axum::{Json, Router, extract::State, http::StatusCode, middleware, routing::post};
use serde_json::{Value, json};

use crate::{App, authorization, body::Fields, refusal::Refusal};

type Answer = Result<Json<Value>, Refusal>;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let desk = &app.desk;
    Router::new()
        .route("/api/chat/start", desk.operation("start", post(start)))
        .route("/api/livechat/start", desk.operation("start", post(start)))
        .route("/api/chat/receive", desk.operation("send", post(receive)))
        .route("/api/livechat/send", desk.operation("send", post(receive)))
        .route("/api/chat/end", desk.operation("end", post(end)))
        .route("/api/livechat/end", desk.operation("end", post(end)))
        .route("/api/chat/typing", desk.operation("typing", post(typing)))
        .route("/api/chat/receipt", desk.operation("receipt", post(receipt)))
        // Outermost: a stranger is not told what is broken either.
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), authorization::ask_for_key))
}

async fn start(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let opening = opening(&fields)?;
    let problem = opening.problem.clone();
    let (id, status) = app.desk.begin_if_open(opening)?;
    // The agents see what the first start of a session brought.
    let seen = app.desk.look(&id, |conversation| conversation.opening.problem.clone()).flatten();
    let shown = problem.is_some() && problem == seen;
    Ok(Json(json!({ "conversationId": id, "status": status.word(), "problemShown": shown })))
}

async fn receive(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let text = fields.text("message")?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(agent_desk::Refusal::Empty.into());
    }
    let id = fields.required("conversationId")?;
    let incoming = Incoming {
        text,
        sender: fields.name("sender")?,
        id: fields.name("id")?,
        sent_at: fields.name("timestamp")?,
        ..Incoming::default()
    };
    let received = app.desk.receive(&id, incoming)?;
    Ok(Json(json!({ "message": "Message received successfully", "messageId": received.message_id })))
}

async fn end(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    let reason = fields.name("reason")?;
    // As in the sample an unknown conversation is as good as ended.
    let _ = app.desk.end(&id, Party::Customer, reason);
    Ok(Json(json!({ "message": "Conversation ended successfully" })))
}

async fn typing(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    let id = fields.required("conversationId")?;
    let typing = fields.flag("typing")?.unwrap_or(true);
    let sender = fields.name("sender")?;
    app.desk.customer_types(&id, typing, sender)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn receipt(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    let message_id = fields.required("messageId")?;
    let news = match fields.required("status")?.as_str() {
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "not-delivered" => {
            Delivery::NotDelivered(fields.name("reason")?.unwrap_or_else(|| "No reason was given".to_owned()))
        }
        _ => {
            return Err(Refusal::bad("status must be delivered, read or not-delivered"));
        }
    };
    app.desk.receipt(&id, &message_id, news)?;
    Ok(Json(json!({ "message": "Receipt taken" })))
}

fn opening(fields: &Fields) -> Result<Opening, Refusal> {
    let customer = fields.object("customer")?;
    let turns = fields.objects("transcript")?.into_iter().map(|turn| {
        Ok(Turn {
            role: turn.name("role")?.unwrap_or_else(|| "customer".to_owned()),
            name: turn.name("name")?,
            text: turn.text("text")?.unwrap_or_default(),
            time: turn.name("time")?,
        })
    });
    Ok(Opening {
        id: fresh_id(),
        session_id: fields.name("sessionId")?,
        customer: Customer {
            id: customer.name("id")?,
            name: customer.name("name")?,
            email: customer.name("email")?,
            locale: customer.name("locale")?,
        },
        channel: fields.name("channel")?,
        locale: fields.name("locale")?,
        problem: fields.name("problem")?,
        transcript: turns.collect::<Result<_, Refusal>>()?,
        attributes: fields.object("attributes")?.into_attributes(),
    })
}
