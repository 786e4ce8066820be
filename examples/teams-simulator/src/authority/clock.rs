//! The time that tokens are issued and judged by; it can be put forward, so that nobody has to wait an hour for an end.
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

#[derive(Default)]
pub(super) struct Clock(AtomicI64);

impl Clock {
    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second() + self.0.load(Ordering::SeqCst)
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}
