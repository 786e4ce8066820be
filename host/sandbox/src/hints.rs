//! Events of the file system, as hints that it is time to look.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use crate::folder::{self, Place};

/// Listens at one folder, and at the one that takes its place.
pub(crate) struct Hints {
    folder: PathBuf,
    ears: Option<Ears>,
    heard: Arc<Notify>,
    /// Said once, not at each look.
    deaf: bool,
}

/// A watch holds on to the folder that was there when it began, whatever its name leads to later.
struct Ears {
    _watcher: RecommendedWatcher,
    place: Option<Place>,
    lost: Arc<AtomicBool>,
}

impl Hints {
    pub(crate) fn of(folder: PathBuf) -> Self {
        let mut hints = Self { folder, ears: None, heard: Arc::default(), deaf: false };
        hints.attend();
        hints
    }

    /// Waits for a hint; one that came meanwhile counts.
    pub(crate) async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Makes sure that it is still this folder that is listened at: it may have been deleted and made anew, or a link
    /// may lead to another one.
    pub(crate) fn attend(&mut self) {
        let place = folder::place(&self.folder);
        if let Some(ears) = &self.ears
            && ears.place == place
            && !ears.lost.load(Ordering::Acquire)
        {
            return;
        }
        self.ears = None;
        if place.is_none() {
            return;
        }
        match listen(&self.folder, place, &self.heard) {
            Ok(ears) => {
                self.ears = Some(ears);
                self.deaf = false;
            }
            Err(e) if !self.deaf => {
                self.deaf = true;
                tracing::warn!(folder = %self.folder.display(), reason = %e, "no file events; polling");
            }
            Err(_) => {}
        }
    }
}

fn listen(folder: &Path, place: Option<Place>, heard: &Arc<Notify>) -> notify::Result<Ears> {
    let lost = Arc::new(AtomicBool::new(false));
    let (heard, gone, itself) = (Arc::clone(heard), Arc::clone(&lost), folder.to_owned());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event {
            // Events of reading are no hints, or every look would cause the next one.
            if matches!(event.kind, EventKind::Access(_)) && !event.need_rescan() {
                return;
            }
            let moved = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(_));
            if event.need_rescan() || (moved && event.paths.contains(&itself)) {
                gone.store(true, Ordering::Release);
            }
        }
        heard.notify_one();
    })?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(Ears { _watcher: watcher, place, lost })
}
