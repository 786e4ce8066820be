//! What happens in a conversation, pushed to the page as it happens.
use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    conversation::{Conversation, TYPING_SHOWN},
    refusal::Refusal,
    simulator::Simulator,
};

type Told = Result<Event, Infallible>;

/// `GET /api/conversations/{id}/events`: `entry` for each line, new or changed, with its revision as id, so that
/// `Last-Event-ID` goes on where it broke off; `state` and `typing` as they change.
pub(crate) async fn stream(
    State(simulator): State<Arc<Simulator>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let conversation = simulator.conversation(&id)?;
    let seen = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok())
        .unwrap_or(0);
    let (events, told) = mpsc::channel(16);
    tokio::spawn(async move {
        tokio::select! {
            () = simulator.stopped() => {}
            // Nobody listens any more.
            () = events.closed() => {}
            _ = tell(&conversation, seen, &events) => {}
        }
    });
    Ok(Sse::new(ReceiverStream::new(told)).keep_alive(KeepAlive::default()))
}

async fn tell(
    conversation: &Conversation,
    mut seen: u64,
    events: &mpsc::Sender<Told>,
) -> Result<(), mpsc::error::SendError<Told>> {
    let mut changes = conversation.watch();
    let mut last_shown = None;
    let mut last_typing = 0;
    loop {
        changes.mark_unchanged();
        for entry in conversation.after(seen) {
            seen = entry.revision;
            events.send(Ok(event("entry", &entry).id(seen.to_string()))).await?;
        }
        let shown = conversation.shown();
        if last_shown.as_ref() != Some(&shown) {
            events.send(Ok(event("state", &shown))).await?;
            last_shown = Some(shown);
        }
        if let Some(typing) = conversation.typing()
            && typing.nth != last_typing
        {
            last_typing = typing.nth;
            let told = json!({ "name": typing.name, "seconds": TYPING_SHOWN.as_secs() });
            events.send(Ok(event("typing", &told))).await?;
        }
        if changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).unwrap_or_else(|error| json!(error.to_string()).to_string());
    Event::default().event(name).data(data)
}
