//! The checks, in the order in which they are made; each says in one sentence what it asks.

mod again;
mod callbacks;
mod conversation;
mod cost;
mod determinism;
mod faults;
mod fed;
mod feed;
mod files;
mod hours;
mod migration;
mod nonsense;
mod problem;
mod reconcile;
mod remembering;
mod resuming;
mod secrets;
mod signals;
mod stream;
mod texts;
mod trial;
mod verification;

use std::path::Path;

use crate::bench::{Bench, NoBench, Seat};
use crate::certificate::{Certificate, Check, Fault, Level, Measured, Outcome, level};
use crate::lab::{Lab, LabError};
use crate::scenario::{Scenario, ScenarioError};
use crate::vendor::Played;
use crate::{KitError, keys};

/// The contract that components are held against.
const CONTRACT: &str = "handover:connector@1.0.0";

/// The checks that a scenario may waive, with a reason that the certificate repeats.
const WAIVABLE: [&str; 5] = ["attachments", "echoes", "many-events", "refusals", "vendor-signature"];

const LOADS: &str = "loads";

/// Tries a component against a scenario.
///
/// # Errors
/// Where the kit cannot run; what is wrong with the component is in the certificate.
pub async fn test(component: &[u8], scenario: &Scenario) -> Result<Certificate, KitError> {
    test_cached(component, scenario, None).await
}

/// The same, with a private folder in which compiled code is kept for the next time.
///
/// # Errors
/// Where the kit cannot run; what is wrong with the component is in the certificate.
pub async fn test_cached(
    component: &[u8],
    scenario: &Scenario,
    cache: Option<&Path>,
) -> Result<Certificate, KitError> {
    let unknown: Vec<String> = scenario
        .waived
        .iter()
        .filter(|(name, why)| !WAIVABLE.contains(&name.as_str()) || why.trim().is_empty())
        .map(|(name, _)| format!("[waived] {name}: may be waived, with a reason: {}", WAIVABLE.join(", ")))
        .collect();
    if !unknown.is_empty() {
        return Err(ScenarioError::Wrong(unknown).into());
    }
    let mut certificate = Certificate {
        connector: String::new(),
        version: String::new(),
        digest: crate::inspect::digest(component),
        size: component.len(),
        kit: env!("CARGO_PKG_VERSION"),
        contract: CONTRACT,
        capabilities: Vec::new(),
        level: Level::None,
        checks: Vec::new(),
        measured: Measured::default(),
    };
    let opened =
        Lab::open(component, keys::told(scenario)).and_then(|lab| lab.describe().map(|raw| (lab, raw)));
    let (lab, raw) = match opened {
        Ok(opened) => opened,
        Err(LabError::Kit(error)) => return Err(error),
        Err(LabError::Component(why)) => return Ok(refused(certificate, why)),
    };
    certificate.connector.clone_from(&raw.name);
    certificate.version.clone_from(&raw.version);
    certificate.capabilities = crate::inspect::capabilities(&lab.exports);
    let bench = match Bench::open(component, lab, raw, scenario, cache, &Seat::all()).await {
        Ok(bench) => bench,
        Err(NoBench::Kit(error)) => return Err(error),
        Err(NoBench::Rejected(why)) => return Ok(refused(certificate, why)),
    };
    certificate.checks = all(&bench).await;
    certificate.measured = cost::measured(&bench).await;
    certificate.level = level(&certificate.checks);
    Ok(certificate)
}

/// The gateway would not serve it: there is nothing more to be tried.
fn refused(mut certificate: Certificate, why: String) -> Certificate {
    let look = "the sandbox refuses it as the gateway would; the scenario's settings, upstreams and credentials are what \
                it is granted";
    let faults = vec![Fault::new("loading", "a component that may serve", why, look)];
    certificate.checks =
        vec![check(LOADS, Level::Bronze, "The gateway takes it", Outcome::Failed { faults })];
    certificate
}

async fn all(bench: &Bench) -> Vec<Check> {
    use Level::{Bronze, Gold, Silver};
    let served = Outcome::Passed { note: "compiled, linked, described, granted".to_owned() };
    let c = |name, level, title, outcome| check(name, level, title, waived(bench, name, outcome));
    vec![
        c(LOADS, Bronze, "The gateway takes it", served),
        c(
            "start",
            Bronze,
            "A start makes its requests and tells what it has begun",
            conversation::start(bench).await,
        ),
        c(
            "conversation",
            Bronze,
            "Messages and the end follow, each call in a fresh instance",
            conversation::whole(bench).await,
        ),
        c(
            "end-twice",
            Bronze,
            "An end is success, however often, and where the conversation is gone",
            conversation::end_twice(bench).await,
        ),
        c(
            "callbacks",
            Bronze,
            "Each callback comes to its events, in order",
            callbacks::described(bench).await,
        ),
        c(
            "callbacks-again",
            Bronze,
            "A callback that comes again is recognised, and no other is taken for it",
            again::duplicates(bench).await,
        ),
        c("nonsense", Bronze, "What is no callback brings no event", nonsense::refused(bench).await),
        c("verification", Bronze, "Callbacks of strangers are refused", verification::vectors(bench)),
        c("secrets", Bronze, "No secret is asked for by value, or passed on", secrets::kept(bench).await),
        c("determinism", Bronze, "The same input comes to the same output", determinism::same(bench)),
        c("bounds", Bronze, "Calls stay within time and memory", cost::bounded(bench).await),
        c(
            "faults-of-start",
            Silver,
            "Each failure of a start is answered with the right advice",
            faults::start(bench).await,
        ),
        c(
            "faults-of-send",
            Silver,
            "Each failure of a message is answered with the right advice",
            faults::send(bench).await,
        ),
        c(
            "faults-of-end",
            Silver,
            "Each failure of an end is answered with the right advice",
            faults::end(bench).await,
        ),
        c("refusals", Silver, "The vendor's own refusals are understood", faults::refusals(bench).await),
        c(
            "resumed-start",
            Silver,
            "A start goes on where it broke off, and makes nothing twice",
            resuming::start(bench).await,
        ),
        c("repeats", Silver, "A second attempt carries the id of the first", resuming::repeats(bench).await),
        c("remembering", Silver, "What a session remembers stays small", remembering::small(bench).await),
        c(
            "echoes",
            Silver,
            "Our own messages do not come back to the customer",
            callbacks::echoes(bench).await,
        ),
        c(
            "many-events",
            Silver,
            "All events of one callback are told, in order",
            callbacks::many(bench).await,
        ),
        c(
            "texts-to-vendor",
            Silver,
            "Strange texts reach the vendor as they are",
            texts::to_vendor(bench).await,
        ),
        c(
            "texts-to-customer",
            Silver,
            "Strange texts reach the customer as they are",
            texts::to_customer(bench).await,
        ),
        c("attachments", Silver, "A file reaches the vendor", files::attachments(bench).await),
        c(
            "vendor-signature",
            Silver,
            "A request that the vendor has signed is taken",
            verification::of_vendor(bench),
        ),
        c("signals", Gold, "Typing and receipts are told", signals::told(bench).await),
        c("availability", Gold, "Whether anybody is there is known", hours::known(bench).await),
        c("feed", Gold, "What has happened is read, once", feed::read(bench).await),
        c("reconcile", Gold, "Whether the vendor has a message is known", reconcile::known(bench).await),
        c("migration", Gold, "State of older versions is read", migration::read(bench).await),
        c("trial", Gold, "What the operator's check tries is told, good and bad", trial::told(bench).await),
        c("other-interfaces", Gold, "Every interface that it exports has been tried", others(bench)),
    ]
}

/// What a kit of this version cannot prove, it does not vouch for.
fn others(bench: &Bench) -> Outcome {
    match crate::inspect::unknown(&bench.lab.exports).as_slice() {
        [] => not_applicable("it exports none that this kit does not know"),
        unknown => Outcome::NotRun { why: format!("this kit does not know `{}`", unknown.join("`, `")) },
    }
}

fn check(name: &'static str, level: Level, title: &'static str, outcome: Outcome) -> Check {
    Check { name, title, level, outcome }
}

/// What the scenario does not tell because it does not apply to this vendor.
fn waived(bench: &Bench, name: &str, outcome: Outcome) -> Outcome {
    match (outcome, bench.scenario.waived.get(name)) {
        (Outcome::Untold { .. }, Some(why)) => {
            Outcome::NotApplicable { why: format!("the scenario says: {why}") }
        }
        (outcome, _) => outcome,
    }
}

/// Passed where there are no faults.
fn verdict(faults: Vec<Fault>, note: impl Into<String>) -> Outcome {
    if faults.is_empty() { Outcome::Passed { note: note.into() } } else { Outcome::Failed { faults } }
}

fn untold(add: &str) -> Outcome {
    Outcome::Untold { add: add.to_owned() }
}

fn not_applicable(why: &str) -> Outcome {
    Outcome::NotApplicable { why: why.to_owned() }
}

/// What of the requests was not as the scenario says.
fn exchanged(at: &str, played: &Played) -> Vec<Fault> {
    let wrong = played.wrong.iter().map(|wrong| {
        let look = "the request that the connector makes, or the exchange as the scenario tells it";
        Fault::new(at, "the requests of the scenario", wrong, look)
    });
    let missing = played.missing.iter().map(|missing| {
        let look = "a request that the connector does not make; `optional = true` where it may be left out";
        Fault::new(at, format!("the request {missing}"), "it never came", look)
    });
    // One that is wrong leaves those behind it missing.
    let mut faults: Vec<Fault> = wrong.collect();
    if faults.is_empty() {
        faults.extend(missing);
    }
    faults
}
