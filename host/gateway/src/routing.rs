//! Routing: which connector a handover goes to, by the operator's rules and the topic's wish, and where it goes next.

use handover_handoff::SessionId;
use handover_handoff::turn::{Opening, Request, Turn};
use handover_handoff::vendor::Attribute;
use handover_sandbox::Sandbox;
use uuid::Uuid;

use crate::config::{RoutingSection, RuleSection, Values, WhenSection};

/// What a new session would be made with. Connectors that take no sessions now are passed over, as long as there is
/// another one.
pub(crate) fn opening(routing: &RoutingSection, sandbox: &Sandbox, turn: &Turn) -> Opening {
    let way = way(routing, turn, |name| sandbox.connector(name).is_some());
    let mut names = way.connectors.iter().filter(|name| sandbox.takes_sessions(name));
    let first = names.next().or(way.connectors.first());
    Opening {
        id: SessionId(Uuid::now_v7()),
        connector: first.unwrap_or(&&*routing.default).to_string(),
        further: names.map(|name| (*name).to_owned()).collect(),
        routing: way.attributes,
    }
}

/// Where a handover goes.
#[derive(Debug, PartialEq, Eq)]
struct Way<'a> {
    /// The first one, and where it goes after that.
    connectors: Vec<&'a str>,
    attributes: Vec<Attribute>,
}

fn way<'a>(routing: &'a RoutingSection, turn: &'a Turn, known: impl Fn(&str) -> bool) -> Way<'a> {
    let rule = routing.rules.iter().find(|rule| holds(&rule.when, turn));
    let own = |rule: &'a RuleSection| {
        let first = rule.connector.as_deref()?;
        Some((first, rule.fallback.as_deref().unwrap_or_default()))
    };
    let (first, fallback) = match rule.and_then(own) {
        Some(own) => own,
        None => {
            let fallback = rule.and_then(|rule| rule.fallback.as_ref()).unwrap_or(&routing.fallback);
            (routing.default.as_str(), fallback.as_slice())
        }
    };
    // What a topic asks for goes before what the rules say, which is where it goes after that.
    let wish = input(turn, &routing.input).filter(|name| {
        let there = known(name);
        if !there {
            let input = &routing.input;
            tracing::warn!(input, "a topic names a connector that is not there; the rules decide");
        }
        there
    });
    let mut connectors: Vec<&str> = Vec::new();
    for name in wish.into_iter().chain([first]).chain(fallback.iter().map(String::as_str)) {
        if !connectors.contains(&name) {
            connectors.push(name);
        }
    }
    let mut attributes = routing.attributes.clone();
    attributes.extend(rule.into_iter().flat_map(|rule| rule.attributes.clone()));
    let attributes = attributes.into_iter().map(|(name, value)| Attribute { name, value }).collect();
    Way { connectors, attributes }
}

fn holds(when: &WhenSection, turn: &Turn) -> bool {
    let WhenSection { agent, channel, tenant, locale, inputs } = when;
    let facts = &turn.customer.attributes;
    let entra = facts.iter().find(|fact| fact.name == "tenantId").map(|fact| fact.value.as_str());
    let spoken = turn.customer.locale.as_deref();
    any(agent, turn.address.caller.as_deref(), same)
        && any(channel, Some(&turn.key.channel), same)
        && any(tenant, entra, same)
        && any(locale, spoken, speaks)
        && inputs.iter().all(|(name, values)| any(&Some(values), input(turn, name), same))
}

/// Whether the value is one of those that are wanted, where any are.
fn any<V: std::borrow::Borrow<Values>>(
    wanted: &Option<V>,
    value: Option<&str>,
    fits: impl Fn(&str, &str) -> bool,
) -> bool {
    let Some(wanted) = wanted else { return true };
    value.is_some_and(|value| wanted.borrow().each().iter().any(|wanted| fits(wanted, value)))
}

fn same(wanted: &str, value: &str) -> bool {
    wanted.to_lowercase() == value.trim().to_lowercase()
}

/// RFC 4647, section 3.3.1: a range holds for what begins with it, at a hyphen.
fn speaks(wanted: &str, value: &str) -> bool {
    let (wanted, value) = (wanted.to_lowercase(), value.to_lowercase());
    value.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// An input of the action; names without regard to case, as topics write them.
fn input<'a>(turn: &'a Turn, name: &str) -> Option<&'a str> {
    let Request::Start(request) = &turn.request else { return None };
    let found = request.attributes.iter().find(|input| input.name.eq_ignore_ascii_case(name))?;
    Some(found.value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
