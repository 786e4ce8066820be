//! What a component is and asks for: told by itself and by its imports, without letting it near anything.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::KitError;
use crate::lab::{AttachmentMode, Lab, LabError, Raw, TextUnit, Verification};

/// The optional interfaces of the contract.
const OPTIONAL: [&str; 6] = ["signals", "availability", "feed", "reconcile", "migration", "trial"];

/// What the contract's interfaces begin with.
const CONTRACT: &str = "handover:connector/";

/// What a component is and asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Its own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The vendor, as people know it.
    pub vendor: String,
    /// SHA-256 in hex.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// The version of the contract that it was built for; empty where it names none.
    pub contract: String,
    /// All that it exports.
    pub exports: Vec<String>,
    /// The optional interfaces among that.
    pub capabilities: Vec<String>,
    /// All that it may use of the host.
    pub imports: Vec<String>,
    /// Where its requests go.
    pub upstreams: Vec<Upstream>,
    /// What it wants configured.
    pub credentials: Vec<Credential>,
    /// How the vendor calls.
    pub callbacks: Vec<Route>,
    /// What the vendor takes.
    pub limits: Limits,
    /// Grows when old state can no longer be read.
    pub state_schema: u32,
    /// The settings, by name, with what the schema says of them.
    pub settings: Vec<Setting>,
}

/// A destination of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Where it leads where the operator says nothing.
    pub default_base_url: Option<String>,
    /// Hosts that the vendor may hand out.
    pub further_hosts: Vec<String>,
    /// The credential that goes there.
    pub credential: Option<String>,
    /// For the operator.
    pub help: String,
}

/// A credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// Its name.
    pub name: String,
    /// Any one of these.
    pub kinds: Vec<String>,
    /// Whether it does without.
    pub required: bool,
    /// For the operator.
    pub help: String,
}

/// A callback route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Below the mount.
    pub path: String,
    /// Methods.
    pub methods: Vec<String>,
    /// Schemes, any one of which proves the vendor.
    pub verification: Vec<String>,
}

/// What the vendor takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The longest text, with its unit.
    pub text: Option<String>,
    /// `none`, `by-url` or `upload`.
    pub attachments: &'static str,
    /// Bytes of the largest file.
    pub attachment_size: Option<u64>,
    /// Media types.
    pub attachment_types: Vec<String>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its type, where the schema tells it.
    pub kind: Option<String>,
    /// Whether it must be there.
    pub required: bool,
    /// What it is for.
    pub description: Option<String>,
}

/// Why a component cannot be inspected.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The kit cannot run.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// It is no connector.
    #[error("{0}")]
    Component(String),
}

/// Looks at a component.
///
/// # Errors
/// Why it is none, or does not say what it is.
pub fn inspect(component: &[u8]) -> Result<Inspection, InspectError> {
    let opened = Lab::open(component, std::collections::BTreeMap::new());
    let (lab, raw) = opened.and_then(|lab| lab.describe().map(|raw| (lab, raw))).map_err(|e| match e {
        LabError::Kit(error) => InspectError::Kit(error),
        LabError::Component(why) => InspectError::Component(why),
    })?;
    let named = lab.exports.iter().find_map(|name| name.strip_prefix(CONTRACT)?.split_once('@'));
    let contract = named.map(|(_, version)| version.to_owned()).unwrap_or_default();
    Ok(Inspection {
        digest: lab.digest.clone(),
        size: lab.size,
        contract,
        capabilities: capabilities(&lab.exports),
        exports: lab.exports.clone(),
        imports: lab.imports.clone(),
        upstreams: raw.upstreams.iter().map(upstream).collect(),
        credentials: raw.credentials.iter().map(credential).collect(),
        callbacks: raw.callbacks.iter().map(route).collect(),
        limits: limits(&raw),
        state_schema: raw.state_schema,
        settings: settings(&raw.config_schema),
        name: raw.name,
        version: raw.version,
        vendor: raw.vendor,
    })
}

/// SHA-256 in hex.
pub(crate) fn digest(component: &[u8]) -> String {
    hex::encode(Sha256::digest(component))
}

/// The optional interfaces among these exports.
pub(crate) fn capabilities(exports: &[String]) -> Vec<String> {
    let is = |export: &String, interface: &str| {
        export.strip_prefix(CONTRACT).and_then(|rest| rest.split('@').next()) == Some(interface)
    };
    let found = OPTIONAL.into_iter().filter(|interface| exports.iter().any(|export| is(export, interface)));
    found.map(str::to_owned).collect()
}

/// The interfaces of the contract, among these exports, that this kit knows nothing of.
pub(crate) fn unknown(exports: &[String]) -> Vec<String> {
    const REQUIRED: [&str; 3] = ["descriptor", "handoff", "callback"];
    let named = exports.iter().filter_map(|export| export.strip_prefix(CONTRACT)?.split('@').next());
    let strange = named.filter(|name| !REQUIRED.contains(name) && !OPTIONAL.contains(name));
    strange.map(str::to_owned).collect()
}

fn upstream(told: &crate::lab::Upstream) -> Upstream {
    Upstream {
        name: told.name.clone(),
        default_base_url: told.default_base_url.clone(),
        further_hosts: told.further_hosts.clone(),
        credential: told.credential.clone(),
        help: told.help.clone(),
    }
}

fn credential(told: &crate::lab::Credential) -> Credential {
    use crate::lab::CredentialKind as Kind;
    let kind = |kind: &Kind| match kind {
        Kind::Bearer => "bearer",
        Kind::Basic => "basic",
        Kind::Header => "header",
        Kind::Oauth2ClientCredentials => "oauth2-client-credentials",
        Kind::JwtBearer => "jwt-bearer",
        Kind::Key => "key",
        Kind::AwsSigv4 => "aws-sigv4",
    };
    Credential {
        name: told.name.clone(),
        kinds: told.kinds.iter().map(|one| kind(one).to_owned()).collect(),
        required: told.required,
        help: told.help.clone(),
    }
}

fn route(told: &crate::lab::CallbackRoute) -> Route {
    Route {
        path: told.path.clone(),
        methods: told.methods.clone(),
        verification: told.verification.iter().map(scheme).collect(),
    }
}

/// The name of an enum's case in the contract's words, from how generated code prints it: `Digest::Sha256` is sha256,
/// `Content::TimestampAndBody` is timestamp-and-body.
fn word(case: impl std::fmt::Debug) -> String {
    let case = format!("{case:?}");
    let mut word = String::new();
    for one in case.rsplit("::").next().unwrap_or_default().chars() {
        if one.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(one.to_ascii_lowercase());
    }
    word
}

fn scheme(told: &Verification) -> String {
    match told {
        Verification::Hmac(hmac) => {
            format!(
                "hmac {} in `{}` ({}, {}) with `{}`",
                word(hmac.digest),
                hmac.header,
                word(hmac.encoding),
                word(hmac.content),
                hmac.credential
            )
        }
        Verification::SharedSecret(secret) => {
            format!("the value of `{}` in `{}`", secret.credential, secret.header)
        }
        Verification::Basic(credential) => format!("basic with `{credential}`"),
        Verification::BearerJwt(credential) => format!("bearer-jwt of the issuer `{credential}`"),
        Verification::Rsa(rsa) => {
            format!("rsa {} in `{}` with `{}`", word(rsa.digest), rsa.header, rsa.credential)
        }
        Verification::StandardWebhooks(credential) => format!("standard-webhooks with `{credential}`"),
        Verification::AwsSns => "aws-sns".to_owned(),
        Verification::ClientCertificate(credential) => format!("client-certificate `{credential}`"),
        Verification::None => "none".to_owned(),
    }
}

fn limits(raw: &Raw) -> Limits {
    let unit = match raw.limits.text_unit {
        TextUnit::Bytes => "bytes",
        TextUnit::Utf16Units => "UTF-16 units",
        TextUnit::Characters => "characters",
    };
    Limits {
        text: raw.limits.text_length.map(|length| format!("{length} {unit}")),
        attachments: match raw.limits.attachments {
            AttachmentMode::None => "none",
            AttachmentMode::ByUrl => "by-url",
            AttachmentMode::Upload => "upload",
        },
        attachment_size: raw.limits.attachment_size,
        attachment_types: raw.limits.attachment_types.clone(),
    }
}

fn settings(schema: &str) -> Vec<Setting> {
    let schema: Value = serde_json::from_str(schema).unwrap_or(Value::Null);
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)))
    };
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let setting = |(name, told): (&String, &Value)| Setting {
        name: name.clone(),
        kind: told["type"].as_str().map(str::to_owned),
        required: required(name),
        description: told["description"].as_str().map(str::to_owned),
    };
    properties.iter().map(setting).collect()
}

impl Inspection {
    /// For people.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let line = |page: &mut String, name: &str, what: &str| {
            let _ = writeln!(page, "{name:<14} {}", if what.is_empty() { "-" } else { what });
        };
        line(&mut page, "connector", &format!("{} {} ({})", self.name, self.version, self.vendor));
        line(&mut page, "contract", &format!("handover:connector@{}", self.contract));
        line(&mut page, "digest", &format!("sha256:{}", self.digest));
        line(&mut page, "size", &format!("{} bytes", self.size));
        line(&mut page, "can", &self.capabilities.join(", "));
        line(&mut page, "state schema", &self.state_schema.to_string());
        list(&mut page, "imports", self.imports.iter().cloned());
        list(&mut page, "exports", self.exports.iter().cloned());
        list(
            &mut page,
            "upstreams",
            self.upstreams.iter().map(|one| {
                let base = one.default_base_url.as_deref().unwrap_or("no default");
                let credential =
                    one.credential.as_ref().map(|name| format!(", credential `{name}`")).unwrap_or_default();
                let further = match one.further_hosts.is_empty() {
                    true => String::new(),
                    false => format!(", further hosts {}", one.further_hosts.join(", ")),
                };
                format!("{}: {base}{credential}{further}; {}", one.name, one.help)
            }),
        );
        list(
            &mut page,
            "credentials",
            self.credentials.iter().map(|one| {
                let required = if one.required { "required" } else { "optional" };
                format!("{} ({required}): {}; {}", one.name, one.kinds.join(" or "), one.help)
            }),
        );
        list(
            &mut page,
            "callbacks",
            self.callbacks.iter().map(|one| {
                format!("{} /{}: {}", one.methods.join(", "), one.path, one.verification.join("; or "))
            }),
        );
        let text = self.limits.text.as_deref().unwrap_or("any length");
        let size =
            self.limits.attachment_size.map(|size| format!(", at most {size} bytes")).unwrap_or_default();
        let types = self.limits.attachment_types.join(", ");
        line(
            &mut page,
            "limits",
            &format!("texts: {text}; files: {}{size} {types}", self.limits.attachments),
        );
        list(
            &mut page,
            "settings",
            self.settings.iter().map(|one| {
                let kind = one.kind.as_deref().unwrap_or("anything");
                let required = if one.required { ", required" } else { "" };
                format!("{} ({kind}{required}): {}", one.name, one.description.as_deref().unwrap_or("-"))
            }),
        );
        page
    }
}

fn list(page: &mut String, name: &str, lines: impl Iterator<Item = String>) {
    let mut first = true;
    for line in lines {
        let _ = writeln!(page, "{:<14} {line}", if first { name } else { "" });
        first = false;
    }
    if first {
        let _ = writeln!(page, "{name:<14} -");
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn cases_are_told_in_the_contracts_words() {
        #[derive(Debug)]
        enum Case {
            Sha256,
            TimestampAndBody,
            UrlAndForm,
        }
        let told = [Case::Sha256, Case::TimestampAndBody, Case::UrlAndForm].map(word);
        assert_eq!(told, ["sha256", "timestamp-and-body", "url-and-form"]);
    }
}
