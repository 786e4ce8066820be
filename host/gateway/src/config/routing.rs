//! What an operator can write of routing: which connector a handover goes to, and what the vendor is told with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// `[routing]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingSection {
    /// The connector that handovers go to where no rule says otherwise.
    pub default: String,
    /// Where they go when that one has no agents, or does not answer, in this order.
    pub fallback: Vec<String>,
    /// The input of `startConversation` by which a topic names the connector itself; empty lets no topic do so.
    pub input: String,
    /// What every vendor is told: queue, skills, priority, by the names that its connector knows.
    pub attributes: BTreeMap<String, String>,
    /// The first one that fits counts.
    pub rules: Vec<RuleSection>,
}

impl Default for RoutingSection {
    fn default() -> Self {
        Self {
            default: "contoso".to_owned(),
            fallback: Vec::new(),
            input: "Connector".to_owned(),
            attributes: BTreeMap::new(),
            rules: Vec::new(),
        }
    }
}

/// `[[routing.rules]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSection {
    /// What has to hold, all of it.
    #[serde(default)]
    pub when: WhenSection,
    /// Where the handover goes then; none is the default.
    pub connector: Option<String>,
    /// Where it goes when that one has no agents, or does not answer; none is the default's where `connector` is none,
    /// else nowhere.
    pub fallback: Option<Vec<String>>,
    /// What the vendor is told, besides what every vendor is told.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// `[routing.rules.when]`: each holds where it is left out, or equals one of its values. Upper and lower case do not
/// matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WhenSection {
    /// The app id of the agent that calls.
    pub agent: Option<Values>,
    /// The channel, e.g. `msteams`.
    pub channel: Option<Values>,
    /// The customer's Entra tenant.
    pub tenant: Option<Values>,
    /// The language: `de` holds for `de-CH`, too.
    pub locale: Option<Values>,
    /// Inputs of the action, by name.
    pub inputs: BTreeMap<String, Values>,
}

/// One value or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// One.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

impl Values {
    /// Each of them.
    pub fn each(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Any(values) => values,
        }
    }
}

impl RoutingSection {
    /// Every connector that a handover may go to by these rules.
    pub fn connectors(&self) -> BTreeSet<&str> {
        let own = std::iter::once(&self.default).chain(&self.fallback);
        let rules =
            self.rules.iter().flat_map(|rule| rule.connector.iter().chain(rule.fallback.iter().flatten()));
        own.chain(rules).map(String::as_str).collect()
    }

    /// What cannot be meant.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut lists = vec![("routing".to_owned(), Some(&self.default), &self.fallback)];
        let none = Vec::new();
        for (nth, rule) in self.rules.iter().enumerate() {
            let key = format!("routing.rules.{nth}");
            if rule.connector.is_none() && rule.fallback.is_none() && rule.attributes.is_empty() {
                wrong.push(format!("`{key}`: it changes nothing; give it a `connector` or `attributes`"));
            }
            let first = rule.connector.as_ref().or(Some(&self.default));
            lists.push((key, first, rule.fallback.as_ref().unwrap_or(&none)));
        }
        for (key, first, fallback) in lists {
            let mut seen = BTreeSet::new();
            for name in first.into_iter().chain(fallback) {
                if !seen.insert(name) {
                    wrong.push(format!("`{key}.fallback`: `{name}` would be asked twice"));
                }
            }
        }
        wrong
    }
}
