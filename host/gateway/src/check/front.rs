//! The running gateway as others see it, by its public address: what Copilot Studio does when the skill is added, and
//! where vendors call.

use std::sync::Arc;

use handover_sandbox::Generation;
use handover_sandbox::description::CallbackRoute;
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::manifest::{self, LONGEST};
use super::report::Report;
use super::web::{Answer, Web, is_near, origin};
use crate::config::{Config, with_slash};

/// Enough of an answer to know whose it is.
const SHORT: usize = 16 * 1024;

pub(super) async fn look(
    config: &Config,
    serving: &[(String, Arc<Generation>)],
    web: &Web,
    report: &mut Report,
) {
    report.group("Adding the skill in Copilot Studio");
    let url = config.public_url(config.gateway.listen);
    if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        let fix = "set it to https://<name>/, what Copilot Studio reaches";
        report.failed(
            "gateway.public_url",
            "it is no http or https address with a host (URL_MALFORMED)",
            fix,
        );
        return;
    }
    match (url.scheme(), is_near(&url)) {
        ("https", _) => report.ok("gateway.public_url", format!("{} is https", origin(&url))),
        (_, true) => report.skipped(
            "gateway.public_url",
            format!("{} is this machine only; Copilot Studio wants https (URL_NOT_HTTPS)", origin(&url)),
        ),
        (_, false) => report.failed(
            "gateway.public_url",
            format!("{} is not https (URL_NOT_HTTPS)", origin(&url)),
            "put a proxy or tunnel with TLS in front, and set `gateway.public_url` to its https address",
        ),
    }
    let base = with_slash(&url);
    if manifest(config, &url, &base, web, report).await {
        ping(config, &base, web, report).await;
        report.group("Callbacks through the public address");
        for (name, generation) in serving {
            for route in &generation.description().callbacks {
                callback(&base, name, route, web, report).await;
            }
        }
    } else {
        let why = "nobody answers at the public address";
        report.skipped("health ping", why);
        report.group("Callbacks through the public address");
        report.skipped("callbacks", why);
    }
}

/// Fetches the manifest as the import does. False where nobody answers at all.
async fn manifest(config: &Config, public: &Url, base: &str, web: &Web, report: &mut Report) -> bool {
    let place = format!("{base}skill-manifest.json");
    let Ok(url) = place.parse::<Url>() else { return false };
    let answer = match web.ask(Method::GET, &url, None, LONGEST).await {
        Ok(answer) => answer,
        Err(unanswered) => {
            let fix = format!(
                "{}; is `handover serve` running, and the tunnel or proxy in front of it?",
                unanswered.fix
            );
            report.failed("manifest", format!("{} (MANIFEST_FETCH_FAILED)", unanswered.cause), fix);
            return false;
        }
    };
    if answer.status != 200 {
        report.failed(
            "manifest",
            format!("/skill-manifest.json is answered with {} (MANIFEST_FETCH_FAILED)", answer.status),
            not_ours(answer.status),
        );
        return true;
    }
    if answer.longer {
        let fix = "it is not Handover's; check where `gateway.public_url` leads";
        report.failed("manifest", "it is longer than 500 KB (MANIFEST_TOO_LARGE)", fix);
        return true;
    }
    let Some(document) = answer.json() else {
        report.failed(
            "manifest",
            "what is there is no JSON, somebody else's page perhaps (MANIFEST_MALFORMED)",
            "check where `gateway.public_url` leads: a tunnel's welcome page, a login, or another site may answer",
        );
        return true;
    };
    report.ok(
        "manifest",
        format!("{} bytes after {} ms, without signing in", answer.body.len(), answer.took.as_millis()),
    );
    let (told, faults) = manifest::read(&document);
    for fault in &faults {
        let fix = "if this is not Handover's own manifest, check where `gateway.public_url` leads";
        report.failed("manifest", format!("{} ({})", fault.what, fault.code), fix);
    }
    if faults.is_empty() {
        report.ok("manifest's content", "one endpoint; actions, inputs and outputs are within the limits");
    }
    match &told.endpoint {
        Some(endpoint) if endpoint.origin() != public.origin() => report.failed(
            "endpoint",
            format!(
                "the manifest at {} names an endpoint at {} (MANIFEST_ENDPOINT_ORIGIN_MISMATCH)",
                origin(public),
                origin(endpoint)
            ),
            "set `gateway.public_url` to the address that the manifest is fetched from, restart the gateway, and set \
             the Home page URL of the skill's app registration (Branding & properties) to the same address",
        ),
        Some(endpoint) => report.ok(
            "endpoint",
            format!(
                "{endpoint}; the Home page URL of the skill's app registration has to be at {}, else \
                 MANIFEST_ENDPOINT_ORIGIN_MISMATCH",
                origin(public)
            ),
        ),
        None => {}
    }
    match told.app_id {
        _ if config.bot.local => report.skipped("msAppId", "`bot.local`"),
        Some(id) if id.eq_ignore_ascii_case(&config.bot.app_id.to_string()) => report.ok("msAppId", "it is `bot.app_id`"),
        Some(_) => report.failed(
            "msAppId",
            "it is not `bot.app_id`: the gateway that answers runs with another configuration (AADERROR_OTHER)",
            "restart it with this one, or check where `gateway.public_url` leads",
        ),
        None => {}
    }
    report.skipped(
        "the agent's own skills",
        "only Copilot Studio knows whether the skill is added already (MANIFEST_ALREADY_IMPORTED: delete it there and \
         add it again) and whether there are 25 (LIMITS_TOO_MANY_SKILLS)",
    );
    true
}

/// Whose answer this may be, and what to do.
fn not_ours(status: u16) -> &'static str {
    match status {
        300..=399 => {
            "somebody in front redirects; `gateway.public_url` has to be the address that answers itself"
        }
        401 | 403 => {
            "somebody in front wants a login (a tunnel without anonymous access, a sign-in of the platform); let \
             everybody through, Handover checks callers itself"
        }
        404 => {
            "the path does not lead to Handover; check the proxy's rules, and a path in `gateway.public_url`"
        }
        502..=504 => {
            "the proxy in front reaches no gateway; is `handover serve` running, and is its port right?"
        }
        _ => "check what the proxy in front does with the request",
    }
}

/// An error of the bot's edge as this program words it.
fn is_our_refusal(answer: &Answer) -> bool {
    let told = answer.json();
    let message = told.as_ref().and_then(|body| body["error"]["message"].as_str());
    message.is_some_and(|message| message.starts_with("not admitted: "))
}

/// The health ping of the import, but without a token: that has to be refused, by us.
async fn ping(config: &Config, base: &str, web: &Web, report: &mut Report) {
    let name = "health ping";
    if config.bot.local {
        report.skipped(name, "`bot.local`: everybody on this machine may call");
        return;
    }
    let Ok(url) = format!("{base}api/messages").parse::<Url>() else { return };
    let body = json!({
        "type": "endOfConversation", "id": "handover-check", "channelId": "handover-check",
        "from": { "id": "handover-check" }, "conversation": { "id": "handover-check" },
        "serviceUrl": "https://handover-check.invalid/",
    });
    let codes = "ENDPOINT_HEALTHCHECK_FAILED, HEALTH_PING_FAILED";
    match web.ask(Method::POST, &url, Some(&body), SHORT).await {
        Err(unanswered) => report.failed(name, format!("{} ({codes})", unanswered.cause), unanswered.fix),
        Ok(answer) if answer.status == 401 && is_our_refusal(&answer) => report.ok(
            name,
            "a call without a token is refused by Handover (401); with one it is answered, unless the agent is not in \
             `[[bot.agents]]` (ENDPOINT_HEALTHCHECK_UNAUTHORIZED)",
        ),
        Ok(answer) if matches!(answer.status, 401 | 403) => report.failed(
            name,
            format!(
                "/api/messages is refused with {}, and not by Handover (ENDPOINT_HEALTHCHECK_UNAUTHORIZED)",
                answer.status
            ),
            not_ours(answer.status),
        ),
        Ok(answer) if answer.status < 300 => report.failed(
            name,
            format!("/api/messages takes a call without a token ({}): somebody else answers, or a gateway that runs with `local` ({codes})", answer.status),
            "check where `gateway.public_url` leads, and that the gateway runs with this configuration",
        ),
        Ok(answer) => {
            report.failed(name, format!("/api/messages is answered with {} ({codes})", answer.status), not_ours(answer.status));
        }
    }
}

/// Calls a callback with a method that its route does not take: our own refusal comes back, and nothing happens.
async fn callback(base: &str, connector: &str, route: &CallbackRoute, web: &Web, report: &mut Report) {
    let path = route.path.trim_end_matches('*').trim_end_matches('/');
    let place = format!("api/callbacks/{connector}{}{path}", if path.is_empty() { "" } else { "/" });
    let method = [Method::GET, Method::DELETE, Method::OPTIONS, Method::PATCH]
        .into_iter()
        .find(|method| !route.methods.iter().any(|taken| taken == method.as_str()));
    let (Some(method), Ok(url)) = (method, format!("{base}{place}").parse::<Url>()) else {
        report.skipped(format!("/{place}"), "it takes every method");
        return;
    };
    let name = format!("/{place}");
    match web.ask(method, &url, None, SHORT).await {
        Err(unanswered) => report.failed(name, unanswered.cause, unanswered.fix),
        Ok(answer) => {
            let told = answer.json().and_then(|body| body["error"].as_str().map(str::to_owned));
            match told.as_deref() {
                Some("the callback takes another method") => report.ok(name, "leads to this connector"),
                Some("no such connector" | "the connector has no such callback") => report.failed(
                    name,
                    "the gateway that answers does not serve this connector in this version",
                    "look at `handover connectors`; it may run with another folder or configuration",
                ),
                _ => report.failed(
                    name,
                    format!("somebody else answers, with {}", answer.status),
                    not_ours(answer.status),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn only_our_own_words_are_ours() {
        let answer = |body: Value| Answer {
            status: 401,
            body: body.to_string().into_bytes(),
            longer: false,
            took: std::time::Duration::ZERO,
        };
        assert!(is_our_refusal(&answer(
            json!({ "error": { "code": "Unauthorized", "message": "not admitted: x" } })
        )));
        assert!(!is_our_refusal(&answer(json!({ "error": { "message": "sign in first" } }))));
        assert!(!is_our_refusal(&answer(json!({ "error": "no" }))));
    }
}
