//! Where components are compiled: off the threads that serve, and bounded.
//!
//! A small one takes all processors for a moment. One with an interpreter inside would take them for many seconds: such
//! are compiled one after the other, by threads of their own that leave a processor free where there are several, and
//! give way to whoever serves.

use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A component of so many bytes is large: it takes seconds.
pub(crate) const LARGE: usize = 4 << 20;

/// Small ones at a time, so that one of them does not hold up the next.
const SMALL_ONES: usize = 2;

/// How little the threads matter that compile large ones; 19 is the least.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The places there are.
pub(crate) struct Compilers {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    threads: OnceLock<Option<Arc<ThreadPool>>>,
}

/// A place to compile one component in. Kept until that is done: the compiler cannot be stopped.
pub(crate) struct Bench {
    _place: Option<OwnedSemaphorePermit>,
    threads: Option<Arc<ThreadPool>>,
}

impl Compilers {
    pub(crate) fn new() -> Self {
        Self {
            small: Arc::new(Semaphore::new(SMALL_ONES)),
            large: Arc::new(Semaphore::new(1)),
            threads: OnceLock::new(),
        }
    }

    /// Waits for a place. `large` is one that has to be compiled and will take long.
    pub(crate) async fn place(&self, large: bool) -> Bench {
        let places = if large { &self.large } else { &self.small };
        // Never closed, and if it were: then there is no bound.
        let place = Arc::clone(places).acquire_owned().await.ok();
        let threads = if large { self.threads.get_or_init(threads).clone() } else { None };
        Bench { _place: place, threads }
    }
}

impl Bench {
    /// Blocks until `work` is done.
    pub(crate) fn compile<R: Send>(self, work: impl FnOnce() -> R + Send) -> R {
        match &self.threads {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }
}

fn threads() -> Option<Arc<ThreadPool>> {
    let processors = available_parallelism().map_or(1, usize::from);
    let built = ThreadPoolBuilder::new()
        .num_threads(processors.saturating_sub(1).max(1))
        .thread_name(|n| format!("compiler-{n}"))
        .start_handler(|_| give_way())
        .build();
    built
        .inspect_err(|e| tracing::warn!(reason = %e, "large components are compiled by everybody"))
        .ok()
        .map(Arc::new)
}

/// On Linux a thread has a priority of its own.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(e) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(reason = %e, "a compiling thread keeps its priority");
    }
}
