//! `handover connector run --record`: what passes between the connector and its vendor, made into a scenario.
//!
//! Two doors on loopback see it go by: requests through the [`door`] that stands before each upstream, callbacks through
//! the one that stands before the gateway. Both hand on what comes as it is. The sandbox knows nothing of it. What was
//! said, by whom, and every key is taken out by the kit ([`handover_kit::record`]); headers of requests, where
//! credentials travel, are never kept in the first place.

mod credentials;
mod door;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use handover_kit::record::{Recording, Setup};
use handover_sandbox::Sandbox;
use url::Url;

use super::customer::CustomerSide;
use crate::config::{Config, with_slash};
use door::Door;

/// What has gone by.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Recording>>);

impl Tape {
    fn add(&self, add: impl FnOnce(&mut Recording)) {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn copy(&self) -> Recording {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A conversation that is being recorded.
pub(super) struct Recorder {
    file: PathBuf,
    name: String,
    /// The component that serves.
    component: PathBuf,
    setup: Setup,
    tape: Tape,
    front: Door,
}

impl Recorder {
    /// Stands between the gateway of this configuration and everybody else.
    ///
    /// # Errors
    /// The addresses are taken, or it is not configured where the upstreams lead.
    pub(super) async fn open(file: &Path, name: &str, config: &mut Config) -> anyhow::Result<Self> {
        let tape = Tape::default();
        let component = config.gateway.connectors.join(format!("{name}.wasm"));
        let section = config.connectors.entry(name.to_owned()).or_default();
        if section.upstreams.is_empty() {
            anyhow::bail!(
                "--record wants to know where the requests go: [connectors.{name}.upstreams.<upstream>] base_url in \
                 handover.toml, or a scenario.toml whose vendor is played"
            );
        }
        let mut setup = Setup {
            settings: section.settings.clone(),
            credentials: credentials::made_up(&section.credentials),
            ..Setup::default()
        };
        let mut doors = BTreeMap::new();
        for (upstream, of) in &mut section.upstreams {
            setup.upstreams.push(upstream.clone());
            doors.insert(upstream.clone(), of.base_url.clone());
        }
        let addr = door::before_upstreams(doors, tape.clone()).await?;
        for (upstream, of) in &mut section.upstreams {
            of.base_url = Url::parse(&format!("http://{addr}/{upstream}/"))?;
        }
        let front = Door::open(config.gateway.listen).await?;
        config.gateway.listen.set_port(0);
        let public = match &config.gateway.public_url {
            Some(public) => public.clone(),
            None => Url::parse(&format!("http://{}/", front.addr()))?,
        };
        config.gateway.public_url = Some(Url::parse(&with_slash(&public))?);
        Ok(Self { file: file.to_owned(), name: name.to_owned(), component, setup, tape, front })
    }

    /// Lets callers in to the gateway; where they come.
    pub(super) fn front(&self, gateway: SocketAddr) -> SocketAddr {
        self.front.lead_to(gateway, &self.name, self.tape.clone());
        self.front.addr()
    }

    /// Writes what was recorded.
    ///
    /// # Errors
    /// Nothing was recorded that a scenario could be made of, or the file cannot be written.
    pub(super) async fn write(mut self, customer: &CustomerSide, sandbox: &Sandbox) -> anyhow::Result<()> {
        let bytes = std::fs::read(&self.component).context("no version of the connector has served")?;
        // A build that was refused lies there, too.
        anyhow::ensure!(sandbox.connector(&self.name).is_some(), "no version of the connector has served");
        let person = customer.person();
        self.setup.texts = customer.written();
        self.setup.names = vec![person.name];
        self.setup.ids = vec![person.id];
        let told = handover_kit::record::scenario(&bytes, &self.tape.copy(), &self.setup).await?;
        std::fs::write(&self.file, &told.text).with_context(|| self.file.display().to_string())?;
        let file = self.file.display();
        println!(
            "{file} is written. Look through it, then: handover connector test FILE.wasm --scenario {file}"
        );
        for note in told.notes {
            println!("  {note}");
        }
        Ok(())
    }
}
