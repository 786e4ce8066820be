//! What a component says of itself, and whether that may be so.

use std::collections::BTreeSet;

use crate::bindings::exports::handover::connector::descriptor as guest;
use crate::config::ConnectorConfig;
use crate::convert::short;
use crate::credentials::Credentials;
use crate::description::{
    AttachmentMode, Attachments, CallbackRoute, Capabilities, Description, Digest, Encoding, HmacSignature,
    SignedContent, TextFormat, TextUnit, Verification,
};
use crate::difference::Difference;
use crate::egress::{Egress, HostPattern};
use crate::folder::is_name;
use crate::load::Rejection;
use crate::schema;

/// In the host's words.
pub(crate) fn read(
    told: &guest::Description,
    capabilities: Capabilities,
    imports: Vec<String>,
) -> Description {
    Description {
        name: told.name.clone(),
        version: told.version.clone(),
        vendor: told.vendor.clone(),
        upstreams: told.upstreams.iter().map(|upstream| upstream.name.clone()).collect(),
        credentials: told.credentials.iter().map(|credential| credential.name.clone()).collect(),
        callbacks: told.callbacks.iter().map(route).collect(),
        text_limit: told.limits.text_length.map(|length| (length, unit(told.limits.text_unit))),
        text_formats: told.limits.text_formats.iter().copied().map(format).collect(),
        attachments: Attachments {
            mode: match told.limits.attachments {
                guest::AttachmentMode::None => AttachmentMode::None,
                guest::AttachmentMode::ByUrl => AttachmentMode::ByUrl,
                guest::AttachmentMode::Upload => AttachmentMode::Upload,
            },
            size: told.limits.attachment_size,
            types: told.limits.attachment_types.clone(),
        },
        state_schema: told.state_schema,
        capabilities,
        imports,
    }
}

fn unit(unit: guest::TextUnit) -> TextUnit {
    match unit {
        guest::TextUnit::Bytes => TextUnit::Bytes,
        guest::TextUnit::Utf16Units => TextUnit::Utf16Units,
        guest::TextUnit::Characters => TextUnit::Characters,
    }
}

fn format(format: guest::TextFormat) -> TextFormat {
    match format {
        guest::TextFormat::Plain => TextFormat::Plain,
        guest::TextFormat::Markdown => TextFormat::Markdown,
        guest::TextFormat::Html => TextFormat::Html,
    }
}

fn route(route: &guest::CallbackRoute) -> CallbackRoute {
    CallbackRoute {
        path: route.path.trim_start_matches('/').to_owned(),
        methods: route.methods.clone(),
        verification: route.verification.iter().map(verification).collect(),
    }
}

fn verification(told: &guest::Verification) -> Verification {
    use guest::Verification as Told;
    match told {
        Told::Hmac(hmac) => Verification::Hmac(HmacSignature {
            credential: hmac.credential.clone(),
            digest: digest(hmac.digest),
            encoding: match hmac.encoding {
                guest::Encoding::Hex => Encoding::Hex,
                guest::Encoding::Base64 => Encoding::Base64,
            },
            header: hmac.header.clone(),
            prefix: hmac.prefix.clone(),
            content: match hmac.content {
                guest::SignedContent::Body => SignedContent::Body,
                guest::SignedContent::TimestampAndBody => SignedContent::TimestampAndBody,
                guest::SignedContent::UrlAndForm => SignedContent::UrlAndForm,
            },
            timestamp_header: hmac.timestamp_header.clone(),
            opening: hmac.opening.clone(),
            separator: hmac.separator.clone(),
            tolerance: hmac.tolerance,
        }),
        Told::SharedSecret(secret) => Verification::SharedSecret {
            credential: secret.credential.clone(),
            header: secret.header.clone(),
            prefix: secret.prefix.clone(),
        },
        Told::Basic(credential) => Verification::Basic { credential: credential.clone() },
        Told::BearerJwt(credential) => Verification::BearerJwt { credential: credential.clone() },
        Told::Rsa(rsa) => Verification::Rsa {
            credential: rsa.credential.clone(),
            digest: digest(rsa.digest),
            header: rsa.header.clone(),
        },
        Told::StandardWebhooks(credential) => {
            Verification::StandardWebhooks { credential: credential.clone() }
        }
        Told::AwsSns => Verification::AwsSns,
        Told::ClientCertificate(credential) => {
            Verification::ClientCertificate { credential: credential.clone() }
        }
        Told::None => Verification::None,
    }
}

fn digest(digest: guest::Digest) -> Digest {
    match digest {
        guest::Digest::Sha1 => Digest::Sha1,
        guest::Digest::Sha256 => Digest::Sha256,
        guest::Digest::Sha512 => Digest::Sha512,
    }
}

/// All that keeps a component from serving.
#[derive(Default)]
pub(crate) struct Wrong {
    /// With the component, whatever is granted.
    pub(crate) itself: Vec<String>,
    /// With what it is granted.
    pub(crate) granted: Vec<Difference>,
}

/// Holds what a component asks for against what the operator grants: all differences at once, or the credentials that
/// it has.
pub(crate) fn check(
    name: &str,
    description: &Description,
    told: &guest::Description,
    config: &ConnectorConfig,
    egress: &Egress,
) -> Result<Credentials, Rejection> {
    let mut wrong = Wrong { itself: itself(description, told), granted: Vec::new() };
    upstreams(name, told, egress, &mut wrong);
    let credentials = Credentials::new(name, told, config, &mut wrong);
    match schema::differences(&format!("connectors.{name}.settings"), &told.config_schema, &config.settings) {
        Ok(found) => wrong.granted.extend(found),
        Err(e) => wrong.itself.push(format!("its config-schema {e}")),
    }
    if wrong.itself.is_empty() && wrong.granted.is_empty() {
        return Ok(credentials);
    }
    let ungranted = wrong.itself.is_empty();
    let reason: Vec<String> =
        wrong.itself.into_iter().chain(wrong.granted.iter().map(ToString::to_string)).collect();
    Err(Rejection { ungranted, differences: wrong.granted, ..reason.join("; ").into() })
}

/// What is wrong with it, whatever is granted.
fn itself(description: &Description, told: &guest::Description) -> Vec<String> {
    let mut wrong = Vec::new();
    if !is_name(&description.name) {
        wrong.push(format!("calls itself `{}`, which is no connector's name", short(&description.name)));
    }
    let version = &description.version;
    if version.is_empty() || version.len() > 64 || !version.chars().all(|c| c.is_ascii_graphic()) {
        wrong.push("says no version, or one that cannot be written in a line".to_owned());
    }
    if description.vendor.chars().any(char::is_control) {
        wrong.push("names a vendor that cannot be written in a line".to_owned());
    }
    if let Some((0, _)) = description.text_limit {
        wrong.push("says that a message may have no text at all: none is no limit".to_owned());
    }
    let upstreams = told.upstreams.iter().map(|upstream| ("upstream", &upstream.name));
    let credentials = told.credentials.iter().map(|credential| ("credential", &credential.name));
    let mut named = BTreeSet::new();
    for (kind, name) in upstreams.chain(credentials) {
        if !is_key(name) {
            wrong.push(format!(
                "has the {kind} `{}`: use letters, digits, `-` and `_`, 64 at most",
                short(name)
            ));
        } else if !named.insert((kind, name)) {
            wrong.push(format!("has the {kind} `{name}` twice"));
        }
    }
    for route in &description.callbacks {
        let path = short(&route.path);
        if route.methods.is_empty() || !route.methods.iter().all(|method| is_method(method)) {
            wrong.push(format!("has a callback at `/{path}` with no method, or one that is none"));
        }
        if route.verification.is_empty() {
            wrong.push(format!(
                "does not say how callbacks at `/{path}` are verified: `none` is a scheme too"
            ));
        }
    }
    wrong
}

/// The operator writes it as a key of the configuration.
fn is_key(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_method(method: &str) -> bool {
    (1..=16).contains(&method.len()) && method.bytes().all(|b| b.is_ascii_uppercase())
}

fn upstreams(name: &str, told: &guest::Description, egress: &Egress, wrong: &mut Wrong) {
    for upstream in &told.upstreams {
        let key = format!("connectors.{name}.upstreams.{}", short(&upstream.name));
        if !egress.grants(&upstream.name) {
            let what = "it is missing: the connector asks for this upstream".to_owned();
            let usual = upstream.default_base_url.as_ref().map(|base| format!("usually `{}`", short(base)));
            let help = [Some(upstream.help.clone()).filter(|help| !help.is_empty()), usual];
            let help = help.into_iter().flatten().collect::<Vec<_>>().join("; ");
            wrong.granted.push(Difference::new(format!("{key}.base_url"), what, &help));
            continue;
        }
        if let Some(fault) = egress.fault(&upstream.name) {
            wrong.granted.push(Difference::new(
                format!("{key}.base_url"),
                format!("it {fault}"),
                &upstream.help,
            ));
            continue;
        }
        for text in &upstream.further_hosts {
            match text.parse::<HostPattern>() {
                Ok(pattern) if egress.grants_hosts(&upstream.name, &pattern) => {}
                Ok(pattern) => wrong.granted.push(Difference::new(
                    format!("{key}.further_hosts"),
                    format!("the connector asks for `{pattern}`, which is not granted"),
                    "",
                )),
                Err(e) => {
                    wrong.itself.push(format!("asks for further hosts of upstream `{}`: {e}", upstream.name))
                }
            }
        }
    }
}
