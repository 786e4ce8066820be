//! Waiting for what must come: a condition with a deadline, never a pause for luck.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

/// No machine is so slow; who waits this long in vain has failed.
const LONGEST: Duration = Duration::from_secs(90);

/// Looks again and again until what is looked for is there; `Err` says what is there instead.
pub async fn eventually<T, F>(what: impl Display, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let give_up = Instant::now() + LONGEST;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() > give_up => panic!("never came: {what}; instead: {seen}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
