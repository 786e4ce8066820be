//! The vendors: whether each connector's upstream answers, and whether there is a credential for it that is good.
//!
//! What is asked is known from the configuration and from the connector, never from the vendor: tokens are fetched
//! where there is a place to fetch them, a path is read where the operator names one (`probe`), and a connector that
//! can tell whether somebody is there (`availability`) or try its own setup (`trial`) is asked, in its sandbox. Nothing is written at the vendor's.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use handover_handoff::delivery::FailureReason;
use handover_sandbox::description::CredentialKind;
use handover_sandbox::{CallError, ConnectorConfig, Generation, GrantedCredential, UpstreamConfig};
use reqwest::{Method, Request};
use url::{Host, Url};

use super::report::Report;
use super::trial;
use super::web::{Web, origin};
use crate::clock;
use crate::config::Config;

pub(super) async fn look(
    serving: &[(String, Arc<Generation>)],
    written: &Config,
    granted: &BTreeMap<String, ConnectorConfig>,
    web: &Web,
    report: &mut Report,
) {
    report.group("Vendors");
    if serving.is_empty() {
        report.skipped("upstreams", "no connector serves");
    }
    for (name, generation) in serving {
        let Some(config) = granted.get(name) else { continue };
        let mut reached = Vec::new();
        for (upstream, way) in &config.upstreams {
            if reach(&format!("connectors.{name}.upstreams.{upstream}"), way, web, report).await {
                reached.push((upstream, way));
            }
        }
        let refused = sign_in(name, config, report).await;
        for (upstream, way) in &reached {
            let Some(held) = generation.credential_of(upstream) else { continue };
            let section =
                written.connectors.get(name).and_then(|section| section.upstreams.get(upstream.as_str()));
            let probe = section.and_then(|section| section.probe.as_deref());
            match name_of(held, config).filter(|credential| !refused.contains(credential)) {
                Some(credential) => {
                    let place = Place { connector: name, upstream, credential };
                    try_credential(&place, held, &way.base_url, probe, web, report).await;
                }
                None => continue,
            }
        }
        if generation.description().capabilities.availability && reached.len() == config.upstreams.len() {
            hours(name, generation, report).await;
        }
        if reached.len() == config.upstreams.len() {
            trial::look(name, generation, report).await;
        }
    }
}

/// Whether somebody answers.
async fn reach(step: &str, way: &UpstreamConfig, web: &Web, report: &mut Report) -> bool {
    if !way.allow_private
        && let Some(address) = inside(&way.base_url).await
    {
        report.failed(
            step,
            format!("the name leads to the private address {address}, where connectors may not go by a name"),
            "set `allow_private = true` beside `base_url` if the vendor is in your own network",
        );
        return false;
    }
    match web.ask(Method::HEAD, &way.base_url, None, 0).await {
        Ok(answer) if matches!(answer.status, 502..=504) => report.failed(
            step,
            format!("a proxy answers at {}, and behind it nobody ({})", origin(&way.base_url), answer.status),
            "check that the vendor's system runs",
        ),
        Ok(answer) => {
            report.ok(step, format!("{} answers ({})", origin(&way.base_url), answer.status));
            return true;
        }
        Err(unanswered) => report.failed(step, unanswered.cause, unanswered.fix),
    }
    false
}

/// The first address of a name that is not out there. Addresses that are spelled out are the operator's word.
async fn inside(url: &Url) -> Option<IpAddr> {
    let Some(Host::Domain(name)) = url.host() else { return None };
    if name == "localhost" {
        return None;
    }
    let found = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or(443))).await.ok()?;
    found.map(|address| address.ip()).find(|address| match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local(),
    })
}

/// Credentials that live on tokens are asked for one. Those that got none.
async fn sign_in<'a>(connector: &str, config: &'a ConnectorConfig, report: &mut Report) -> Vec<&'a str> {
    let mut refused = Vec::new();
    for (name, granted) in config.credentials.iter().filter(|(_, granted)| lives_on_tokens(granted)) {
        let step = format!("connectors.{connector}.credentials.{name}");
        let Some(way) = config.upstreams.values().next() else { continue };
        let mut unsent = Request::new(Method::HEAD, way.base_url.clone());
        match granted.credential.apply(&mut unsent, clock::now().0).await {
            Ok(()) => report.ok(step, "a token was given"),
            Err(error) => {
                refused.push(name.as_str());
                report.failed(
                    step,
                    error.to_string(),
                    "check the credential's token address, id and secret with the vendor",
                );
            }
        }
    }
    refused
}

fn lives_on_tokens(granted: &GrantedCredential) -> bool {
    matches!(granted.kind, CredentialKind::Oauth2ClientCredentials | CredentialKind::JwtBearer)
}

/// What the operator calls it.
fn name_of<'a>(held: &GrantedCredential, config: &'a ConnectorConfig) -> Option<&'a str> {
    let same = |granted: &GrantedCredential| Arc::ptr_eq(&granted.credential, &held.credential);
    config.credentials.iter().find(|(_, granted)| same(granted)).map(|(name, _)| name.as_str())
}

/// Where a credential goes.
struct Place<'a> {
    connector: &'a str,
    upstream: &'a str,
    credential: &'a str,
}

/// Whether the vendor takes a credential, as far as that can be known without the vendor's API: by what is answered to
/// one path with it and without it.
async fn try_credential(
    place: &Place<'_>,
    held: &GrantedCredential,
    base: &Url,
    probe: Option<&str>,
    web: &Web,
    report: &mut Report,
) {
    let Place { connector, upstream, credential } = place;
    let step = format!("connectors.{connector}.credentials.{credential}");
    let key = format!("connectors.{connector}.upstreams.{upstream}.probe");
    if held.credential.owns().is_empty() {
        report.skipped(
            step,
            "the connector signs with it; whether the vendor takes it shows at the first handover",
        );
        return;
    }
    let Some(path) = probe else {
        if !lives_on_tokens(held) {
            report.skipped(
                step,
                format!(
                    "it is set; whether the vendor takes it shows at the first handover, or here, where `{key}` is a \
                     path that only a good credential can read"
                ),
            );
        }
        return;
    };
    let at = format!("{}{path}", base.as_str().trim_end_matches('/'));
    let Ok(url) = Url::parse(&at) else {
        report.failed(key, "base_url and it make no address together", "a path is wanted, such as /v2/me");
        return;
    };
    let mut signed = Request::new(Method::GET, url.clone());
    if let Err(error) = held.credential.apply(&mut signed, clock::now().0).await {
        report.failed(step, error.to_string(), "");
        return;
    }
    let answers = async {
        let without = web.ask(Method::GET, &url, None, 0).await?.status;
        Ok((without, web.send(signed, 0).await?.status))
    };
    let at = origin(&url);
    match answers.await {
        Err::<_, super::web::Unanswered>(unanswered) => report.failed(key, unanswered.cause, unanswered.fix),
        Ok((_, 401)) => report.failed(
            step,
            format!("{at} does not take it: 401 for {path}"),
            "check user or id, and secret, with the vendor",
        ),
        Ok((_, 403)) => report.failed(
            step,
            format!("{at} does not let it read {path}: 403"),
            "give it the rights that the connector's README names, or name another path as `probe`",
        ),
        Ok((_, with @ 500..)) => {
            report.failed(key, format!("{at} answers {with}"), "check that the vendor's system runs");
        }
        Ok((without, with)) if without == with => report.skipped(
            step,
            format!("`{key}` tells nothing: {with} is answered with it and without it; name another path"),
        ),
        Ok((without, with)) => {
            report.ok(step, format!("{at} takes it: {with} for the `probe`, and {without} without it"));
        }
    }
}

/// The connector asks its vendor whether somebody is there, as before each start.
async fn hours(connector: &str, generation: &Generation, report: &mut Report) {
    let step = format!("connectors.{connector}, availability");
    match generation.opens(clock::now()).await {
        Ok(Some(false)) => {
            report.ok(step, "the connector says that nobody is there now: handovers end with `no-agents`");
        }
        Ok(_) => report.ok(step, "the connector says that handovers can begin now"),
        Err(CallError::Failed(failure)) => {
            let (step, fix) = match &failure.reason {
                FailureReason::Misconfigured(key) => {
                    (format!("connectors.{connector}.{key}"), "correct it: the vendor does not know it so")
                }
                _ => (step, "check the connector's settings, address and credentials with the vendor"),
            };
            report.failed(step, failure.detail, fix);
        }
        Err(error) => report.failed(step, error.to_string(), ""),
    }
}
