//! Why there is no token, and what to do about it.

use std::fmt;

use crate::endpoint::EndpointError;

/// Why there is no token. Never holds a secret, nor any text that the other side wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The endpoint was not reached, or did not answer as it should.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The endpoint said no.
    #[error("{at} gives no token: {refusal}")]
    Refused {
        /// The host that was asked.
        at: String,
        /// What it said.
        refusal: Refusal,
    },
    /// A refresh took too long; the old token is still used.
    #[error("no new token within 3 s")]
    Slow,
    /// A key or certificate cannot be used.
    #[error("{what} cannot be used: {wanted}")]
    Key {
        /// Which one.
        what: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// The file with the federated token cannot be read.
    #[error("the federated token file {path} cannot be read ({why}); is the workload identity webhook on?")]
    TokenFile {
        /// Where it should be.
        path: String,
        /// What the system says.
        why: std::io::ErrorKind,
    },
    /// The tenant's name cannot stand in an address.
    #[error("the tenant is neither an id nor a domain name; set the directory (tenant) id")]
    Tenant,
}

impl TokenError {
    /// Whether asking again may help: the network, or the other side's overload.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Endpoint(EndpointError::Unreachable { .. }) | Self::Slow => true,
            Self::Refused { refusal, .. } => refusal.status == 429 || refusal.status >= 500,
            _ => false,
        }
    }
}

/// What a token endpoint answered instead of a token (RFC 6749 §5.2, and Entra's own number).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, if it is a known one.
    pub error: Option<&'static str>,
    /// The number behind `AADSTS` in an answer of Entra.
    pub entra: Option<u32>,
}

/// The codes that are passed on; a text of the other side's own making might repeat what was sent to it.
const KNOWN: [&str; 19] = [
    "access_denied",
    "identity_not_found",
    "inactive_org",
    "inactive_user",
    "interaction_required",
    "invalid_app_access",
    "invalid_client",
    "invalid_client_id",
    "invalid_grant",
    "invalid_request",
    "invalid_resource",
    "invalid_scope",
    "invalid_target",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
    "unauthorized",
    "unsupported_grant_type",
];

impl Refusal {
    pub(crate) fn new(status: u16, error: Option<&str>, entra: Option<u32>) -> Self {
        let error = error.and_then(|found| KNOWN.into_iter().find(|known| *known == found));
        Self { status, error, entra }
    }

    /// What the operator should do, if it is known.
    pub fn fix(&self) -> Option<&'static str> {
        let of_entra = self.entra.and_then(|number| match number {
            7_000_215 => Some("the client secret is wrong; give the secret's value, not its id"),
            7_000_222 => Some("the client secret has expired; make a new one under Certificates & secrets"),
            7_000_216 => Some("the app needs a secret or an assertion to prove itself; none was taken"),
            700_016 => Some("the app is not in this tenant; check client id and tenant id"),
            700_027 => Some("the certificate is not registered with the app; upload its public part"),
            700_024 => Some("the assertion is outside its time; check this machine's clock"),
            700_211 | 700_212 | 700_213 | 70_021 => {
                Some("no federated credential of the app matches; check issuer, subject and audience")
            }
            50_012 | 50_027 => Some("the assertion was not taken; check certificate and client id"),
            700_025 => {
                Some("the app is a public client, which proves itself with nothing; make it a web app")
            }
            7_000_218 => Some("the app proves itself with nothing; bind a secret, certificate or identity"),
            90_002 => Some("the tenant does not exist; check the tenant id and the cloud"),
            900_023 => Some("the tenant is not an id or a domain of a directory; check the tenant id"),
            50_034 => Some("the account is not in this directory; check the tenant id"),
            50_020 => Some("the account belongs to another tenant; check the tenant id"),
            500_011 | 65_001 => Some(
                "the tenant does not know, or has not consented to, what the token is for; check the scope",
            ),
            70_011 | 1_002_012 => Some("the scope is not a valid one; an app asks for <resource>/.default"),
            7_000_112 => Some("the app is disabled; enable it in the tenant"),
            7_000_229 => Some("the app has no service principal in this tenant; create or consent to it"),
            53_003 => Some("a conditional access policy of the tenant forbids it"),
            _ => None,
        });
        of_entra.or(match self.error {
            Some("invalid_client" | "invalid_client_id") => Some("check the client's id and secret"),
            Some("invalid_grant") => Some("check issuer, subject, audience and key of the assertion"),
            Some("invalid_request") => {
                Some("check ids and scope, and, for a managed identity, that it is assigned to this machine or app")
            }
            Some("invalid_scope") => Some("check the scope"),
            Some("identity_not_found") => Some("assign the managed identity to this machine or app"),
            Some("unauthorized_client") => Some("allow this grant to the client"),
            _ if self.status == 404 => Some("check the token endpoint's address"),
            _ => None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if let Some(error) = self.error {
            write!(f, ", {error}")?;
        }
        if let Some(number) = self.entra {
            write!(f, ", AADSTS{number}")?;
        }
        match self.fix() {
            Some(fix) => write!(f, ": {fix}"),
            None => Ok(()),
        }
    }
}
