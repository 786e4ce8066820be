//! Whether the start has told the vendor the problem, where the connector says so: the gateway leaves out the message
//! that repeats it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::certificate::Fault;
use crate::vendor::{Asked, Played};

/// Texts within texts, at most.
const DEEPEST: usize = 4;

/// The fault, where no request of the start has this problem. A vendor may show it and need not, so nothing is asked of
/// a connector that does not say so.
pub(super) fn untold(problem: &str, played: &Played) -> Option<Fault> {
    let problem = problem.trim();
    if problem.is_empty() || played.asked.iter().any(|asked| tells(asked, problem)) {
        return None;
    }
    let look = "`started.problem-told`: true only where the live agent sees `new-session.problem`; the gateway does not \
                deliver it again, so it would be shown nowhere";
    let expected = format!("a request with the problem, {problem:?}, where `problem-told` is true");
    Some(Fault::new("start", expected, "none of the requests has it", look))
}

fn tells(asked: &Asked, problem: &str) -> bool {
    let path = percent_decode_str(&asked.path.replace('+', " ")).decode_utf8_lossy().into_owned();
    path.contains(problem)
        || asked.headers.iter().any(|(_, value)| holds(value, problem, 0))
        || holds(&String::from_utf8_lossy(&asked.body), problem, 0)
}

/// As it is, in JSON, in a form, or in base64; also where one lies within another.
fn holds(text: &str, problem: &str, depth: usize) -> bool {
    if text.contains(problem) {
        return true;
    }
    if depth >= DEEPEST || text.is_empty() {
        return false;
    }
    let inner = |text: &str| holds(text, problem, depth + 1);
    serde_json::from_str::<Value>(text).is_ok_and(|value| strings(&value).into_iter().any(inner))
        || url::form_urlencoded::parse(text.as_bytes())
            .any(|(name, value)| value != text && name != text && inner(&value))
        || unpacked(text).is_some_and(|text| inner(&text))
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn unpacked(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').collect();
    let bytes = STANDARD_NO_PAD.decode(&bare).or_else(|_| URL_SAFE_NO_PAD.decode(&bare)).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const PROBLEM: &str = "Die \"Tür\" klemmt & quietscht";

    fn is_told(path: &str, body: &str) -> bool {
        let asked = Asked {
            upstream: "api".to_owned(),
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        untold(PROBLEM, &Played { asked: vec![asked], ..Played::default() }).is_none()
    }

    #[test]
    fn it_is_found_however_it_is_written() {
        let json = serde_json::json!({ "a": [{ "subject": format!("Chat: {PROBLEM}.") }] }).to_string();
        let form: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("text", PROBLEM).finish();
        let form_of_json: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &json).finish();
        let packed = serde_json::json!({ "raw": STANDARD.encode(PROBLEM) }).to_string();
        for body in [PROBLEM.to_owned(), json, form.clone(), form_of_json, packed] {
            assert!(is_told("/start", &body), "{body}");
        }
        assert!(is_told(&format!("/start?{form}"), ""));
    }

    #[test]
    fn its_beginning_is_not_all_of_it() {
        assert!(!is_told("/start", &serde_json::json!({ "subject": "Die \"Tür\" klemmt" }).to_string()));
        assert!(!is_told("/start", ""));
    }
}
