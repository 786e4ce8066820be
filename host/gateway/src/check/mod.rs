//! `handover check`: the setup doctor. It looks at a configuration as a whole and, where it is asked to, walks the way
//! of a first handover, from the import of the skill to the vendor and back.
//!
//! Without `--online` it asks nobody but this machine, the key vault where secrets lie there, and whether the database
//! listens. It changes nothing, and shows no secret.

mod connectors;
mod front;
mod manifest;
mod report;
mod services;
mod setup;
mod store;
mod trial;
mod upstreams;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::config::reading;
use crate::verification::Callbacks;
use report::Report;
use web::Web;

/// `handover check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration; `handover.toml` in this folder where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Also walk the way of a first handover: the running gateway by its public address, Microsoft, the vendors.
    #[arg(long)]
    online: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Exits with 0 where all is well, 1 where something failed, 2 where the configuration cannot be read.
    pub(crate) async fn run(&self) -> ExitCode {
        let report = self.look().await;
        report.show(self.json);
        ExitCode::from(report.code())
    }

    async fn look(&self) -> Report {
        // One TLS stack, one crypto provider. A second install in the same process changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let here = PathBuf::from("handover.toml");
        let file = self.config.clone().or_else(|| here.is_file().then_some(here));
        let place =
            file.as_ref().map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
        let mut report = Report::new(place);
        report.group("Configuration");
        let reading = match reading::read(file.as_deref(), std::env::vars()) {
            Ok(reading) => reading,
            Err(error) => {
                report.unreadable = true;
                report.failed("file", error.to_string(), "");
                return report;
            }
        };
        setup::configuration(&reading, &mut report);
        if report.unreadable {
            report.skipped("all else", "first the configuration has to be one");
            return report;
        }
        let config = reading.config;
        setup::who_is_who(&config, &mut report);
        let mut opened = match setup::open(&config, &mut report).await {
            Ok(opened) => opened,
            Err(why) => {
                report.failed("secrets", why, "");
                return report;
            }
        };
        store::look(&config, &mut report).await;
        let trust = opened.trust.take();
        let (credentials, keys) = match trust {
            Some(trust) => (trust.credentials, Some(trust.callbacks)),
            None => (std::mem::take(&mut opened.credentials), None),
        };
        let granted = config.sandbox(&config.public_url(config.gateway.listen), credentials);
        let upstreams = granted.connectors.clone();
        let sandbox = connectors::load(&config, granted, &opened.missing, &mut report).await;
        let serving = sandbox.as_ref().map(|sandbox| sandbox.serving()).unwrap_or_default();
        connectors::optional(&serving, &opened.missing, &mut report);
        connectors::callbacks(&serving, keys.map(|keys| Callbacks::new(&config, keys)).as_ref(), &mut report);
        if !self.online {
            return report;
        }
        match Web::new() {
            Err(why) => report.failed(
                "http",
                format!("there is no HTTP client: {why}"),
                "install the system's certificates",
            ),
            Ok(web) => {
                front::look(&config, &serving, &web, &mut report).await;
                services::keys(&opened, &mut report).await;
                services::tokens(&config, &opened, &mut report).await;
                services::teams(&config, &web, &mut report).await;
                upstreams::look(&serving, &config, &upstreams, &web, &mut report).await;
            }
        }
        report
    }
}
