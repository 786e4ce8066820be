//! Tokens that were fetched, kept until shortly before their end: one request at a time, whoever asks.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::refusal::TokenError;
use crate::secret::Secret;

/// A token is fetched anew this long before its end, in ms, or after 80 % of its life if that is later.
const EARLY: u64 = 5 * 60 * 1000;
/// After a refresh that failed while the old token is still good, the next attempt is this far away, in ms.
const PAUSE: u64 = 30 * 1000;
/// How long a caller who has a good token waits for a better one.
const PATIENCE: Duration = Duration::from_secs(3);
/// More scopes than any configuration has; beyond it all are forgotten, so that callers cannot fill the memory.
const MOST_SCOPES: usize = 1024;

/// A token as it was handed out.
pub(crate) struct Fresh {
    pub token: Secret,
    /// ms from now to its end.
    pub lives: u64,
}

/// The tokens of one identity, by scope.
#[derive(Default)]
pub(crate) struct TokenCache {
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    kept: ArcSwapOption<Kept>,
    /// Held by whoever fetches; inside, why the last fetch failed.
    turn: tokio::sync::Mutex<Option<TokenError>>,
    /// Fetches that ended, so that those who waited for one can tell that its failure is theirs.
    rounds: AtomicU64,
}

struct Kept {
    token: Secret,
    refresh_at: u64,
    ends: u64,
}

impl TokenCache {
    /// The token for `scope`, fetched when there is none or when it nears its end. `now` in ms since 1970.
    ///
    /// While one caller refreshes a token that is still good, others get the old one; without a good one they wait
    /// and share what comes, a failure as well.
    pub async fn get<F, Fut>(&self, scope: &str, now: u64, fetch: F) -> Result<Secret, TokenError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fresh, TokenError>>,
    {
        let slot = self.slot(scope);
        let round = slot.rounds.load(Ordering::Acquire);
        let good = slot.kept.load_full().filter(|kept| now < kept.ends);
        if let Some(kept) = &good
            && now < kept.refresh_at
        {
            return Ok(kept.token.clone());
        }
        let mut turn = match &good {
            Some(old) => match slot.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(old.token.clone()),
            },
            None => slot.turn.lock().await,
        };
        // Somebody else may have fetched between the look and the turn.
        if let Some(kept) = slot.kept.load_full()
            && now < kept.refresh_at
        {
            return Ok(kept.token.clone());
        }
        if good.is_none()
            && slot.rounds.load(Ordering::Acquire) != round
            && let Some(failure) = turn.as_ref()
        {
            return Err(failure.clone());
        }
        let fetched = match &good {
            Some(_) => tokio::time::timeout(PATIENCE, fetch()).await.unwrap_or(Err(TokenError::Slow)),
            None => fetch().await,
        };
        slot.rounds.fetch_add(1, Ordering::AcqRel);
        match fetched {
            Ok(fresh) => {
                *turn = None;
                let lives = fresh.lives;
                let kept = Kept {
                    token: fresh.token.clone(),
                    refresh_at: now.saturating_add(lives.saturating_sub(EARLY).max(lives / 5 * 4)),
                    ends: now.saturating_add(lives),
                };
                slot.kept.store(Some(Arc::new(kept)));
                Ok(fresh.token)
            }
            Err(error) => {
                *turn = Some(error.clone());
                let Some(old) = good else { return Err(error) };
                tracing::warn!(scope, %error, "a token could not be refreshed; the old one is used while it lasts");
                let refresh_at = now.saturating_add(PAUSE).min(old.ends);
                let kept = Kept { token: old.token.clone(), refresh_at, ends: old.ends };
                slot.kept.store(Some(Arc::new(kept)));
                Ok(old.token.clone())
            }
        }
    }

    /// Drops the token for `scope`: whoever it was shown to did not take it.
    pub fn forget(&self, scope: &str) {
        self.slot(scope).kept.store(None);
    }

    fn slot(&self, scope: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(scope) {
            return Arc::clone(slot);
        }
        if slots.len() >= MOST_SCOPES {
            slots.clear();
        }
        Arc::clone(slots.entry(scope.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::future::{Ready, pending, ready};
    use std::pin::pin;

    use super::*;

    const LIFE: u64 = 3_600_000;
    /// Old enough to be refreshed, and still good.
    const LATE: u64 = LIFE - 1000;

    fn fresh(token: &str) -> Result<Fresh, TokenError> {
        Ok(Fresh { token: Secret::new(token), lives: LIFE })
    }

    async fn with_an_old_token() -> TokenCache {
        let cache = TokenCache::default();
        cache.get("s", 0, || ready(fresh("old"))).await.unwrap();
        cache
    }

    /// Lets a future run up to where it waits.
    async fn start<F: Future + Unpin>(future: &mut F) {
        tokio::select! {
            biased;
            _ = future => panic!("it did not wait"),
            () = ready(()) => {}
        }
    }

    #[tokio::test]
    async fn others_get_the_old_token_while_one_caller_refreshes_it() {
        let cache = with_an_old_token().await;
        let (answer, answered) = tokio::sync::oneshot::channel();
        let mut refresh = pin!(cache.get("s", LATE, || async { answered.await.unwrap() }));
        start(&mut refresh).await;
        let other =
            cache.get("s", LATE, || -> Ready<Result<Fresh, TokenError>> { panic!("a second request") });
        assert_eq!(other.await.unwrap().expose(), b"old");
        answer.send(fresh("new")).ok().unwrap();
        assert_eq!(refresh.await.unwrap().expose(), b"new");
        assert_eq!(cache.get("s", LATE, pending).await.unwrap().expose(), b"new");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_that_hangs_costs_three_seconds_and_the_old_token_serves() {
        let cache = with_an_old_token().await;
        let begun = tokio::time::Instant::now();
        assert_eq!(cache.get("s", LATE, pending).await.unwrap().expose(), b"old");
        // Of the paused clock.
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_leaves_the_turn_to_the_next() {
        let cache = TokenCache::default();
        {
            let mut abandoned = pin!(cache.get("s", 0, pending));
            start(&mut abandoned).await;
        }
        assert_eq!(cache.get("s", 0, || ready(fresh("token"))).await.unwrap().expose(), b"token");
    }

    #[tokio::test]
    async fn scopes_without_number_do_not_fill_the_memory() {
        let cache = TokenCache::default();
        for scope in 0..3 * MOST_SCOPES {
            cache.get(&scope.to_string(), 0, || ready(fresh("token"))).await.unwrap();
        }
        assert!(cache.slots.lock().unwrap().len() <= MOST_SCOPES);
    }
}
