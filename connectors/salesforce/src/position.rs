//! How far the conversation has been read: one position for the stream and for the list of entries, so that either can
//! go on where the other was.

use handover_connector::{Session, json};
use serde_json::json;

/// Ids that are kept. More entries than these within [`OVERLAP`] are told apart by the host alone.
const MOST_SEEN: usize = 50;

/// How far back the list is read again: entries may become visible later than their time says.
const OVERLAP: u64 = 60_000;

/// A position. It is the feed's cursor and, as reading one frame sees no cursor, the session's state.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The stream's last event.
    pub event: Option<String>,
    /// The time of the newest entry, at the vendor.
    pub since: u64,
    /// The newest entries, the newest last.
    pub seen: Vec<String>,
    /// Where the list is to be read on, while it has more than one answer holds.
    pub page: Option<u64>,
}

impl Position {
    /// The one that has come furthest.
    pub fn of(session: &Session, cursor: Option<&str>) -> Self {
        let kept = Self::read(&session.state).unwrap_or_default();
        match cursor.and_then(Self::read) {
            Some(cursor) if cursor.since >= kept.since => {
                Self { event: cursor.event.or(kept.event), ..cursor }
            }
            _ => kept,
        }
    }

    fn read(text: &str) -> Option<Self> {
        let value = json::read(text);
        value.is_object().then_some(())?;
        let seen = json::list(&value["seen"]).iter();
        Some(Self {
            event: value["event"].as_str().map(str::to_owned),
            since: value["since"].as_u64().unwrap_or_default(),
            seen: seen.filter_map(|id| id.as_str().map(str::to_owned)).collect(),
            page: value["page"].as_u64(),
        })
    }

    /// As cursor and state.
    pub fn write(&self) -> String {
        let Self { event, since, seen, page } = self;
        json::write(&json!({ "event": event, "since": since, "seen": seen, "page": page }))
    }

    /// Goes on past an entry; whether it is a new one.
    pub fn pass(&mut self, entry: &str, time: Option<u64>) -> bool {
        self.since = self.since.max(time.unwrap_or_default());
        if self.seen.iter().any(|seen| seen == entry) {
            return false;
        }
        self.seen.push(entry.to_owned());
        let surplus = self.seen.len().saturating_sub(MOST_SEEN);
        self.seen.drain(..surplus);
        true
    }

    /// From when on the list is to be read.
    pub fn from(&self) -> u64 {
        self.page.unwrap_or_else(|| self.since.saturating_sub(OVERLAP))
    }
}
