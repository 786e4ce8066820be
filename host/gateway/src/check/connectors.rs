//! The drop-in folder: each file is loaded as the gateway would, and each callback is asked how it is verified.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use handover_sandbox::description::Verification;
use handover_sandbox::status::State;
use handover_sandbox::{ConnectorStatus, Generation, Sandbox, SandboxConfig};
use uuid::Uuid;

use super::report::Report;
use crate::config::Config;
use crate::verification::{Callbacks, named};

/// A folder of our own for compiled code: that of a running gateway is left alone.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("handover-check-{}", Uuid::now_v7()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        // It fails where somebody has made it before: compiled code is believed.
        builder.create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Loads what lies in the folder. `missing` are the keys of secrets that could not be had.
pub(super) async fn load(
    config: &Config,
    mut granted: SandboxConfig,
    missing: &[String],
    report: &mut Report,
) -> Option<Arc<Sandbox>> {
    report.group("Connectors");
    if !granted.folder.is_dir() {
        report.failed(
            "gateway.connectors",
            format!("there is no folder {}", granted.folder.display()),
            "make it and put the connectors' .wasm files there, or set `gateway.connectors` to where they are",
        );
        return None;
    }
    let folder = granted.folder.clone();
    let scratch = match Scratch::make() {
        Ok(scratch) => scratch,
        Err(error) => {
            report.failed("sandbox", format!("the temporary folder cannot be used: {error}"), "set TMPDIR");
            return None;
        }
    };
    granted.cache.clone_from(&scratch.0);
    let sandbox = match Sandbox::open(granted).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            report.failed("sandbox", error.to_string(), "");
            return None;
        }
    };
    // One with an interpreter inside is still being compiled.
    sandbox.settled().await;
    statuses(config, &sandbox, missing, &folder, report);
    Some(sandbox)
}

fn statuses(config: &Config, sandbox: &Sandbox, missing: &[String], folder: &Path, report: &mut Report) {
    let statuses = sandbox.status();
    for status in &statuses {
        let version = status.version.as_deref().unwrap_or("unknown");
        match (&status.reason, status.state) {
            (_, State::Rejected) if !status.differences.is_empty() => {
                let routed = config.routing.connectors().contains(status.name.as_str());
                let wanted = routed || config.connectors.contains_key(&status.name);
                differing(status, wanted, missing, report);
            }
            (Some(reason), State::Rejected) => report.failed(
                &*status.file,
                format!("rejected: {reason}"),
                format!(
                    "mend what is said under [connectors.{}], or put another file into {}",
                    status.name,
                    folder.display()
                ),
            ),
            (_, State::Active) => {
                let signed = status.signer.as_ref().map(|signer| format!(", signed by {signer}"));
                let signed = signed.unwrap_or_default();
                report.ok(&*status.file, format!("loads; version {version}{signed}"));
            }
            (reason, _) => {
                report.failed(
                    &*status.file,
                    reason.clone().unwrap_or_else(|| "it does not serve".to_owned()),
                    "",
                );
            }
        }
    }
    let routed = config.routing.connectors();
    let file = |name: &str| {
        let section = config.connectors.get(name);
        format!("{}.wasm", section.and_then(|section| section.component.as_deref()).unwrap_or(name))
    };
    let is_there = |name: &str| statuses.iter().any(|status| status.name == name);
    for name in config.connectors.keys().filter(|name| !is_there(name)) {
        if !routed.contains(name.as_str()) {
            report.skipped(
                format!("connectors.{name}"),
                format!("it is configured, and there is no {} in {}", file(name), folder.display()),
            );
        }
    }
    for name in routed {
        let (key, says) = match *name == config.routing.default {
            true => ("routing.default", "handovers go to"),
            false => ("routing", "handovers may go to"),
        };
        if sandbox.takes_sessions(name) {
            report.ok(key, format!("{says} {name}"));
        } else if is_there(name) {
            report.skipped(key, format!("{name} does not load, see above"));
        } else {
            report.failed(
                key,
                format!("{says} {name}, and there is no {} in {}", file(name), folder.display()),
                "put the file there, or name another connector in `routing.default` and what else is below `[routing]`",
            );
        }
    }
}

/// What the configuration does not give a component, each thing for itself; `wanted` where somebody wants to use it.
fn differing(status: &ConnectorStatus, wanted: bool, missing: &[String], report: &mut Report) {
    let name = &status.name;
    if !wanted {
        let keys: Vec<&str> = status.differences.iter().map(|difference| difference.key.as_str()).collect();
        let why = format!("not configured, and so not served; it would want {}", keys.join(", "));
        report.skipped(&*status.file, why);
        return;
    }
    // A secret that could not be had has been told of where it is missing.
    let open: Vec<_> =
        status.differences.iter().filter(|difference| !missing.contains(&difference.key)).collect();
    let why = match open.len() {
        0 => "it does not load: its secrets are missing, see above".to_owned(),
        many => format!("it does not load before [connectors.{name}] is mended, as follows ({many})"),
    };
    report.skipped(&*status.file, why);
    for difference in open {
        report.failed(&*difference.key, &*difference.what, &*difference.fix);
    }
}

/// Credentials that connectors could use and do not have, but for those that only callbacks are verified with: of them
/// just below.
pub(super) fn optional(serving: &[(String, Arc<Generation>)], missing: &[String], report: &mut Report) {
    for (connector, generation) in serving {
        let routes = &generation.description().callbacks;
        let verifies = |key: &str| {
            let ways = routes.iter().flat_map(|route| &route.verification).filter_map(named);
            ways.into_iter().any(|name| key == format!("connectors.{connector}.credentials.{name}"))
        };
        for credential in generation.could_have() {
            if !missing.contains(&credential.key) && !verifies(&credential.key) {
                let told = [credential.what.as_str(), credential.fix.as_str()];
                let told: Vec<&str> = told.into_iter().filter(|part| !part.is_empty()).collect();
                report.skipped(&*credential.key, told.join(": "));
            }
        }
    }
}

/// How the callbacks of each connector are verified. Without `callbacks` their keys could not be had.
pub(super) fn callbacks(
    serving: &[(String, Arc<Generation>)],
    callbacks: Option<&Callbacks>,
    report: &mut Report,
) {
    report.group("Callbacks");
    for (name, generation) in serving {
        for route in &generation.description().callbacks {
            let place = format!(
                "/api/callbacks/{name}{}{}",
                if route.path.is_empty() { "" } else { "/" },
                route.path
            );
            let Some(callbacks) = callbacks else {
                report.skipped(place, "secrets are missing, see above");
                continue;
            };
            match callbacks.settled(name, route) {
                Ok(Verification::None) => report.ok(
                    place,
                    "open: whoever knows the address can speak as a live agent; fine for a try, else give it a key",
                ),
                Ok(way) => report.ok(place, format!("verified by {}", way.scheme())),
                Err(why) => {
                    let why = why.to_string();
                    let mut fix = why.strip_prefix("the route is closed: ").unwrap_or(&why).to_owned();
                    for lack in generation.could_have() {
                        let key = format!("[{}]", lack.key);
                        fix = fix.replace(&key, &format!("{key} ({})", lack.fix));
                    }
                    report.failed(place, "closed: every callback is answered 401, so that no live agent is heard", fix);
                }
            }
        }
    }
}
