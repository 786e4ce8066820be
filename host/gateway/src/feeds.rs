//! Feeds, as connectors have them: what a look, or a frame of a stream, brings from the vendor.

use std::sync::Arc;

use handover_handoff::Session;
use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use handover_relay::{Batch, Frame, Item, Later, Stream};
use handover_sandbox::{CallError, Frames, Generation, Gleaned, Happening, Sandbox};

use crate::clock;

/// The connectors that are asked, each with the version that serves.
pub(crate) fn of(sandbox: &Sandbox) -> Vec<(String, String)> {
    let feeding = sandbox.serving().into_iter().filter(|(_, one)| one.description().capabilities.feed);
    feeding.map(|(name, one)| (name, one.digest().to_owned())).collect()
}

pub(crate) async fn poll(sandbox: &Sandbox, session: &Session) -> Result<Batch, Failure> {
    batch(connector(sandbox, session).await?.poll(session, clock::now()).await)
}

pub(crate) async fn open(sandbox: &Sandbox, session: &Session) -> Result<Option<Box<dyn Stream>>, Failure> {
    let opened = connector(sandbox, session).await?.stream(session, clock::now()).await;
    Ok(opened.map_err(CallError::into_failure)?.map(|frames| Box::new(Open(frames)) as Box<dyn Stream>))
}

pub(crate) async fn read(sandbox: &Sandbox, session: &Session, frame: Frame) -> Result<Batch, Failure> {
    let frame = handover_sandbox::Frame { name: frame.name, id: frame.id, data: frame.data };
    batch(connector(sandbox, session).await?.read(session, frame, clock::now()).await)
}

async fn connector(sandbox: &Sandbox, session: &Session) -> Result<Arc<Generation>, Failure> {
    sandbox.connector_of(session).await.ok_or_else(|| Failure {
        reason: FailureReason::Unavailable,
        retry: RetryAdvice::Safe(None),
        detail: format!("connector `{}` is not there", session.connector),
    })
}

fn batch(gleaned: Result<Gleaned, CallError>) -> Result<Batch, Failure> {
    let gleaned = gleaned.map_err(CallError::into_failure)?;
    let (mut items, mut typing) = (Vec::with_capacity(gleaned.items.len()), None);
    for (name, happening) in gleaned.items {
        match happening {
            Happening::Event(event) => items.push(Item { name, event: *event }),
            Happening::Typing(on) => typing = Some(on),
        }
    }
    Ok(Batch { items, typing, cursor: gleaned.cursor, update: gleaned.update, delay: gleaned.delay })
}

/// A stream that the sandbox keeps.
struct Open(Frames);

impl Stream for Open {
    fn next(&mut self) -> Later<'_, Result<Frame, Failure>> {
        Box::pin(async move {
            let frame = self.0.next().await.map_err(CallError::into_failure)?;
            Ok(Frame { name: frame.name, id: frame.id, data: frame.data })
        })
    }
}
