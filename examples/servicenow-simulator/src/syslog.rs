//! The system log: the one place where the vendor says what it has discarded.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;

/// Entries that are kept.
const MOST: usize = 1_000;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub time: String,
    /// The request's `requestId`, where it had one.
    pub request_id: Option<String>,
    /// Why it was discarded, or had no effect.
    pub why: String,
}

#[derive(Default)]
pub struct Syslog(Mutex<VecDeque<Entry>>);

impl Syslog {
    pub fn write(&self, request_id: Option<&str>, why: impl Into<String>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while entries.len() >= MOST {
            entries.pop_front();
        }
        let request_id = request_id.map(str::to_owned);
        entries.push_back(Entry { time: agent_desk::now(), request_id, why: why.into() });
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
