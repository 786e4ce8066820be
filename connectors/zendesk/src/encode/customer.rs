//! The customer as a Zendesk user (schema `userCreateBody`): nothing that a channel says may have it refused.

use handover_connector::{NewSession, text};
use serde_json::{Map, Value, json};

use crate::settings::Settings;

/// The longest external id (schema `userCreateBody`).
const MOST_EXTERNAL_ID: usize = 1024;

pub fn external_id(settings: &Settings, session: &NewSession) -> String {
    let named = settings.external_id_attribute.as_ref().and_then(|wanted| {
        let mut attributes = session.customer.attributes.iter();
        attributes.find(|a| a.name == *wanted && !a.value.is_empty()).map(|a| a.value.clone())
    });
    // Ids of different tenants and channels never meet.
    let made = || format!("{}:{}:{}", session.tenant, session.channel, session.customer.id);
    match named.unwrap_or_else(made) {
        id if session.customer.id.is_empty() || id.chars().count() > MOST_EXTERNAL_ID => session.id.clone(),
        id => id,
    }
}

pub fn profile(session: &NewSession) -> Value {
    let customer = &session.customer;
    let mut profile = Map::new();
    let mut add = |key: &str, value: &str, most: usize| {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        let value = text::clip(value.trim(), most);
        if !value.is_empty() {
            profile.insert(key.to_owned(), json!(value));
        }
    };
    let name = customer.name.as_deref().unwrap_or_default().trim();
    let (given, sur) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    add("givenName", given, 128);
    add("surname", sur, 128);
    if let Some(email) = customer.email.as_deref().filter(|email| is_email(email)) {
        add("email", email, 128);
    }
    if let Some(locale) = customer.locale.as_deref().filter(|locale| locale.len() <= 64) {
        add("locale", locale, 64);
    }
    Value::Object(profile)
}

/// A wrong one would have the whole user refused.
fn is_email(text: &str) -> bool {
    let plain = text.is_ascii() && text.len() <= 128 && !text.contains(char::is_whitespace);
    plain
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}
