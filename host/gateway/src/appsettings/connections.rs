//! `Connections` of the Agents SDK: how each proves who it is, in this house's words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use url::Url;

use super::settings::Settings;
use super::{key, quoted};

/// A connection that can be told as one of ours.
pub(super) struct Connection {
    /// As it is written.
    pub(super) name: String,
    pub(super) client_id: String,
    /// Directory id or domain; empty where none is said.
    pub(super) tenant: String,
    /// `us-gov` or `china`.
    pub(super) cloud: Option<&'static str>,
    authority: Option<Url>,
    proof: String,
}

impl Connection {
    /// Reads `Connections:<name>`; none where its way of proving has no equivalent.
    pub(super) fn read(
        name: &str,
        section: &Settings,
        variables: &mut BTreeSet<String>,
        notes: &mut Vec<String>,
    ) -> Option<Self> {
        let text = |key: &str| section.text(&format!("Settings:{key}"));
        let proof = proof(name, section, variables, notes)?;
        let authority =
            text("AuthorityEndpoint").or(text("Authority")).and_then(|text| text.parse::<Url>().ok());
        let cloud = authority.as_ref().and_then(Url::host_str).and_then(cloud_of);
        let of_authority =
            authority.as_ref().and_then(|url| url.path_segments()?.find(|part| !part.is_empty()));
        let tenant = text("TenantId").or(of_authority).unwrap_or_default();
        if tenant.is_empty() && !proof.contains("managed-identity") {
            notes.push(format!(
                "Connections:{name} names no TenantId; set `connections.{}.tenant`",
                key(name)
            ));
        }
        let client_id = text("ClientId").unwrap_or_default();
        if !client_id.is_empty() && client_id.parse::<uuid::Uuid>().is_err() {
            notes.push(format!(
                "Connections:{name}:Settings:ClientId is no GUID; give the application (client) id"
            ));
        }
        for scope in section.texts("Settings:Scopes") {
            if !scope.contains("api.botframework.") {
                notes.push(format!("Connections:{name}:Settings:Scopes is not needed: what tokens are for follows from where they go"));
                break;
            }
        }
        let usual =
            |url: &Url| matches!(url.host_str(), Some("login.microsoftonline.com")) || cloud.is_some();
        Some(Self {
            name: name.to_owned(),
            client_id: client_id.to_owned(),
            tenant: tenant.to_owned(),
            cloud,
            authority: authority.filter(|url| !usual(url)).and_then(|url| url.join("/").ok()),
            proof,
        })
    }

    /// As a section of `handover.toml`.
    pub(super) fn write(&self, out: &mut String) {
        let _ = writeln!(out, "\n[connections.{}]", key(&self.name));
        if !self.tenant.is_empty() {
            let _ = writeln!(out, "tenant = {}", quoted(&self.tenant));
        }
        let _ = writeln!(out, "client_id = {}", quoted(&self.client_id));
        if let Some(cloud) = self.cloud {
            let _ = writeln!(out, "cloud = {}", quoted(cloud));
        }
        if let Some(authority) = &self.authority {
            let _ = writeln!(out, "authority = {}", quoted(authority.as_str()));
        }
        let _ = writeln!(out, "proof = {}", self.proof);
    }
}

fn cloud_of(host: &str) -> Option<&'static str> {
    match host {
        "login.microsoftonline.us" => Some("us-gov"),
        "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => Some("china"),
        _ => None,
    }
}

/// `AuthType` (Agents SDK, `Authentication.Msal/Model/AuthTypes.cs`); what is not said is a client secret.
fn proof(
    name: &str,
    section: &Settings,
    variables: &mut BTreeSet<String>,
    notes: &mut Vec<String>,
) -> Option<String> {
    let text = |key: &str| section.text(&format!("Settings:{key}"));
    let kind = text("AuthType").unwrap_or("ClientSecret");
    Some(match kind.to_ascii_lowercase().as_str() {
        "clientsecret" => {
            let variable = variable(name, variables);
            if text("ClientSecret").is_none() && text("Secret").is_some() {
                notes.push(format!(
                    "Connections:{name} says `Secret`, as the sample's README does; its code reads `ClientSecret`, so \
                     that it never had this one"
                ));
            }
            let found = match (text("ClientSecret"), text("Secret")) {
                (Some(_), _) => format!("put the value of Connections:{name}:Settings:ClientSecret there"),
                (None, Some(_)) => format!("put the value of Connections:{name}:Settings:Secret there"),
                (None, None) => format!("Connections:{name} has none: make one under Certificates & secrets"),
            };
            notes.push(format!("the secret is read from the environment variable {variable}: {found}"));
            format!("{{ kind = \"client-secret\", secret = {} }}", quoted(&format!("env:{variable}")))
        }
        "certificate" | "certificatesubjectname" => {
            let chain =
                kind.eq_ignore_ascii_case("CertificateSubjectName") || section.is_true("Settings:SendX5C");
            let chain = if chain { ", send_chain = true" } else { "" };
            match (text("certPemFile"), text("certKeyFile")) {
                (Some(certificate), key) => {
                    let key = key.map(|key| format!(", key = {}", quoted(&format!("file:{key}"))));
                    let certificate = quoted(&format!("file:{certificate}"));
                    format!(
                        "{{ kind = \"certificate\", certificate = {certificate}{}{chain} }}",
                        key.unwrap_or_default()
                    )
                }
                (None, _) => {
                    let file = format!("certificates/{}.pem", file_name(name));
                    notes.push(format!(
                        "Connections:{name} takes its certificate from a Windows store; export it with its private \
                         key as PEM to {file}"
                    ));
                    let certificate = quoted(&format!("file:{file}"));
                    format!("{{ kind = \"certificate\", certificate = {certificate}{chain} }}")
                }
            }
        }
        "usermanagedidentity" | "systemmanagedidentity" => {
            notes.push(format!(
                "Connections:{name} uses the platform's managed identity: it works on the machine or app that the \
                 identity is assigned to, and not through a tunnel from elsewhere"
            ));
            "{ kind = \"managed-identity\" }".to_owned()
        }
        "federatedcredentials" => match text("FederatedClientId") {
            Some(identity) => format!("{{ kind = \"federated\", identity = {} }}", quoted(identity)),
            None => "{ kind = \"federated\" }".to_owned(),
        },
        "workloadidentity" => match text("FederatedTokenFile") {
            Some(file) => format!("{{ kind = \"workload-identity\", token_file = {} }}", quoted(file)),
            None => "{ kind = \"workload-identity\" }".to_owned(),
        },
        _ => {
            notes.push(format!(
                "Connections:{name}:Settings:AuthType is none of ClientSecret, Certificate, CertificateSubjectName, \
                 UserManagedIdentity, SystemManagedIdentity, FederatedCredentials and WorkloadIdentity; the \
                 connection is left out"
            ));
            return None;
        }
    })
}

/// The variable for a connection's secret; another one for each.
fn variable(name: &str, taken: &mut BTreeSet<String>) -> String {
    let upper: String = name
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_uppercase() } else { '_' })
        .collect();
    // Two underscores after HANDOVER would overlay the configuration.
    let upper = upper.trim_matches('_').to_owned();
    let upper = if upper.is_empty() { "CONNECTION".to_owned() } else { upper };
    let first = format!("HANDOVER_{upper}_SECRET");
    let further = (2..).map(|nth| format!("HANDOVER_{upper}_{nth}_SECRET"));
    let free =
        std::iter::once(first).chain(further).find(|variable| !taken.contains(variable)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

fn file_name(name: &str) -> String {
    name.chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' })
        .collect()
}
