//! What the gateway calls on the customer's behalf: start, messages, typing, receipts, end.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware,
    routing::{MethodRouter, post},
};
use serde_json::{Value, json};

use crate::{
    App, authorization,
    body::Fields,
    conversation::{Customer, Incoming, Opening, Turn},
    message::Delivery,
    refusal::Refusal,
    switches,
};

type Answer = Result<Json<Value>, Refusal>;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    // The faults belong to the calls of the sample's own contract.
    let faulty = |route: MethodRouter<Arc<App>>| {
        route.layer(middleware::from_fn_with_state(Arc::clone(app), switches::disturb))
    };
    Router::new()
        .route("/api/chat/start", faulty(post(start)))
        .route("/api/livechat/start", faulty(post(start)))
        .route("/api/chat/receive", faulty(post(receive)))
        .route("/api/livechat/send", faulty(post(receive)))
        .route("/api/chat/end", faulty(post(end)))
        .route("/api/livechat/end", faulty(post(end)))
        .route("/api/chat/typing", post(typing))
        .route("/api/chat/receipt", post(receipt))
        // Outermost: a stranger is not told what is broken either.
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), authorization::ask_for_key))
}

async fn start(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let (id, status) = app.desk.open(opening(&fields)?, app.switches.closed())?;
    Ok(Json(json!({ "conversationId": id, "status": status.word() })))
}

async fn receive(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let text = fields.text("message")?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Refusal::empty_text());
    }
    let id = fields.required("conversationId")?;
    let incoming = Incoming {
        text,
        sender: fields.name("sender")?,
        id: fields.name("id")?,
        sent_at: fields.name("timestamp")?,
    };
    let message_id = app.desk.change(&id, |conversation| conversation.receive(incoming))?;
    Ok(Json(json!({ "message": "Message received successfully", "messageId": message_id })))
}

async fn end(State(app): State<Arc<App>>, fields: Fields) -> Answer {
    let id = fields.required("conversationId")?;
    let reason = fields.name("reason")?;
    // As in the sample an unknown conversation is as good as ended.
    let _ = app.desk.change(&id, |conversation| {
        conversation.end_by_customer(reason);
        Ok(())
    });
    Ok(Json(json!({ "message": "Conversation ended successfully" })))
}

async fn typing(State(app): State<Arc<App>>, fields: Fields) -> Result<StatusCode, Refusal> {
    let id = fields.required("conversationId")?;
    let typing = fields.flag("typing")?.unwrap_or(true);
    let sender = fields.name("sender")?;
    app.desk.change(&id, |conversation| {
        conversation.refuse_ended()?;
        let name = sender.or_else(|| conversation.opening.customer.name.clone());
        app.desk.feed().push(
            "typing",
            || json!({ "conversationId": id, "from": "customer", "name": name, "typing": typing }),
        );
        Ok(StatusCode::NO_CONTENT)
    })
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
    app.desk.change(&id, |conversation| conversation.receipt(&message_id, news))?;
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
