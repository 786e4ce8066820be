//! What takes out of a recording what was said, by whom, and keys; the same value becomes the same stand-in everywhere.
//!
//! What is known is replaced wherever it stands. What is not known is judged by its looks and by the name of the member
//! that it stands in, and rather replaced once too often: a text with a blank in it is somebody's words.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Recording, Setup};
use crate::cast;
use crate::happening::Told;
use crate::scenario::CustomerCast;

/// What members are called that hold a secret.
const SECRETS: [&str; 8] =
    ["token", "secret", "password", "authorization", "cookie", "apikey", "api_key", "signature"];

/// What members are called that hold somebody's name, or how to reach them.
const PEOPLE: [&str; 12] = [
    "name", "sender", "author", "agent", "customer", "visitor", "person", "phone", "mobile", "address",
    "city", "company",
];

/// Members of these that hold how to reach somebody, or what they belong to: no word in them is the vendor's own.
const PRIVATE: [&str; 5] = ["phone", "mobile", "address", "city", "company"];

/// Characters of the longest word that may be the vendor's own, e.g. `participant` for who wrote.
const WORD: usize = 12;

/// What vendors call those who take part, and nobody is called.
const ROLES: [&str; 10] =
    ["agent", "bot", "client", "customer", "guest", "human", "operator", "system", "user", "visitor"];

/// Live agents of a recording.
const AGENTS: [&str; 4] = ["Ann", "Ben", "Cleo", "Dan"];

/// Takes out what nobody else shall know.
#[derive(Debug, Clone)]
pub(super) struct Scrubber {
    /// What is known.
    known: Vec<(String, String)>,
    /// What was judged by its looks.
    judged: BTreeMap<String, String>,
    /// All that stands anywhere: no stand-in may be one of them.
    seen: BTreeSet<String>,
    /// What stands in more than one place: an id, if it looks like one.
    repeated: BTreeSet<String>,
    said: usize,
    people: usize,
}

impl Scrubber {
    pub(super) fn new(recording: &Recording, setup: &Setup) -> Self {
        let seen = seen(recording);
        let repeated = seen.iter().filter(|(_, times)| **times > 1).map(|(value, _)| value.clone()).collect();
        let mut scrubber = Self {
            known: Vec::new(),
            judged: BTreeMap::new(),
            repeated,
            seen: seen.into_keys().collect(),
            said: 0,
            people: 0,
        };
        let cast = CustomerCast::default();
        for (nth, text) in setup.texts.iter().enumerate() {
            scrubber.know(text, if nth == 0 { super::PROBLEM } else { cast::HELLO });
        }
        let name = cast.name.unwrap_or_default();
        setup.names.iter().for_each(|told| scrubber.know_name(told, &name));
        setup.ids.iter().for_each(|told| scrubber.know(told, &cast.id));
        scrubber
    }

    /// From now on the one stands for the other.
    pub(super) fn know(&mut self, live: &str, stand_in: &str) {
        let is_new = !self.known.iter().any(|(known, _)| known == live);
        if is_new && live.len() >= 2 {
            self.known.push((live.to_owned(), stand_in.to_owned()));
            // The longest first: one may be a part of another.
            self.known.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
        }
    }

    /// The same for a name, and for its parts.
    pub(super) fn know_name(&mut self, live: &str, stand_in: &str) {
        self.know(live, stand_in);
        let first = stand_in.split(' ').next().unwrap_or(stand_in).to_owned();
        for part in live.split_whitespace().filter(|part| part.len() >= 3) {
            self.know(part, &first);
        }
    }

    /// Learns what a live agent has said, and who.
    pub(super) fn hear(&mut self, event: &Told) {
        let shown = event.shown();
        let text = |name: &str| shown.get(name).and_then(Value::as_str).map(str::to_owned);
        for kind in ["message", "edited"] {
            if let Some(said) = text(kind) {
                self.said += 1;
                self.know(&said, &format!("Have you tried to turn it off and on again? ({})", self.said));
            }
        }
        for who in ["author", "joined", "left"] {
            if let Some(name) = text(who).filter(|name| !ROLES.contains(&name.as_str())) {
                let agent = self.agent(&name);
                self.know_name(&name, &agent);
            }
        }
    }

    fn agent(&mut self, name: &str) -> String {
        if let Some((_, agent)) = self.known.iter().find(|(known, _)| known == name) {
            return agent.clone();
        }
        self.people += 1;
        let agent = AGENTS[(self.people - 1) % AGENTS.len()];
        if self.people <= AGENTS.len() { agent.to_owned() } else { format!("{agent} {}", self.people) }
    }

    /// A JSON value; `member` is the name that it stands under.
    pub(super) fn value(&mut self, member: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(member, text)),
            Value::Number(number) => {
                let told = number.to_string();
                let is_id = told.len() >= 5 && told.bytes().all(|byte| byte.is_ascii_digit());
                if is_id && !is_time(number.as_u64()) && (self.repeated.contains(&told) || told.len() >= 7) {
                    self.judged(&told).parse::<u64>().map_or_else(|_| value.clone(), Value::from)
                } else {
                    value.clone()
                }
            }
            Value::Array(items) => items.iter().map(|item| self.value(member, item)).collect(),
            Value::Object(members) => Value::Object(self.members(members)),
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    pub(super) fn members(&mut self, members: &Map<String, Value>) -> Map<String, Value> {
        members.iter().map(|(name, value)| (name.clone(), self.value(name, value))).collect()
    }

    /// A path: segment by segment, without its query.
    pub(super) fn path(&mut self, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let segment = |one: &str| self.text("", &percent_decode_str(one).decode_utf8_lossy());
        path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    /// A text; `member` is the name that it stands under.
    pub(super) fn text(&mut self, member: &str, text: &str) -> String {
        let found = self.known.iter().find(|(known, _)| known == text);
        if let Some((_, stand_in)) = found {
            return stand_in.clone();
        }
        if let Some(stand_in) = self.judged.get(text) {
            return stand_in.clone();
        }
        let member = member.to_ascii_lowercase();
        let named = |names: &[&str]| names.iter().any(|name| member.contains(name));
        if text.trim().is_empty() || stands_for_itself(text) {
            return text.to_owned();
        }
        if text.parse::<jiff::Timestamp>().is_ok() {
            let nth = self.judged.len();
            return self.keep(text, format!("2026-01-31T12:{:02}:{:02}Z", nth / 60 % 60, nth % 60));
        }
        if named(&SECRETS) {
            let nth = self.judged.len();
            return self.keep(text, format!("recorded-{nth}"));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let path = rest.split_once('/').map(|(_, path)| format!("/{path}")).unwrap_or_default();
            let path = self.path(&path);
            return self.keep(text, format!("{scheme}://vendor.example{path}"));
        }
        if text.contains('@') && text.contains('.') {
            let nth = self.judged.len();
            return self.keep(text, format!("person{nth}@example.com"));
        }
        if text.contains(char::is_whitespace) {
            let nth = self.judged.len();
            return self.keep(text, format!("Recorded text {nth}"));
        }
        let of_people = named(&PEOPLE) && !member.ends_with("id");
        if of_people && !named(&PRIVATE) && self.is_fixed(text) {
            return text.to_owned();
        }
        if of_people && self.prefix(text).is_some() {
            return self.judged(text);
        }
        if of_people || text.starts_with('+') {
            let agent = self.agent(text);
            return self.keep(text, agent);
        }
        let digits = text.bytes().any(|byte| byte.is_ascii_digit());
        let repeated = self.repeated.contains(text);
        let id = member.ends_with("id") || member.ends_with("key") || member.ends_with("sid");
        if text.len() >= 3 && ((digits && (repeated || id || text.len() >= 16)) || (repeated && id)) {
            return self.judged(text);
        }
        // A word of the vendor's, but for what is known within it.
        self.known
            .iter()
            .filter(|(known, _)| known.len() >= 4)
            .fold(text.to_owned(), |made, (known, stand_in)| made.replace(known.as_str(), stand_in))
    }

    /// Whether it is a word of the vendor's own, such as `agent` or `visitor`: a connector may tell by it who wrote.
    /// People are written otherwise, but for those that are known.
    fn is_fixed(&self, text: &str) -> bool {
        let is_word =
            text.len() <= WORD && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-' | b'_'));
        is_word && !self.repeats_a_known(text)
    }

    fn repeats_a_known(&self, text: &str) -> bool {
        self.known.iter().any(|(known, _)| known.eq_ignore_ascii_case(text))
    }

    /// What tells of which kind an id is, with its separator: of `v_81` it is `v_`.
    fn prefix<'a>(&self, id: &'a str) -> Option<&'a str> {
        let end = id.find(['_', '-', ':', '.'])?;
        let (kind, rest) = (&id[..end], &id[end + 1..]);
        let is_id = rest.bytes().any(|byte| byte.is_ascii_digit())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let is_kind = !kind.is_empty()
            && kind.len() <= WORD
            && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !self.repeats_a_known(kind);
        (is_id && is_kind).then_some(&id[..=end])
    }

    /// An id of the same shape.
    fn judged(&mut self, id: &str) -> String {
        if let Some(known) = self.judged.get(id) {
            return known.clone();
        }
        let made =
            (self.judged.len() + 1..).map(|nth| self.like(id, nth)).find(|made| !self.seen.contains(made));
        self.keep(id, made.unwrap_or_default())
    }

    fn like(&self, id: &str, nth: usize) -> String {
        if Uuid::try_parse(id).is_ok() {
            format!("00000000-0000-4000-8000-{nth:012}")
        } else if id.bytes().all(|byte| byte.is_ascii_digit()) {
            digits(nth, id.len())
        } else if let Some(prefix) = self.prefix(id) {
            let rest = &id[prefix.len()..];
            let is_number = rest.bytes().all(|byte| byte.is_ascii_digit());
            format!("{prefix}{}", if is_number { digits(nth, rest.len()) } else { format!("id-{nth}") })
        } else {
            format!("id-{nth}")
        }
    }

    fn keep(&mut self, live: &str, stand_in: String) -> String {
        self.judged.insert(live.to_owned(), stand_in.clone());
        // What is scrubbed again stays as it is.
        self.judged.insert(stand_in.clone(), stand_in.clone());
        stand_in
    }
}

/// So many digits, or more where they are too few.
fn digits(nth: usize, many: usize) -> String {
    format!("9{nth:0>width$}", width = many.saturating_sub(1))
}

/// What the kit itself has made.
fn stands_for_itself(text: &str) -> bool {
    text == cast::SESSION.to_string() || text == super::PROBLEM || text == cast::HELLO
}

fn is_time(number: Option<u64>) -> bool {
    const SECONDS: std::ops::Range<u64> = 1_000_000_000..2_500_000_000;
    number.is_some_and(|number| SECONDS.contains(&number) || SECONDS.contains(&(number / 1000)))
}

/// The values of all requests, answers and callbacks; in how many of these each stands.
fn seen(recording: &Recording) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut places: Vec<BTreeSet<String>> = Vec::new();
    for heard in &recording.exchanges {
        places.push(segments(&heard.path).into_iter().chain(leaves(&heard.body)).collect());
        places.push(leaves(&heard.answer));
    }
    places.extend(recording.callbacks.iter().map(|called| leaves(&called.body)));
    for value in places.into_iter().flatten() {
        *seen.entry(value).or_default() += 1;
    }
    seen
}

fn segments(path: &str) -> Vec<String> {
    path.split(['/', '?', '&', '=']).map(str::to_owned).collect()
}

fn leaves(body: &[u8]) -> BTreeSet<String> {
    fn gather(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => drop(found.insert(text.clone())),
            Value::Number(number) => drop(found.insert(number.to_string())),
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            Value::Object(members) => members.values().for_each(|one| gather(one, found)),
            Value::Null | Value::Bool(_) => {}
        }
    }
    let mut found = BTreeSet::new();
    match serde_json::from_slice(body) {
        Ok(value) => gather(&value, &mut found),
        Err(_) => found.extend(url::form_urlencoded::parse(body).map(|(_, value)| value.into_owned())),
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::super::Called;
    use super::*;

    fn scrubbed(body: &Value) -> Value {
        let called = Called {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        let recording = Recording { callbacks: vec![called.clone(), called], ..Recording::default() };
        let setup = Setup { names: vec!["Maria Quux".to_owned()], ..Setup::default() };
        Scrubber::new(&recording, &setup).value("", body)
    }

    #[test]
    fn the_vendors_own_words_stay_and_people_do_not() {
        for word in ["agent", "visitor", "system"] {
            let told = json!({ "author": word, "by": word });
            assert_eq!(scrubbed(&told), told);
        }
        for told in
            [json!({ "author": "Wilhelmina" }), json!({ "author": "maria" }), json!({ "city": "berlin" })]
        {
            assert_ne!(scrubbed(&told), told);
        }
    }

    #[test]
    fn ids_keep_their_shape_and_none_becomes_another_one() {
        let made = scrubbed(&json!({ "id": "m_81", "visitor": "v_81", "by": "v_92", "agent": "maria_7" }));
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        assert!(text("id").starts_with("m_9") && text("id") != "m_81", "{made}");
        assert!(text("visitor").starts_with("v_9") && text("visitor") != text("by"), "{made}");
        assert!(text("by").starts_with("v_9") && text("by") != "v_92", "{made}");
        assert!(!text("agent").contains("maria"), "{made}");
    }
}
