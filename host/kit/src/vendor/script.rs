//! What the vendor plays in one call: exchanges in their order, and at most one of them spoilt.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::scenario::{Answer, Exchange};
use crate::template::Names;

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) upstream: String,
    pub(crate) method: String,
    /// Below the upstream's host, with its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// How an exchange is spoilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Answered with a status, and with `Retry-After` in seconds where one is told.
    Status(u16, Option<u64>),
    /// Answered in a way of the vendor's own.
    Answer(Box<Answer>),
    /// Read, then the connection breaks.
    Reset,
    /// Read, and never answered.
    Hang,
    /// Answered with 200 and something that is no answer.
    Garbage,
}

/// What is played.
#[derive(Debug, Default)]
pub(crate) struct Script {
    exchanges: Vec<(String, Exchange)>,
    base_paths: BTreeMap<String, String>,
    names: Names,
    fault: Option<(usize, Fault)>,
    /// Any exchange at any time, whatever it carries.
    free: bool,
    /// What has been done in plays before this one.
    before: Vec<String>,
    /// The exchange that is expected next.
    next: usize,
    asked: VecDeque<(Asked, Option<usize>)>,
    /// Exchanges that were done, in order: the vendor has said yes.
    done: Vec<usize>,
    wrong: Vec<String>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Played {
    pub(crate) asked: Vec<Asked>,
    /// The exchanges that the vendor has said yes to, by name, in order.
    pub(crate) done: Vec<String>,
    /// What was not as the scenario says.
    pub(crate) wrong: Vec<String>,
    /// Exchanges that were wanted and did not come.
    pub(crate) missing: Vec<String>,
}

pub(crate) enum Reply {
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Break,
    Hang,
}

impl Script {
    pub(crate) fn new(
        exchanges: Vec<(String, Exchange)>,
        base_paths: BTreeMap<String, String>,
        names: Names,
        fault: Option<(usize, Fault)>,
    ) -> Self {
        Self { exchanges, base_paths, names, fault, ..Self::default() }
    }

    /// Takes the exchanges in any order, and looks at nothing but method and path.
    pub(crate) fn free(mut self) -> Self {
        self.free = true;
        self
    }

    /// What the vendor has done already.
    pub(crate) fn having_done(mut self, before: &[String]) -> Self {
        self.before = before.to_vec();
        self
    }

    pub(crate) fn played(&self) -> Played {
        let missing = self.exchanges.iter().skip(self.next).filter(|(_, exchange)| !exchange.optional);
        Played {
            asked: self.asked.iter().map(|(asked, _)| asked.clone()).collect(),
            done: self.done.iter().map(|at| self.exchanges[*at].0.clone()).collect(),
            wrong: self.wrong.clone(),
            missing: missing.map(|(name, exchange)| format!("`{name}` ({})", exchange.request)).collect(),
        }
    }

    pub(crate) fn reply(&mut self, asked: Asked) -> Reply {
        let Some(at) = self.find(&asked) else {
            let wanted = match self.exchanges.get(self.next) {
                Some((name, exchange)) => format!("`{name}` ({})", self.names.fill(&exchange.request)),
                None => "no request, or no further one".to_owned(),
            };
            self.wrong.push(format!("the vendor expected {wanted}; there came {asked}"));
            self.asked.push_back((asked, None));
            let body = json!({ "kit": "the scenario has no such request here" }).to_string();
            return answer(404, Vec::new(), body.into_bytes());
        };
        let (name, exchange) = &self.exchanges[at];
        let found = if self.free { Vec::new() } else { differences(exchange, &asked, &self.names) };
        for difference in found {
            self.wrong.push(format!("in the request of `{name}`, {difference}"));
        }
        self.asked.push_back((asked, Some(at)));
        // Once past it there is no way back but to repeat it.
        self.next = self.next.max(at + 1);
        if let Some((spoilt, fault)) = &self.fault
            && *spoilt == at
        {
            return spoil(fault, &self.names);
        }
        let reply = usual(self.answer(at), &self.names);
        self.done.push(at);
        reply
    }

    /// What it answers, after all that has been done.
    fn answer(&self, at: usize) -> &Answer {
        let exchange = &self.exchanges[at].1;
        let done = self.done.iter().rev().map(|done| &self.exchanges[*done].0);
        let told = done.chain(self.before.iter().rev()).find_map(|name| exchange.after.get(name));
        told.unwrap_or(&exchange.answer)
    }

    /// Which exchange it is: the next one, one behind those that may be left out, or the last one again.
    fn find(&self, asked: &Asked) -> Option<usize> {
        let fits = |at: usize| {
            let (_, exchange) = self.exchanges.get(at)?;
            self.is_it(exchange, asked).then_some(at)
        };
        if self.free {
            // One that carries the same rather than another, and one that has not been made yet rather than one that has.
            let fitting = (0..self.exchanges.len()).filter(|at| fits(*at).is_some());
            return fitting.min_by_key(|at| {
                let other = !differences(&self.exchanges[*at].1, asked, &self.names).is_empty();
                (other, self.done.contains(at))
            });
        }
        let mut at = self.next;
        loop {
            if let Some(found) = fits(at) {
                return Some(found);
            }
            match self.exchanges.get(at) {
                Some((_, exchange)) if exchange.optional => at += 1,
                _ => break,
            }
        }
        let last = self.next.checked_sub(1)?;
        let again = self.exchanges[last].1.is_repeatable()
            || self.fault.as_ref().is_some_and(|(spoilt, _)| *spoilt == last);
        fits(last).filter(|_| again)
    }

    fn is_it(&self, exchange: &Exchange, asked: &Asked) -> bool {
        let base = self.base_paths.get(&asked.upstream).map_or("", String::as_str);
        takes(exchange, asked, base, &self.names)
    }
}

/// Whether an exchange is about such a request, whatever that carries. `base` is where the upstream's API begins.
pub(crate) fn takes(exchange: &Exchange, asked: &Asked, base: &str, names: &Names) -> bool {
    let path = asked.path.trim_start_matches('/').strip_prefix(base.trim_matches('/')).unwrap_or(&asked.path);
    let path = format!("/{}", path.trim_start_matches('/'));
    let wanted = exchange.path();
    let there = if wanted.contains('?') { path.as_str() } else { path.split('?').next().unwrap_or("") };
    let decoded = percent_decode_str(there).decode_utf8_lossy();
    exchange.method() == asked.method
        && exchange.upstream.as_ref().is_none_or(|upstream| *upstream == asked.upstream)
        && (names.text(wanted, there) || names.text(wanted, &decoded))
}

/// The answer when all is well.
pub(crate) fn usual(told: &Answer, names: &Names) -> Reply {
    let told = Answer { json: told.json.as_ref().map(|json| names.filled(json)), ..told.clone() };
    let (body, content_type) = told.bytes();
    let mut headers: Vec<(String, String)> =
        told.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(content_type) = content_type {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    answer(told.status, headers, body)
}

fn spoil(fault: &Fault, names: &Names) -> Reply {
    match fault {
        Fault::Status(status, after) => {
            let headers = after.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
            let body = format!(r#"{{"error":"the kit answers {status}"}}"#);
            answer(*status, headers.into_iter().collect(), body.into_bytes())
        }
        Fault::Answer(told) => usual(told, names),
        Fault::Reset => Reply::Break,
        Fault::Hang => Reply::Hang,
        Fault::Garbage => answer(200, Vec::new(), b"<html>\xff\xfe<p>this is no answer".to_vec()),
    }
}

fn answer(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Reply {
    Reply::Answer { status, headers, body }
}

fn quoted(there: Option<&str>) -> String {
    there.map_or_else(|| "missing".to_owned(), |there| format!("{there:?}"))
}

/// What of a request is not as the exchange says.
pub(crate) fn differences(exchange: &Exchange, asked: &Asked, names: &Names) -> Vec<String> {
    let mut found = Vec::new();
    for (name, wanted) in &exchange.headers {
        let there = asked.header(name);
        if !there.is_some_and(|there| names.text(wanted, there)) {
            let wanted = names.fill(wanted);
            found.push(format!("the header `{name}` should be {wanted:?}, and is {}", quoted(there)));
        }
    }
    if let Some(wanted) = &exchange.json {
        match serde_json::from_slice::<Value>(&asked.body) {
            Ok(there) => found.extend(names.differences(wanted, &there).into_iter().map(|one| {
                format!("`{}` should be {}, and is {}", one.place, clip(&one.wanted), clip(&one.there))
            })),
            Err(e) => found.push(format!("the body should be JSON, and is none: {e}")),
        }
    }
    if let Some(wanted) = &exchange.form {
        let there: BTreeMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
        for (name, wanted) in wanted {
            let value = there.get(name);
            if !value.is_some_and(|value| names.text(wanted, value)) {
                let wanted = names.fill(wanted);
                let value = quoted(value.map(String::as_str));
                found.push(format!("the field `{name}` should be {wanted:?}, and is {value}"));
            }
        }
    }
    if let Some(wanted) = &exchange.body {
        let there = String::from_utf8_lossy(&asked.body);
        if !names.text(wanted, &there) {
            let wanted = names.fill(wanted);
            found.push(format!("the body should be {}, and is {}", clip(&wanted), clip(&there)));
        }
    }
    found
}

/// Long texts are told by their ends.
pub(crate) fn clip(text: &str) -> String {
    const ENDS: usize = 120;
    let count = text.chars().count();
    if count <= 3 * ENDS {
        return text.to_owned();
    }
    let head: String = text.chars().take(ENDS).collect();
    let tail: String = text.chars().skip(count - ENDS).collect();
    format!("{head} … ({count} characters) … {tail}")
}
