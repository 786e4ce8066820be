//! Which of the operator's credentials one version of a connector uses, and where each of them goes.
//!
//! The descriptor names credentials and binds them to upstreams; the operator's configuration holds them, and its word
//! on an upstream counts more than the descriptor's.

use std::collections::BTreeMap;
use std::fmt;

use crate::bindings::exports::handover::connector::descriptor as guest;
use crate::claims::Wrong;
use crate::config::{ConnectorConfig, GrantedCredential};
use crate::description::CredentialKind;
use crate::difference::Difference;

/// The credentials of one version; empty for one that is only asked who it is.
#[derive(Default)]
pub(crate) struct Credentials {
    /// What the descriptor declares and the operator configured, by name.
    named: BTreeMap<String, GrantedCredential>,
    /// What goes along to which upstream.
    bound: BTreeMap<String, GrantedCredential>,
    /// What it could use besides, and is not configured.
    could_have: Vec<Difference>,
}

impl Credentials {
    /// Matches what is declared with what is configured; `wrong` learns of all that does not fit.
    pub(crate) fn new(
        connector: &str,
        told: &guest::Description,
        config: &ConnectorConfig,
        wrong: &mut Wrong,
    ) -> Self {
        let mut credentials = Self::default();
        for declared in &told.credentials {
            let name = &declared.name;
            let difference = |what| {
                Difference::new(format!("connectors.{connector}.credentials.{name}"), what, &declared.help)
            };
            match config.credentials.get(name) {
                Some(held) if declared.kinds.iter().any(|kind| kind_of(*kind) == held.kind) => {
                    credentials.named.insert(name.clone(), held.clone());
                }
                Some(held) => wrong.granted.push(difference(format!(
                    "it is of the kind {}; the connector takes {}",
                    held.kind.as_str(),
                    kinds(declared)
                ))),
                None if declared.required => {
                    wrong.granted.push(difference(format!("it is missing; kind: {}", kinds(declared))))
                }
                None => {
                    let without =
                        match told.upstreams.iter().find(|each| each.credential.as_ref() == Some(name)) {
                            Some(upstream) => {
                                format!("requests to the upstream `{}` carry no credential", upstream.name)
                            }
                            None => "the connector can do without".to_owned(),
                        };
                    let what = format!("it is not set, and {without}; kind: {}", kinds(declared));
                    credentials.could_have.push(difference(what));
                }
            }
        }
        for upstream in &told.upstreams {
            let operators =
                config.upstreams.get(&upstream.name).and_then(|upstream| upstream.credential.as_deref());
            let held = match operators {
                Some("") => None,
                Some(name) => {
                    let held = config.credentials.get(name);
                    if held.is_none() {
                        wrong.granted.push(Difference::new(
                            format!("connectors.{connector}.upstreams.{}.credential", upstream.name),
                            format!("it names the credential `{name}`, which is not configured"),
                            "",
                        ));
                    }
                    held
                }
                None => {
                    let declared = |name: &String| told.credentials.iter().any(|each| each.name == *name);
                    if let Some(name) = upstream.credential.as_ref().filter(|name| !declared(name)) {
                        wrong.itself.push(format!(
                            "binds upstream `{}` to the credential `{name}`, which it does not declare",
                            upstream.name
                        ));
                    }
                    upstream.credential.as_ref().and_then(|name| credentials.named.get(name))
                }
            };
            if let Some(held) = held.cloned() {
                credentials.bound.insert(upstream.name.clone(), held);
            }
        }
        credentials
    }

    /// What goes along to this upstream.
    pub(crate) fn of_upstream(&self, upstream: &str) -> Option<&GrantedCredential> {
        self.bound.get(upstream)
    }

    /// What it could use besides, and is not configured.
    pub(crate) fn could_have(&self) -> &[Difference] {
        &self.could_have
    }

    /// What the descriptor calls by this name.
    pub(crate) fn named(&self, name: &str) -> Option<&GrantedCredential> {
        self.named.get(name)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("named", &self.named.keys().collect::<Vec<_>>())
            .field("bound", &self.bound.keys().collect::<Vec<_>>())
            .finish()
    }
}

fn kind_of(asked: guest::CredentialKind) -> CredentialKind {
    match asked {
        guest::CredentialKind::Bearer => CredentialKind::Bearer,
        guest::CredentialKind::Basic => CredentialKind::Basic,
        guest::CredentialKind::Header => CredentialKind::Header,
        guest::CredentialKind::Oauth2ClientCredentials => CredentialKind::Oauth2ClientCredentials,
        guest::CredentialKind::JwtBearer => CredentialKind::JwtBearer,
        guest::CredentialKind::Key => CredentialKind::Key,
        guest::CredentialKind::AwsSigv4 => CredentialKind::AwsSigv4,
    }
}

fn kinds(declared: &guest::Credential) -> String {
    declared.kinds.iter().map(|kind| kind_of(*kind).as_str()).collect::<Vec<_>>().join(" or ")
}
