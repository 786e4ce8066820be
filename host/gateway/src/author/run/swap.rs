//! The loop: what was saved is built, put in the place of what serves, and told of once it really does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use handover_kit::Scenario;
use handover_kit::rehearsal::Rehearsal;
use handover_sandbox::Sandbox;
use handover_sandbox::status::State;
use ring::digest::{SHA256, digest};

use super::project::{Project, Sources};

/// How often the sources are looked at. They are few, and not every file system says by itself what was saved.
const LOOK: Duration = Duration::from_millis(100);

/// How long a version that was put in place may take to serve: a large one is compiled in the background.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often it is asked whether it serves.
const ASK: Duration = Duration::from_millis(10);

/// What is built for whom.
pub(super) struct Loop {
    pub(super) project: Project,
    pub(super) sandbox: Arc<Sandbox>,
    /// The drop-in folder.
    pub(super) connectors: PathBuf,
    /// The scenario's vendor, and the files that tell it.
    pub(super) vendor: Option<Rehearsal>,
    pub(super) scenario: Vec<PathBuf>,
}

impl Loop {
    /// Builds what is there, and again whenever it has changed and has been the same for two looks.
    pub(super) async fn run(&self) {
        let mut built = Sources::new();
        let mut before = Sources::new();
        loop {
            let now = self.project.sources(&self.scenario);
            if now == before && now != built {
                let played = |sources: &Sources| -> Vec<_> {
                    self.scenario.iter().map(|file| sources.get(file).copied()).collect()
                };
                if !built.is_empty() && played(&now) != played(&built) {
                    self.replay();
                }
                // As they were before the build: what is saved meanwhile is built next.
                built = now;
                if let Err(why) = self.swap().await {
                    // What was served before still is.
                    eprintln!("handover: {why}");
                }
            } else {
                before = now;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Plays the scenario as it is now.
    fn replay(&self) {
        let Some(vendor) = &self.vendor else { return };
        match Scenario::read(&self.scenario) {
            Ok(scenario) => {
                vendor.play(scenario);
                println!("The vendor plays the scenario as it is now.");
            }
            Err(error) => eprintln!("handover: {error}"),
        }
    }

    async fn swap(&self) -> Result<(), String> {
        let begun = Instant::now();
        let project = self.project.clone();
        let made = tokio::task::spawn_blocking(move || project.make());
        let bytes = made.await.map_err(|why| format!("the build was given up: {why}"))??;
        let built = begun.elapsed().as_secs_f64();
        let wanted = hex::encode(digest(&SHA256, &bytes));
        if self.serving(&wanted).is_some() {
            println!("Built in {built:.1} s: the same component as before.");
            return Ok(());
        }
        put(&self.connectors, &self.project.name, &bytes)?;
        let version = self.served(&wanted).await?;
        let short = wanted.get(..12).unwrap_or(&wanted);
        println!("Built in {built:.1} s; serves as of now (version {version}, sha256 {short}).");
        Ok(())
    }

    /// The number of this version, where it serves. One that is remembered from before, without its file, takes nobody.
    fn serving(&self, digest: &str) -> Option<String> {
        let serving = self.sandbox.connector(&self.project.name).filter(|one| one.digest() == digest)?;
        self.sandbox.takes_sessions(&self.project.name).then(|| serving.description().version.clone())
    }

    /// Waits until this version serves; its number.
    async fn served(&self, digest: &str) -> Result<String, String> {
        let (name, give_up) = (&self.project.name, Instant::now() + PATIENCE);
        loop {
            if let Some(version) = self.serving(digest) {
                return Ok(version);
            }
            let status = self.sandbox.status();
            let refused = status.into_iter().find(|line| {
                line.name == *name && line.state == State::Rejected && line.digest.as_deref() == Some(digest)
            });
            if let Some(refused) = refused {
                let why = refused.reason.unwrap_or_default();
                return Err(format!("built, but refused: {why}\nWhat served before still does."));
            }
            if Instant::now() > give_up {
                return Err(format!("built, but does not serve after {} s", PATIENCE.as_secs()));
            }
            tokio::time::sleep(ASK).await;
        }
    }
}

/// Puts the component into the drop-in folder, whole at once.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let (beside, place) = (folder.join(format!(".{name}.new")), folder.join(format!("{name}.wasm")));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, &place));
    written.map_err(|e| format!("{}: {e}", place.display()))
}
