//! Whether Genesys has a message: asked for by its own ids, compared with ours.

use handover_connector::json::list;
use handover_connector::{Context, Failure, Message, Reconcile, Session, Verdict, http};
use serde_json::{Value, json};

use crate::api::{conversation, refused};
use crate::conversation::fetch;
use crate::encode::parts;
use crate::{API, Genesys, state};

/// So many of the customer's latest messages are looked at: what is in doubt is the last that was sent.
const LATEST: usize = 20;

impl Reconcile for Genesys {
    /// Taken is a message whose every part is there: what Genesys has already it shows once.
    fn find(_: Context, session: Session, message: Message) -> Result<Verdict, Failure> {
        let Some(id) = state::conversation(&session) else { return Ok(Verdict::Unknown) };
        let Some((found, _)) = fetch(&id)? else { return Ok(Verdict::Unknown) };
        let customers = found.participants().filter(|one| one.is_customer());
        let ids: Vec<&str> = customers.flat_map(|customer| customer.messages()).collect();
        let latest = &ids[ids.len().saturating_sub(LATEST)..];
        if latest.is_empty() {
            return Ok(Verdict::NotTaken);
        }
        let path = format!("{}/messages/bulk", conversation(&id));
        let response = http::post(API, path).json(&json!(latest)).repeatable().send()?;
        if !response.is_success() {
            return Err(refused(&response).repeatable());
        }
        // `TextMessageListing` of `MessageData`.
        let listing: Value = response.json()?;
        let listed = list(&listing["entities"]);
        let taken = |id: &str| listed.iter().find(|entity| ours(entity) == Some(id));
        let parts = parts(&session, &message);
        if parts.iter().any(|part| taken(&part.id).is_none()) {
            return Ok(Verdict::NotTaken);
        }
        let first = parts.first().and_then(|part| taken(&part.id)?["id"].as_str());
        Ok(Verdict::Taken(first.map(str::to_owned)))
    }
}

fn ours(entity: &Value) -> Option<&str> {
    let channel = &entity["normalizedMessage"]["channel"];
    channel["messageId"].as_str().or(entity["providerMessageId"].as_str())
}
