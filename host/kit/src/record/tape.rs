//! The vendor as it was recorded: it answers the same component again, and learns from what differs what has to be
//! taken out.

use serde_json::Value;
use uuid::Uuid;

use super::Heard;
use super::scrub::Scrubber;
use crate::scenario::Answer;
use crate::vendor::{Asked, Reply};

/// Headers of an answer that connectors look at.
const ANSWERED: [&str; 2] = ["location", "etag"];

/// The recording, played.
pub(super) struct Tape {
    heard: Vec<(Heard, bool)>,
    pub(super) scrubber: Scrubber,
    /// What was asked since it was last taken, and what was answered.
    asked: Vec<(Asked, Answer)>,
    missing: Vec<String>,
}

impl Tape {
    pub(super) fn new(heard: &[Heard], scrubber: Scrubber) -> Self {
        let heard = heard.iter().filter(|one| (200..300).contains(&one.status));
        let heard = heard.map(|one| (one.clone(), false)).collect();
        Self { heard, scrubber, asked: Vec::new(), missing: Vec::new() }
    }

    /// What was asked since this was last called; what there is no answer to, where there is such.
    pub(super) fn taken(&mut self) -> Result<Vec<(Asked, Answer)>, String> {
        let asked = std::mem::take(&mut self.asked);
        match std::mem::take(&mut self.missing).first() {
            Some(missing) => Err(missing.clone()),
            None => Ok(asked),
        }
    }

    pub(super) fn reply(&mut self, asked: &Asked) -> Reply {
        let path = asked.path.split('?').next().unwrap_or_default();
        let fitting: Vec<usize> = (0..self.heard.len()).filter(|at| self.fits(*at, asked, path)).collect();
        let best = fitting.into_iter().min_by_key(|at| {
            let (heard, used) = &self.heard[*at];
            (*used, unlike(&asked.body, &heard.body))
        });
        let Some(at) = best else {
            self.missing.push(format!("{} {path}", asked.method));
            return Reply::Answer { status: 404, headers: Vec::new(), body: Vec::new() };
        };
        self.heard[at].1 = true;
        let heard = self.heard[at].0.clone();
        self.learn(asked, &heard);
        let answer = self.answer(&heard);
        let (body, kind) = answer.bytes();
        let kind = kind.map(|kind| ("content-type".to_owned(), kind.to_owned()));
        let headers = answer.headers.iter().map(|(name, value)| (name.clone(), value.clone())).chain(kind);
        let reply = Reply::Answer { status: answer.status, headers: headers.collect(), body };
        self.asked.push((asked.clone(), answer));
        reply
    }

    /// Whether it is the same request, but for ids in its path.
    fn fits(&mut self, at: usize, asked: &Asked, path: &str) -> bool {
        let heard = &self.heard[at].0;
        if heard.method != asked.method || heard.upstream != asked.upstream {
            return false;
        }
        let there = heard.path.split('?').next().unwrap_or_default().to_owned();
        let (here, there): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), there.split('/').collect());
        here.len() == there.len()
            && here.iter().zip(&there).all(|(here, there)| {
                here == there || self.scrubber.path(there) == **here || (is_id(here) && is_id(there))
            })
    }

    /// What the component sends in the place of what it sent when it was recorded stands for that from now on.
    fn learn(&mut self, asked: &Asked, heard: &Heard) {
        for (here, there) in asked.path.split('/').zip(heard.path.split('/')) {
            self.pair(here, there);
        }
        let bodies = (serde_json::from_slice(&asked.body), serde_json::from_slice(&heard.body));
        if let (Ok(here), Ok(there)) = bodies {
            self.values(&here, &there);
        } else {
            let fields = |body| url::form_urlencoded::parse(body).into_owned().collect::<Vec<_>>();
            let there = fields(&heard.body);
            for (name, here) in fields(&asked.body) {
                let same = there.iter().find(|(known, _)| *known == name);
                same.iter().for_each(|(_, there)| self.pair(&here, there));
            }
        }
    }

    fn values(&mut self, here: &Value, there: &Value) {
        match (here, there) {
            (Value::String(here), Value::String(there)) => self.pair(here, there),
            (Value::Object(here), Value::Object(there)) => {
                for (name, here) in here {
                    there.get(name).iter().for_each(|there| self.values(here, there));
                }
            }
            _ => {}
        }
    }

    fn pair(&mut self, here: &str, there: &str) {
        let is_time = there.parse::<jiff::Timestamp>().is_ok();
        if here != there && !here.is_empty() && there.len() >= 3 && !is_time {
            self.scrubber.know(there, here);
        }
    }

    fn answer(&mut self, heard: &Heard) -> Answer {
        let mut answer = Answer { status: heard.status, ..Answer::default() };
        for (name, value) in heard.answer_headers.iter().filter(|(name, _)| ANSWERED.contains(&name.as_str()))
        {
            answer.headers.insert(name.clone(), self.scrubber.text(name, value));
        }
        if let Ok(json) = serde_json::from_slice::<Value>(&heard.answer) {
            answer.json = Some(without_nulls(self.scrubber.value("", &json)));
        } else if !heard.answer.is_empty() {
            let text = String::from_utf8_lossy(&heard.answer);
            answer.body = Some(self.scrubber.text("", &text));
        }
        answer
    }
}

/// TOML has none.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, one)| !one.is_null());
            members.map(|(name, one)| (name, without_nulls(one))).collect()
        }
        Value::Array(items) => items.into_iter().filter(|one| !one.is_null()).map(without_nulls).collect(),
        other => other,
    }
}

fn is_id(segment: &str) -> bool {
    Uuid::try_parse(segment).is_ok()
        || (segment.len() >= 3 && segment.bytes().any(|byte| byte.is_ascii_digit()))
}

/// How many members one has and the other has not, or with another word.
fn unlike(here: &[u8], there: &[u8]) -> usize {
    let read = |body| serde_json::from_slice::<Value>(body).ok();
    let (Some(Value::Object(here)), Some(Value::Object(there))) = (read(here), read(there)) else { return 0 };
    let lacks = |one: &serde_json::Map<String, Value>, other: &serde_json::Map<String, Value>| {
        one.keys().filter(|name| !other.contains_key(*name)).count()
    };
    let other_words = here.iter().filter(|(name, here)| {
        let is_word =
            |value: &Value| value.as_str().is_some_and(|text| !text.contains(' ')) || value.is_boolean();
        there.get(*name).is_some_and(|there| is_word(here) && is_word(there) && *here != there)
    });
    2 * (lacks(&here, &there) + lacks(&there, &here)) + other_words.count()
}
