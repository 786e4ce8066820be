//! The keys of one place, held: fetched when first needed, refreshed by age and for ids that are not known.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::algorithm::Algorithm;
use crate::fetch::{FetchFailure, Fetcher};
use crate::keys::{Key, KeySet};
use crate::metadata::KeyPlace;
use crate::refusal::{Refusal, shown};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// Refresh of the directory's and any other issuer's keys.
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
/// Refresh of the Bot Service's keys.
pub(crate) const HALF_DAY_MS: u64 = 12 * HOUR_MS;
/// Between two fetches for the sake of ids that are not known. Anyone can make one up.
const UNKNOWN_PAUSE_MS: u64 = 5 * MINUTE_MS;
/// After a failed fetch, before the next.
const FAILURE_PAUSE_MS: u64 = 10_000;
/// How long keys serve that cannot be refreshed. The protocol's documentation allows five days.
const STALE_LIMIT_MS: u64 = 5 * DAY_MS;

/// What was found out about one place of keys, for the one who sets a gateway up.
#[derive(Debug, Clone)]
pub struct Probed {
    /// The address that was asked first.
    pub url: String,
    /// The issuers whose tokens depend on it.
    pub issuers: Vec<String>,
    /// How many keys can be used, or what failed.
    pub keys: Result<usize, FetchFailure>,
}

/// The keys of one place. At most one fetch is under way at a time.
#[derive(Debug)]
pub(crate) struct KeyRing {
    place: KeyPlace,
    fetcher: Fetcher,
    max_age_ms: u64,
    state: Mutex<State>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<(Arc<KeySet>, u64)>,
    tried: Option<(u64, Option<Arc<FetchFailure>>)>,
    /// When an id that is not among the keys was last a reason to fetch.
    asked: Option<u64>,
}

/// What a look at the keys came to.
enum Look {
    /// This is the answer.
    Settled(Result<Arc<Key>, Refusal>),
    /// This answer will do, but the keys are due for a refresh.
    Due(Result<Arc<Key>, Refusal>),
    /// No answer without a fetch.
    Wanting,
}

impl KeyRing {
    pub(crate) fn new(place: KeyPlace, fetcher: Fetcher, max_age_ms: u64) -> Arc<Self> {
        let (state, turn) = (Mutex::default(), Arc::default());
        Arc::new(Self { place, fetcher, max_age_ms, state, turn })
    }

    /// The key of this id, for this algorithm.
    pub(crate) async fn key(
        self: &Arc<Self>,
        id: &str,
        algorithm: Algorithm,
        now_ms: u64,
    ) -> Result<Arc<Key>, Refusal> {
        let turn = match self.look(id, algorithm, now_ms) {
            Look::Settled(answer) => return answer,
            // One caller waits for the refresh; to the others the old keys are good enough.
            Look::Due(answer) => match Arc::clone(&self.turn).try_lock_owned() {
                Ok(turn) => turn,
                Err(_) => return answer,
            },
            Look::Wanting => Arc::clone(&self.turn).lock_owned().await,
        };
        // Whoever had the turn before may have fetched what is wanted.
        if let Look::Settled(answer) = self.look(id, algorithm, now_ms) {
            return answer;
        }
        {
            let mut state = self.state();
            let unknown = state.held.as_ref().is_some_and(|(keys, _)| keys.find(id, algorithm).is_none());
            if unknown {
                state.asked = Some(now_ms);
            }
        }
        self.fetch_apart(turn, now_ms).await;
        match self.look(id, algorithm, now_ms) {
            Look::Settled(answer) | Look::Due(answer) => answer,
            Look::Wanting => Err(self.unknown(id)),
        }
    }

    /// Fetches now, whatever is held, and says how many keys can be used.
    pub(crate) async fn probe(self: &Arc<Self>, now_ms: u64) -> Result<usize, FetchFailure> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        self.fetch_apart(turn, now_ms).await;
        let state = self.state();
        match (&state.tried, &state.held) {
            (Some((_, Some(failure))), _) => Err(FetchFailure::clone(failure)),
            (_, Some((keys, _))) => Ok(keys.usable()),
            _ => Ok(0),
        }
    }

    /// The address that is asked first.
    pub(crate) fn url(&self) -> &str {
        self.place.url.as_str()
    }

    /// Fetches in a task of its own: a caller who hangs up must not end what others wait for.
    async fn fetch_apart(self: &Arc<Self>, turn: OwnedMutexGuard<()>, now_ms: u64) {
        let ring = Arc::clone(self);
        let task = tokio::spawn(async move {
            ring.fetch(now_ms).await;
            drop(turn);
        });
        // It fails only where the runtime ends.
        drop(task.await);
    }

    async fn fetch(&self, now_ms: u64) {
        let fetched = self.place.fetch(&self.fetcher).await;
        let mut state = self.state();
        match fetched {
            Ok(keys) => {
                tracing::debug!(url = self.url(), usable = keys.usable(), "keys fetched");
                state.held = Some((Arc::new(keys), now_ms));
                state.tried = Some((now_ms, None));
            }
            Err(failure) => {
                let held = state.held.is_some();
                tracing::warn!(url = self.url(), held, "keys not fetched: {failure}");
                state.tried = Some((now_ms, Some(Arc::new(failure))));
            }
        }
    }

    fn look(&self, id: &str, algorithm: Algorithm, now_ms: u64) -> Look {
        let state = self.state();
        let since_tried = state.tried.as_ref().map(|(at, _)| now_ms.saturating_sub(*at));
        let since_asked = state.asked.map(|at| now_ms.saturating_sub(at));
        let failure = state.tried.as_ref().and_then(|(_, failure)| failure.clone());
        let pausing = failure.is_some() && since_tried.is_some_and(|since| since < FAILURE_PAUSE_MS);
        let held = state.held.as_ref().map(|(keys, at)| (keys, now_ms.saturating_sub(*at)));
        let Some((keys, age)) = held.filter(|(_, age)| *age < STALE_LIMIT_MS) else {
            return match failure {
                Some(why) if pausing => Look::Settled(Err(Refusal::KeysUnavailable { why })),
                _ => Look::Wanting,
            };
        };
        match keys.find(id, algorithm) {
            Some(answer) if age < self.max_age_ms || pausing => Look::Settled(answer),
            Some(answer) => Look::Due(answer),
            None if pausing || since_asked.is_some_and(|since| since < UNKNOWN_PAUSE_MS) => {
                Look::Settled(Err(self.unknown(id)))
            }
            None => Look::Wanting,
        }
    }

    fn unknown(&self, id: &str) -> Refusal {
        Refusal::KeyUnknown { kid: shown(id), url: self.url().to_owned() }
    }

    /// The state is whole between any two statements, so a panic elsewhere leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
