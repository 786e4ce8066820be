//! The calls of a connector's `feed`: what has happened, which stream tells it, and what a frame of that says.

use handover_handoff::outcome::Update;
use handover_handoff::{Session, Timestamp};

use crate::bindings::exports::handover::connector::feed as guest;
use crate::convert;
use crate::error::CallError;
use crate::generation::{Generation, Happening, refused};
use crate::stream::{Frame, Frames};

/// What a look brought, or a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gleaned {
    /// In order, each with its name among all that the vendor tells of this session.
    pub items: Vec<(String, Happening)>,
    /// Where to look on from.
    pub cursor: String,
    /// Until the next look, in milliseconds, where the connector says.
    pub delay: Option<u64>,
    /// What the connector remembers.
    pub update: Update,
}

impl Generation {
    /// What has happened in a session since its cursor.
    pub async fn poll(&self, session: &Session, now: Timestamp) -> Result<Gleaned, CallError> {
        let indices = self.interfaces.feed.clone().ok_or(CallError::Unsupported("feed"))?;
        let context = self.context(now);
        let (subject, migrated) = self.own(session, now).await?.apart();
        let cursor = session.vendor.cursor.clone();
        let batch = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let feed = indices.load(&mut *store, &instance)?;
                    feed.call_poll(store, &context, &subject, cursor.as_deref()).await
                })
            })
            .await?
            .map_err(refused)?;
        self.gleaned(batch, migrated)
    }

    /// Opens the stream that tells what happens in a session; none where the connector has none.
    pub async fn stream(&self, session: &Session, now: Timestamp) -> Result<Option<Frames>, CallError> {
        let indices = self.interfaces.feed.clone().ok_or(CallError::Unsupported("feed"))?;
        let context = self.context(now);
        let subject = self.own(session, now).await?.subject;
        let cursor = session.vendor.cursor.clone();
        let subscription = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let feed = indices.load(&mut *store, &instance)?;
                    feed.call_open(store, &context, &subject, cursor.as_deref()).await
                })
            })
            .await?
            .map_err(refused)?;
        match subscription {
            None => Ok(None),
            Some(subscription) => match subscription.transport {
                guest::Transport::ServerSentEvents => {
                    self.caller.subscribe(subscription, now).await.map(Some)
                }
                guest::Transport::Websocket => Err(CallError::Unsupported("websocket")),
            },
        }
    }

    /// What a frame of a session's stream says.
    pub async fn read(&self, session: &Session, frame: Frame, now: Timestamp) -> Result<Gleaned, CallError> {
        let indices = self.interfaces.feed.clone().ok_or(CallError::Unsupported("feed"))?;
        let context = self.context(now);
        let (subject, migrated) = self.own(session, now).await?.apart();
        let frame = guest::Frame { name: frame.name, id: frame.id, data: frame.data };
        let batch = self
            .caller
            .run(self.call(session), move |store, instance| {
                Box::pin(async move {
                    let feed = indices.load(&mut *store, &instance)?;
                    feed.call_read(store, &context, &subject, &frame).await
                })
            })
            .await?
            .map_err(refused)?;
        self.gleaned(batch, migrated)
    }

    fn gleaned(&self, batch: guest::Batch, migrated: Option<String>) -> Result<Gleaned, CallError> {
        self.bounds().batch(&batch)?;
        let items = batch.items.into_iter().map(|item| (item.dedupe_id, convert::happening(item.event)));
        Ok(Gleaned {
            items: items.collect(),
            cursor: batch.cursor,
            delay: batch.next_delay.map(u64::from),
            update: self.kept(batch.update, migrated),
        })
    }
}
