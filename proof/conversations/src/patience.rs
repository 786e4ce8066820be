//! Waiting for what must come: a condition with a deadline, never a pause for luck.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::bail;

/// Who waits this long in vain has failed.
const LONGEST: Duration = Duration::from_secs(90);

/// Looks again and again until what is looked for is there; `Err` says what is there instead.
///
/// # Errors
/// It never came.
pub async fn eventually<T, F>(what: impl Display, mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, String>>,
{
    let give_up = Instant::now() + LONGEST;
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(seen) if Instant::now() > give_up => bail!("never came: {what}; instead: {}", cut(&seen)),
            Err(_) => tokio::time::sleep(Duration::from_millis(15)).await,
        }
    }
}

/// The beginning of what may be long.
pub fn cut(text: &str) -> String {
    const MOST: usize = 600;
    let mut cut: String = text.chars().take(MOST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
