//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

/// The settings.
pub struct Settings {
    /// The organization's id, of 15 or 18 characters.
    pub organization: String,
    /// The API name of the custom client deployment.
    pub deployment: String,
    pub opening: Opening,
    pub prechat: Prechat,
    pub identity: Option<Identity>,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let mut said = Members::of(context)?;
        let (prechat, identity) = (said.take("prechat"), said.take("identity"));
        Ok(Self {
            organization: said.text("organization"),
            deployment: said.text("deployment"),
            opening: match said.get("opening") {
                Some("problem") => Opening::Problem,
                Some("none") => Opening::None,
                _ => Opening::Transcript,
            },
            prechat: Prechat {
                first_name: prechat.text("first_name"),
                last_name: prechat.text("last_name"),
                email: prechat.text("email"),
                subject: prechat.text("subject"),
            },
            identity: identity
                .find("issuer")
                .zip(identity.find("key_id"))
                .map(|(issuer, key_id)| Identity { issuer, key_id }),
        })
    }

    /// The id of 15 characters: tokens carry it, and the stream wants it (Server-Sent Events, `X-Org-Id`).
    pub fn short_organization(&self) -> &str {
        self.organization.get(..15).unwrap_or(&self.organization)
    }
}

/// What the rep reads first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    Transcript,
    Problem,
    None,
}

/// Names of routing attributes.
pub struct Prechat {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub subject: String,
}

/// Who vouches for the customer.
pub struct Identity {
    pub issuer: String,
    pub key_id: String,
}
