//! What the operator can set.

use handover_connector::settings::Members;
use handover_connector::{Context, Failure};

/// JSON Schema of [`Settings`], with their defaults.
pub const SCHEMA: &str = include_str!("settings.json");

/// The settings.
pub struct Settings {
    /// Tags of every ticket.
    pub tags: Vec<String>,
    /// Ticket fields by attribute.
    pub fields: Members,
    /// Whether an end on the customer's side solves the ticket.
    pub solve: bool,
}

impl Settings {
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let mut said = Members::of(context)?;
        Ok(Self { tags: said.texts("tags"), fields: said.take("fields"), solve: said.is("solve") })
    }
}
