//! Pushes to the consoles, as server-sent events.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::response::sse::{Event, KeepAlive, Sse};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_stream::{Stream, StreamExt, wrappers::BroadcastStream};

/// Pushes a slow console may lag behind before it is told to fetch everything anew.
const BACKLOG: usize = 1024;

#[derive(Debug)]
struct Push {
    name: &'static str,
    data: String,
}

/// The consoles that listen.
pub(crate) struct Feed(Mutex<Option<broadcast::Sender<Arc<Push>>>>);

impl Default for Feed {
    fn default() -> Self {
        Self(Mutex::new(Some(broadcast::Sender::new(BACKLOG))))
    }
}

impl Feed {
    /// Pushes one event to every console; `data` is made only when there is one.
    pub(crate) fn push(&self, name: &'static str, data: impl FnOnce() -> Value) {
        let feed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = feed.as_ref().filter(|sender| sender.receiver_count() > 0) {
            // Without receivers by now, there is nobody to miss it.
            let _ = sender.send(Arc::new(Push { name, data: data().to_string() }));
        }
    }

    /// Ends every stream, those to come included.
    pub(crate) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// A stream of everything pushed from now on. It begins with `hello`, which tells the console that it misses
    /// nothing from here and may fetch what was before.
    pub(crate) fn subscribe(&self) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let open =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(broadcast::Sender::subscribe);
        // Once closed, a receiver without a sender: its stream ends at once.
        let receiver = open.unwrap_or_else(|| broadcast::channel(1).1);
        let hello = Event::default().event("hello").data("{}").retry(Duration::from_secs(1));
        let pushes = BroadcastStream::new(receiver).map(|push| match push {
            Ok(push) => Event::default().event(push.name).data(&push.data),
            // The console fell behind and lost pushes: as after a break, it must fetch.
            Err(_) => Event::default().event("hello").data("{}"),
        });
        Sse::new(tokio_stream::once(hello).chain(pushes).map(Ok)).keep_alive(KeepAlive::default())
    }
}
