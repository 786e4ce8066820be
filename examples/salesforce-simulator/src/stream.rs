//! The stream of a visitor's events, and the switches that disturb it.

use std::{io, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::sse::{Event, Sse},
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};

use crate::{
    Organization,
    book::Book,
    fields::Body,
    refusal::Refusal,
    tokens::{Visitor, seconds, short},
};

/// Disturbs the streams that are open.
pub struct Streams<'a>(pub(crate) &'a Book);

impl Streams<'_> {
    /// Breaks all of them off; whoever comes back goes on where they were.
    pub fn break_off(&self) {
        self.0.break_off();
    }

    /// Keeps the next events out of the stream for good; the list of entries has them.
    pub fn lose(&self, events: u32) {
        self.0.lose(events);
    }

    /// Says each of the next events twice.
    pub fn repeat(&self, events: u32) {
        self.0.repeat(events);
    }

    /// Lets the next two events change places.
    pub fn swap(&self) {
        self.0.swap();
    }

    /// The data of all events that were told, in the order in which they were.
    pub fn told(&self) -> Vec<String> {
        self.0.told()
    }
}

/// The same over HTTP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switches {
    #[serde(default)]
    drop: bool,
    lose: Option<u32>,
    repeat: Option<u32>,
    #[serde(default)]
    swap: bool,
}

pub(crate) async fn switch(
    State(app): State<Arc<Organization>>,
    Body(switches): Body<Switches>,
) -> StatusCode {
    let streams = Streams(&app.book);
    switches.lose.inspect(|events| streams.lose(*events));
    switches.repeat.inspect(|events| streams.repeat(*events));
    if switches.swap {
        streams.swap();
    }
    if switches.drop {
        streams.break_off();
    }
    StatusCode::NO_CONTENT
}

pub(crate) async fn open(
    State(app): State<Arc<Organization>>,
    visitor: Result<Visitor, Refusal>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = io::Result<Event>>>, Refusal> {
    let visitor = visitor.map_err(Refusal::of_router)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("x-org-id") != Some(short(&app.config.organization)) {
        return Err(Refusal::unauthorized("X-Org-Id").of_router());
    }
    let wanted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !wanted.contains("text/event-stream") && !wanted.contains("*/*") {
        return Err(Refusal::not_acceptable().of_router());
    }
    let after = match header("last-event-id") {
        Some(id) => id.parse().map_err(|_| Refusal::bad("Last-Event-ID").of_router())?,
        None => app.book.last_event(),
    };
    let (to_visitor, events) = mpsc::channel(64);
    tokio::spawn(async move { tell(&app, &visitor, after, to_visitor).await });
    Ok(Sse::new(ReceiverStream::new(events)))
}

/// Tells one connection until it goes, its token expires, or somebody breaks it off.
async fn tell(
    app: &Organization,
    visitor: &Visitor,
    mut after: u64,
    connection: mpsc::Sender<io::Result<Event>>,
) {
    let breaks = app.book.breaks();
    let mut changed = app.book.watch();
    let left = Duration::from_secs(visitor.expires.saturating_sub(seconds()));
    let expiry = tokio::time::sleep(left);
    let stop = app.desk.stopping();
    tokio::pin!(expiry);
    loop {
        // Before it looks, so that nothing that comes meanwhile is missed.
        changed.mark_unchanged();
        for event in app.book.after(after, &visitor.subject) {
            after = event.number;
            app.book.tells(&event.data);
            let told = Event::default().id(event.number.to_string()).event(event.name).data(&event.data);
            if connection.send(Ok(told)).await.is_err() {
                return;
            }
        }
        let ping = tokio::select! {
            _ = changed.changed() => false,
            () = tokio::time::sleep(app.config.ping) => true,
            () = &mut expiry => return,
            () = stop.cancelled() => return,
            () = connection.closed() => return,
        };
        if app.book.breaks() != breaks {
            let _ = connection.send(Err(io::ErrorKind::ConnectionAborted.into())).await;
            return;
        }
        if ping && connection.send(Ok(Event::default().event("ping").data("0"))).await.is_err() {
            return;
        }
    }
}
