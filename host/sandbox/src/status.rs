//! What is to be seen of each connector: which version serves, what was refused, and why.

use handover_handoff::Timestamp;
use serde::Serialize;

use crate::description::Description;
use crate::difference::Difference;

/// How far a component is: `loading → (compiling) → checking → active → draining → withdrawn`, or `rejected`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is being read.
    Loading,
    /// It is being compiled, which takes long, and then proved.
    Compiling,
    /// It is being compiled and proved.
    Checking,
    /// It serves.
    Active,
    /// Newer calls go to another version; its own are not done yet.
    Draining,
    /// Its file is gone: it serves the sessions it has and takes no new ones.
    Withdrawn,
    /// It does not serve, and why is said.
    Rejected,
}

/// One component, as the admin API shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectorStatus {
    /// The connector.
    pub name: String,
    /// The file's name in the folder.
    pub file: String,
    /// How far it is.
    pub state: State,
    /// The component's own version, where it got to say.
    pub version: Option<String>,
    /// SHA-256 of the component, in hex.
    pub digest: Option<String>,
    /// Who signed it, by the operator's name for them; none where it is not signed, or does not serve.
    pub signer: Option<String>,
    /// Why it was rejected; or, for one that serves although its file is broken or gone, that it does.
    pub reason: Option<String>,
    /// Where it was rejected for what the configuration does not give it: each thing for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// When it came to be in this state.
    pub since: Option<Timestamp>,
    /// Whether its calls have an instance each, and why.
    pub instances: Option<String>,
    /// What it says of itself.
    pub description: Option<Description>,
}
