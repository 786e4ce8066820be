//! What was refused at the edges, counted by rule, and told in the log without letting strangers fill it.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

/// How long the log is quiet about a rule once it has been told, in milliseconds.
const QUIET: u64 = 60_000;

/// Refusals since the start, by edge and rule.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<(String, &'static str), Count>>);

#[derive(Default)]
struct Count {
    all: u64,
    /// Those that the log has not told of.
    untold: u64,
    told: Option<u64>,
}

impl Refusals {
    /// Counts one; the first of a rule is told, and then one a minute, with how many there were. `edge` is ours: it
    /// is the bot's, or one of the connectors that there are.
    pub(crate) fn count(&self, edge: &str, rule: &'static str, why: &dyn Display, now: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((edge.to_owned(), rule)).or_default();
        count.all += 1;
        count.untold += 1;
        if count.told.is_some_and(|told| now < told.saturating_add(QUIET)) {
            return;
        }
        count.told = Some(now);
        let times = std::mem::take(&mut count.untold);
        tracing::warn!(edge, rule, times, %why, "refused");
    }

    /// How many, by edge and rule, in a fixed order.
    pub(crate) fn all(&self) -> Vec<(String, &'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            counts.iter().map(|((edge, rule), count)| (edge.clone(), *rule, count.all)).collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted() {
        let refusals = Refusals::default();
        for now in 0..3 {
            refusals.count("bot", "header-missing", &"no header", now);
        }
        refusals.count("contoso", "mismatch", &"another key", 0);
        assert_eq!(
            refusals.all(),
            [("bot".to_owned(), "header-missing", 3), ("contoso".to_owned(), "mismatch", 1)]
        );
    }
}
