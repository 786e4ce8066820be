//! The list of a conversation's entries, page by page.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::request::Parts,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Organization, refusal::Refusal, tokens::Visitor};

/// Entries where the request does not say how many; and the most there are.
const USUAL: usize = 20;
const MOST: usize = 50;

/// `listConversationEntries`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    limit: Option<usize>,
    start_timestamp: Option<u64>,
    end_timestamp: Option<u64>,
    direction: Option<String>,
    entry_type_filter: Option<String>,
}

/// Whoever reads on asks from the start, whoever looks for what is there from the end.
pub(crate) fn operation(parts: &Parts, _: &[u8]) -> &'static str {
    let from_start = parts.uri.query().is_some_and(|query| query.contains("direction=FromStart"));
    if from_start { "poll" } else { "find" }
}

pub(crate) async fn list(
    State(app): State<Arc<Organization>>,
    Path(id): Path<String>,
    visitor: Visitor,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::bad(error.body_text()))?;
    let limit = asked.limit.unwrap_or(USUAL);
    if limit == 0 || limit > MOST {
        return Err(Refusal::bad("Specify a limit from 1 to 50."));
    }
    let from_end = match asked.direction.as_deref() {
        None | Some("FromEnd") => true,
        Some("FromStart") => false,
        Some(_) => return Err(Refusal::bad("The direction isn't valid.")),
    };
    let kinds: Option<Vec<&str>> = asked.entry_type_filter.as_deref().map(|kinds| kinds.split(',').collect());
    let wanted = |entry: &&Value| {
        let time = entry["transcriptedTimestamp"].as_u64().unwrap_or_default();
        let kind = entry["entryType"].as_str().unwrap_or_default();
        asked.start_timestamp.is_none_or(|start| time >= start)
            && asked.end_timestamp.is_none_or(|end| time <= end)
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    };
    let entries: Vec<Value> = app.book.of(&id, &visitor.subject, |chat| {
        let found = chat.entries.iter().filter(wanted);
        if from_end {
            found.rev().take(limit).cloned().collect()
        } else {
            found.take(limit).cloned().collect()
        }
    })?;
    Ok(Json(json!({ "conversationEntries": entries })))
}
