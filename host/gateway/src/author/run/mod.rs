//! `handover connector run`: all that a connector needs around it on this machine, and the connector as it was last
//! saved: a gateway, a customer's page, and the scenario's vendor with a live agent's page, or the real one.

mod project;
mod swap;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use handover_kit::Scenario;
use handover_kit::rehearsal::Rehearsal;

use self::project::Project;
use self::swap::Loop;
use super::customer::{CustomerSide, Person};
use super::desk::Desk;
use super::record::Recorder;
use super::untried;
use crate::cli::interrupted;
use crate::config::{Config, UpstreamSection, with_slash};
use crate::serve;

/// How often the drop-in folder is looked at where the file system says nothing, in milliseconds.
const POLL: u64 = 100;

/// `handover connector run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The project, or a component that something else builds; this folder where none is given.
    #[arg(value_name = "DIR|FILE.wasm", default_value = ".")]
    what: PathBuf,
    /// The vendor to play where no real one is configured; the project's `scenario.toml` where none is named.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    scenario: Vec<PathBuf>,
    /// Upstreams, credentials and settings, as an operator has them; the project's `handover.toml` where none is named.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where vendors reach the gateway on this machine. The next three are the customer's page, the operators' and the
    /// live agent's; 0 takes free ones.
    #[arg(long, value_name = "PORT", default_value_t = 5001)]
    port: u16,
    /// Write the conversation into this file when you end it, as a scenario, without what was said, by whom, and keys.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Run {
    pub(super) async fn run(&self) -> ExitCode {
        match self.play().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => untried(format!("{why:#}")),
        }
    }

    async fn play(&self) -> anyhow::Result<()> {
        // Before any of the clients, which need it; a second install in the same process changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let project = Project::found(&self.what)?;
        let mut config = self.configuration(&project)?;
        // First of all, so that a second run beside this one ends before it touches anything.
        let customer = CustomerSide::open(self.place(1)).await?;
        cleared(&config, &project)?;
        let (vendor, scenario) = self.vendor(&project, &mut config).await?;
        customer.become_person(person(vendor.as_ref()));
        config.bot.runtime_hosts.push(customer.addr().to_string());
        config.bot.teams_connector_url = Some(customer.teams_url().parse()?);
        let recorder = match &self.record {
            Some(file) => Some(Recorder::open(file, &project.name, &mut config).await?),
            None => None,
        };
        let connectors = config.gateway.connectors.clone();
        let public = config.gateway.public_url.clone();
        let running = serve(config).await?;
        let sandbox = running.sandbox();
        customer.meet(format!("http://{}/api/messages", running.addr));
        let front = match &recorder {
            Some(recorder) => recorder.front(running.addr),
            None => running.addr,
        };
        let callbacks = format!("api/callbacks/{}", project.name);
        let local = format!("http://{front}/{callbacks}");
        let mount = public.map_or_else(|| local.clone(), |url| format!("{}{callbacks}", with_slash(&url)));

        println!("Handover listens on http://{front}; operators: http://{}/admin", running.admin_addr);
        println!("  Customer    http://{}/", customer.addr());
        match &vendor {
            Some(vendor) => {
                let (vendor, sandbox, name) = (vendor.clone(), sandbox.clone(), project.name.clone());
                let desk = Desk { vendor, sandbox, name, mount, local };
                let addr = desk.open(self.place(3)).await?;
                println!("  Live agent  http://{addr}/  (the vendor of {})", shown(&scenario));
            }
            None => println!(
                "  Callbacks   {mount}  (have the vendor call it; [gateway] public_url where that is elsewhere)"
            ),
        }
        if let Some(file) = &self.record {
            println!("Recording: {} is written when you end with Ctrl+C.", file.display());
        }
        println!("Each time you save, the connector is built and swapped. End with Ctrl+C.");
        let turning = Loop { project, sandbox: sandbox.clone(), connectors, vendor, scenario };
        tokio::select! {
            () = interrupted() => {}
            () = turning.run() => {}
        }
        let recorded = match recorder {
            Some(recorder) => recorder.write(&customer, &sandbox).await,
            None => Ok(()),
        };
        running.stop().await;
        recorded
    }

    /// The operator's, on this machine only and without tokens, with folders of its own.
    fn configuration(&self, project: &Project) -> anyhow::Result<Config> {
        let file = self.config.clone().or_else(|| project.configuration());
        let mut config = Config::read(file.as_deref(), std::env::vars())?;
        config.bot.local = true;
        config.routing.default.clone_from(&project.name);
        let ours = project.ours();
        let gateway = &mut config.gateway;
        gateway.listen = self.place(0);
        gateway.admin = self.place(2);
        gateway.poll_ms = POLL;
        gateway.data = ours.join("data");
        gateway.connectors = ours.join("connectors");
        Ok(config)
    }

    /// Plays the scenario's vendor where no real one is configured; with the files that tell of it.
    async fn vendor(
        &self,
        project: &Project,
        config: &mut Config,
    ) -> anyhow::Result<(Option<Rehearsal>, Vec<PathBuf>)> {
        let files = match &self.scenario[..] {
            [] => project.scenario().into_iter().collect(),
            told => told.to_vec(),
        };
        let section = config.connectors.entry(project.name.clone()).or_default();
        if files.is_empty() || (self.scenario.is_empty() && !section.upstreams.is_empty()) {
            return Ok((None, Vec::new()));
        }
        let vendor = Rehearsal::open(Scenario::read(&files)?).await?;
        for (name, url) in vendor.upstreams() {
            section.upstreams.insert(name, UpstreamSection::new(url.parse()?));
        }
        for (name, value) in vendor.settings() {
            section.settings.entry(name).or_insert(value);
        }
        let secrets = project.ours().join("secrets");
        emptied(&secrets)?;
        section.credentials.extend(vendor.credentials(&secrets)?);
        // Sessions that an earlier run has left are none that this vendor knows of.
        for file in std::fs::read_dir(&config.gateway.data).into_iter().flatten().flatten() {
            if file.file_type().is_ok_and(|kind| kind.is_file()) {
                std::fs::remove_file(file.path()).with_context(|| file.path().display().to_string())?;
            }
        }
        Ok((Some(vendor), files))
    }

    fn place(&self, nth: u16) -> SocketAddr {
        let port = if self.port == 0 { 0 } else { self.port.saturating_add(nth) };
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }
}

/// The scenario's customer, where there is a scenario.
fn person(vendor: Option<&Rehearsal>) -> Person {
    let (id, name, locale) = match vendor {
        Some(vendor) => vendor.customer(),
        None => ("29:connector-run".to_owned(), None, None),
    };
    let name = name.unwrap_or_else(|| "Jane Doe".to_owned());
    Person { id, name, locale: locale.unwrap_or_else(|| "en-US".to_owned()) }
}

/// Makes the folders. What an earlier run has left, under another name perhaps, is not what was saved last.
fn cleared(config: &Config, project: &Project) -> anyhow::Result<()> {
    emptied(&config.gateway.connectors)?;
    let ours = project.ours();
    // It says itself that git shall not look at it.
    std::fs::write(ours.join(".gitignore"), "*\n").with_context(|| ours.display().to_string())
}

/// The folder, there and empty.
fn emptied(folder: &Path) -> anyhow::Result<()> {
    let done = match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(folder),
    };
    done.with_context(|| folder.display().to_string())
}

fn shown(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}
