//! The vendors: whether each connector's upstream answers, and whether there is a credential for it. Nothing that is
//! the vendor's own is called, and no credential is sent.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use handover_sandbox::description::CredentialKind;
use handover_sandbox::{ConnectorConfig, Generation, UpstreamConfig};
use reqwest::Method;
use url::{Host, Url};

use super::report::Report;
use super::web::{Web, origin};
use crate::clock;

pub(super) async fn look(
    serving: &[(String, Arc<Generation>)],
    granted: &BTreeMap<String, ConnectorConfig>,
    web: &Web,
    report: &mut Report,
) {
    report.group("Vendors");
    if serving.is_empty() {
        report.skipped("upstreams", "no connector serves");
    }
    for (name, _) in serving {
        let Some(config) = granted.get(name) else { continue };
        for (upstream, way) in &config.upstreams {
            reach(&format!("connectors.{name}.upstreams.{upstream}"), way, web, report).await;
        }
        credentials(name, config, report).await;
    }
}

async fn reach(step: &str, way: &UpstreamConfig, web: &Web, report: &mut Report) {
    if !way.allow_private
        && let Some(address) = inside(&way.base_url).await
    {
        report.failed(
            step,
            format!("the name leads to the private address {address}, where connectors may not go by a name"),
            "set `allow_private = true` beside `base_url` if the vendor is in your own network",
        );
        return;
    }
    match web.ask(Method::HEAD, &way.base_url, None, 0).await {
        Ok(answer) if matches!(answer.status, 502..=504) => report.failed(
            step,
            format!("a proxy answers at {}, and behind it nobody ({})", origin(&way.base_url), answer.status),
            "check that the vendor's system runs",
        ),
        Ok(answer) => report.ok(step, format!("{} answers ({})", origin(&way.base_url), answer.status)),
        Err(unanswered) => report.failed(step, unanswered.cause, unanswered.fix),
    }
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

/// Credentials that live on tokens are asked for one; it goes nowhere.
async fn credentials(connector: &str, config: &ConnectorConfig, report: &mut Report) {
    for (name, granted) in &config.credentials {
        if !matches!(granted.kind, CredentialKind::Oauth2ClientCredentials | CredentialKind::JwtBearer) {
            continue;
        }
        let step = format!("connectors.{connector}.credentials.{name}");
        let Some(way) = config.upstreams.values().next() else { continue };
        let mut unsent = reqwest::Request::new(Method::HEAD, way.base_url.clone());
        match granted.credential.apply(&mut unsent, clock::now().0).await {
            Ok(()) => report.ok(step, "a token was given"),
            Err(error) => {
                report.failed(
                    step,
                    error.to_string(),
                    "check the credential's token address, id and secret with the vendor",
                );
            }
        }
    }
}
