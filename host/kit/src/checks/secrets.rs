//! Secrets: none asked for by value, and none of the operator's anywhere but in the header that the host adds.

use handover_handoff::session::EndReason;
use serde_json::Value;

use super::verdict;
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::vendor::Asked;

/// Parts of a setting's name that speak of a secret.
const SECRET: [&str; 9] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "signingkey",
];

/// Ends of a setting's name that speak of something beside it.
const BESIDE: [&str; 9] = ["url", "uri", "name", "id", "header", "field", "path", "seconds", "prefix"];

pub(super) async fn kept(bench: &Bench) -> Outcome {
    let mut faults = Vec::new();
    let schema: Value = serde_json::from_str(&bench.raw.config_schema).unwrap_or(Value::Null);
    asked_for("", &schema, &mut faults);
    let secrets: Vec<(&String, String)> = bench
        .keys
        .iter()
        .flat_map(|(name, key)| key.secrets().map(move |value| (name, value.to_owned())))
        .collect();
    let settings = Value::Object(bench.scenario.settings.clone()).to_string();
    for (name, _) in secrets.iter().filter(|(_, secret)| settings.contains(secret)) {
        let came = format!("the value of credential `{name}`");
        let look = "a connector names a credential of its descriptor; the host uses it";
        faults.push(Fault::new("[settings] of the scenario", "no secret in the settings", came, look));
    }
    let mut session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut asked = bench.played().asked;
    let id = cast::message_id(&session, 1);
    bench.expect_message(&session, id, cast::HELLO, None);
    // How these end is another check's.
    drop(bench.send(Seat::Usual, &mut session, id, &cast::message(&bench.scenario, cast::HELLO), 1).await);
    asked.extend(bench.played().asked);
    bench.expect(&bench.scenario.end.exchanges, bench.names(&session), None);
    drop(bench.end(Seat::Usual, &mut session, EndReason::Customer).await);
    asked.extend(bench.played().asked);
    for (name, secret) in &secrets {
        for asked in asked.iter().filter(|asked| spelt(bench, asked, secret)) {
            let came = format!("the value of credential `{name}` in {asked}");
            let look = "only the host adds a credential, in its own header";
            faults.push(Fault::new("requests", "no secret in what the connector writes", came, look));
        }
        let vendor = &session.vendor;
        if vendor.state.contains(secret) || vendor.lookup_keys.iter().any(|key| key.contains(secret)) {
            let came = format!("the value of credential `{name}`");
            faults.push(Fault::new("`state` or lookup keys", "no secret", came, "they are kept in the open"));
        }
    }
    verdict(faults, format!("settings, {} requests, state", asked.len()))
}

/// Whether a secret stands where the host has not put it.
fn spelt(bench: &Bench, asked: &Asked, secret: &str) -> bool {
    let owned =
        |name: &str| bench.keys.values().filter_map(crate::keys::Key::header).any(|(own, _)| own == name);
    asked.path.contains(secret)
        || String::from_utf8_lossy(&asked.body).contains(secret)
        || asked.headers.iter().any(|(name, value)| !owned(name) && value.contains(secret))
}

/// Settings that want a secret by value.
fn asked_for(place: &str, schema: &Value, faults: &mut Vec<Fault>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        let place = format!("{place}{name}");
        let is_text = property.get("type").is_none_or(|kind| kind == "string");
        let hidden = property.get("format") == Some(&"password".into())
            || property.get("writeOnly") == Some(&true.into());
        if hidden || (is_text && is_secret(name)) {
            let look =
                "declare a credential in the descriptor: the operator refers to it, the host applies it";
            let came = format!("the setting `{place}`");
            faults.push(Fault::new("the settings' schema", "no secret asked for by value", came, look));
        }
        asked_for(&format!("{place}."), property, faults);
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRET.iter().any(|word| plain.contains(word)) && !BESIDE.iter().any(|end| plain.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_from_what_is_said_of_one() {
        for name in ["client_secret", "apiKey", "PASSWORD", "webhook-token"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["token_url", "secret_name", "agent_name", "password_field", "key"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
