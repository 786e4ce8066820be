//! Callbacks that cannot be read, as they are kept: the raw request, to be read by the connector's next version.

use handover_relay::Happened;
use handover_sandbox::{CallbackRequest, Happening, MapError, Sandbox};
use handover_store::{Callback, Store, StoreError};
use serde::{Deserialize, Serialize};

/// How many are kept of each connector. More than this is no accident any more, and the vendor is told to wait.
const MOST: u64 = 10_000;

/// A request's head as it is kept: one line of JSON. Its body follows as it came.
#[derive(Serialize, Deserialize)]
struct Head {
    method: String,
    url: String,
    path: String,
    headers: Vec<(String, String)>,
}

/// Keeps a request; false where there are too many already.
pub(crate) async fn keep(
    store: &dyn Store,
    connector: &str,
    digest: &str,
    request: &CallbackRequest,
    error: &MapError,
) -> Result<bool, StoreError> {
    if store.counts().await?.unread.get(connector).is_some_and(|kept| *kept >= MOST) {
        return Ok(false);
    }
    let head = Head {
        method: request.method.clone(),
        url: request.url.clone(),
        path: request.path.clone(),
        headers: request.headers.clone(),
    };
    let mut raw = serde_json::to_vec(&head).map_err(|e| StoreError::Unreadable {
        record: "callback",
        place: connector.to_owned(),
        reason: e.to_string(),
    })?;
    raw.push(b'\n');
    raw.extend_from_slice(&request.body);
    let callback = Callback {
        connector: connector.to_owned(),
        received: request.received,
        tried: digest.to_owned(),
        reason: error.to_string(),
        request: raw,
    };
    store.keep(callback).await?;
    Ok(true)
}

/// Reads what was kept with the version that serves now.
pub(crate) async fn read(sandbox: &Sandbox, callback: &Callback) -> Result<Vec<Happened>, String> {
    let line = callback.request.iter().position(|byte| *byte == b'\n').ok_or("it has lost its body")?;
    let (head, body) = (&callback.request[..line], &callback.request[line + 1..]);
    let head: Head = serde_json::from_slice(head).map_err(|e| format!("its head cannot be read: {e}"))?;
    let connector = sandbox.connector(&callback.connector).ok_or("the connector is not there")?;
    let request = CallbackRequest {
        method: head.method,
        url: head.url,
        path: head.path,
        headers: head.headers,
        body: body.to_vec(),
        received: callback.received,
    };
    let mapped = connector.map(request).await.map_err(|e| e.to_string())?;
    Ok(mapped
        .events
        .into_iter()
        .filter_map(|one| match one.happening {
            Happening::Event(event) => {
                Some(Happened { key: one.lookup_key, name: one.dedupe_id, event: *event })
            }
            // Typing is of its moment.
            Happening::Typing(_) => None,
        })
        .collect())
}
