//! From a file in the folder to a verdict on what it holds.

use std::sync::Arc;

use crate::folder::{self, Candidate};
use crate::generation::Generation;
use crate::load::{LARGEST, Loader, Rejection};
use crate::provenance::Build;
use crate::slot::Slot;
use crate::status::State;

/// What became of one content of one file.
pub(crate) struct Taken {
    pub(crate) candidate: Candidate,
    pub(crate) slot: Arc<Slot>,
    pub(crate) build: Build,
    pub(crate) verdict: Verdict,
}

/// What follows from it.
pub(crate) enum Verdict {
    Good(Box<Generation>),
    /// It is what serves already.
    Known,
    Bad(Rejection),
    /// To be proved beside everything else: compiling it takes long.
    Long,
    /// It changed while it was being read.
    Changed,
}

/// Reads a file that is whole, and proves what it holds.
pub(crate) async fn take(loader: Arc<Loader>, slot: Arc<Slot>, candidate: Candidate) -> Taken {
    let mut taken =
        Taken { slot: Arc::clone(&slot), build: Build::default(), verdict: Verdict::Changed, candidate };
    let candidate = &taken.candidate;
    if candidate.size > LARGEST {
        let reason = format!("has {} bytes; a component may have {LARGEST}", candidate.size);
        taken.verdict = Verdict::Bad(reason.into());
        return taken;
    }
    let path = candidate.path.clone();
    let read = tokio::task::spawn_blocking(move || {
        let build = Build::new(folder::read(&path, LARGEST)?, folder::signature(&path)?);
        Ok((build, folder::fingerprint(&path)))
    });
    match read.await.unwrap_or_else(|e| Err(std::io::Error::other(e))) {
        Ok((build, Some(fingerprint))) if fingerprint == candidate.fingerprint => taken.build = build,
        Ok(_) => return taken,
        Err(e) => {
            taken.verdict = Verdict::Bad(Rejection::passing(format!("cannot be read: {e}")));
            return taken;
        }
    }
    let Build { bytes, digest, signature } = &taken.build;
    // Signed by somebody else, or by nobody any more, it is another matter.
    if slot.serving().is_some_and(|one| one.digest == *digest && one.signature == *signature) {
        taken.verdict = Verdict::Known;
        return taken;
    }
    if loader.takes_long(bytes, digest) {
        taken.verdict = Verdict::Long;
        return taken;
    }
    slot.trial(&candidate.file(), State::Checking, digest);
    prove(loader, taken).await
}

/// Proves it, however long that takes.
pub(crate) async fn prove(loader: Arc<Loader>, mut taken: Taken) -> Taken {
    taken.verdict = match loader.prove(taken.slot.seat(), &taken.build).await {
        Ok(generation) => Verdict::Good(Box::new(generation)),
        Err(rejection) => Verdict::Bad(rejection),
    };
    taken
}

/// Keeps what serves for a restart.
pub(crate) async fn keep(loader: &Arc<Loader>, name: &str, build: &Build) {
    let (loader, name, build) = (Arc::clone(loader), name.to_owned(), build.clone());
    let kept =
        tokio::task::spawn_blocking(move || loader.cache.keep_good(&name, &build).map_err(|e| (name, e)));
    if let Ok(Err((name, e))) = kept.await {
        tracing::warn!(connector = name, reason = %e, "the good build was not kept for a restart");
    }
}

/// The same content that is refused for the same reason again, e.g. because it was touched, is no news.
pub(crate) fn refuse(slot: &Slot, file: &str, digest: &str, rejection: Rejection) {
    let reason = rejection.reason.clone();
    if slot.reject(file, digest, rejection) {
        tracing::warn!(file, digest = short(digest), reason, "rejected");
    }
}

/// Enough of a digest to tell it by.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
