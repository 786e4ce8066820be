//! The component's part, played again against the recording, and what a scenario says of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_handoff::delivery::Receipt;
use handover_handoff::session::EndReason;
use handover_sandbox::{CallbackRequest, MapError};
use serde_json::{Map, Value, json};

use super::scrub::Scrubber;
use super::tape::{Tape, without_nulls};
use super::telling::{Carried, Line, Much};
use super::writing::{inline, key};
use super::{Called, RecordError, Recording};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::happening::Told as Event;
use crate::scenario::{Answer, Body};
use crate::vendor::Asked;

/// So many callbacks of one kind are enough.
const ALIKE: usize = 2;

/// The component's part, played again.
pub(super) struct Play<'a> {
    bench: &'a Bench,
    tape: Arc<Mutex<Tape>>,
    /// By name, in order.
    told: Vec<(String, Line, Answer)>,
    /// A callback with several events is among those that are told.
    pub(super) many_events: bool,
    pub(super) notes: Vec<String>,
}

impl<'a> Play<'a> {
    pub(super) fn new(bench: &'a Bench, recording: &Recording, scrubber: Scrubber) -> Self {
        let tape = Arc::new(Mutex::new(Tape::new(&recording.exchanges, scrubber)));
        let answering = Arc::clone(&tape);
        bench.vendor.answer_by(Arc::new(move |asked: Asked| lock(&answering).reply(&asked)));
        Self { bench, tape, told: Vec::new(), many_events: false, notes: Vec::new() }
    }

    /// Plays all calls; the sections that tell of them.
    pub(super) async fn calls(&mut self) -> Result<String, RecordError> {
        let lacks = |what: &str, why: String| RecordError::Lacks(format!("{what}: {why}"));
        let bench = self.bench;
        let mut session = bench.session();
        let driven = bench.drive(Seat::Usual, &mut session, 1).await;
        let asked = self.asked().map_err(|missing| lacks("the start wants an answer to", missing))?;
        let (events, proved) =
            driven.result.map_err(|error| lacks("the start does not succeed again", error.to_string()))?;
        let carried = self.carried(&session);
        let start = self.tell("start", asked, &carried, Much::Words);
        let keys = json!(session.vendor.lookup_keys);
        let mut text =
            format!("[start]\nexchanges = {}\nlookup_keys = {}\n", inline(&json!(start)), inline(&keys));
        if !events.is_empty() {
            let events: Vec<Value> = events.iter().map(|event| Event::of_start(event).shown()).collect();
            text.push_str(&format!("events = {}\n", inline(&json!(events))));
        }
        if !proved {
            text.push_str("accepted = true\n");
        }

        let (id, message) = (cast::message_id(&session, 1), cast::message(&bench.scenario, cast::HELLO));
        let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
        let asked = self.asked().map_err(|missing| lacks("a message of the customer is missing", missing))?;
        sent.map_err(|error| lacks("a message does not succeed again", error.to_string()))?;
        let send = self.tell("message", asked, &self.carried(&session), Much::Words);
        text.push_str(&format!("\n[send]\nexchanges = {}\n", inline(&json!(send))));

        if bench.exports("signals")
            && let Some(connector) = bench.seat(Seat::Usual)
        {
            let now = cast::now();
            let typed = connector.typing(&session, true, now).await.is_ok();
            let typing = self.signal("typing", typed, &self.carried(&session), Much::Typing);
            let told =
                connector.report(&session, cast::AGENT_MESSAGE, &Receipt::Delivered, now).await.is_ok();
            let receipt = self.signal("receipt", told, &self.carried(&session), Much::Carried);
            for (name, exchanges) in [("typing", typing), ("receipt", receipt)] {
                if let Some(exchanges) = exchanges {
                    text.push_str(&format!("\n[{name}]\nexchanges = {}\n", inline(&json!(exchanges))));
                }
            }
        }

        let ended = bench.end(Seat::Usual, &mut session, EndReason::Customer).await;
        let asked =
            self.asked().map_err(|missing| lacks("its end is missing, end it as the customer", missing))?;
        ended.map_err(|error| lacks("the end does not succeed again", error.to_string()))?;
        let end = self.tell("end", asked, &self.carried(&session), Much::Carried);
        text.push_str(&format!("\n[end]\nexchanges = {}\n", inline(&json!(end))));
        Ok(text)
    }

    /// What is optional: left out where it was not recorded.
    fn signal(&mut self, name: &str, went_well: bool, carried: &Carried, much: Much) -> Option<Vec<String>> {
        match self.asked() {
            Ok(asked) if went_well => Some(self.tell(name, asked, carried, much)),
            _ => {
                self.notes.push(format!("[{name}] is left out: the recording has none"));
                None
            }
        }
    }

    fn asked(&self) -> Result<Vec<(Asked, Answer)>, String> {
        lock(&self.tape).taken()
    }

    /// Tells exchanges by names of their own; the same one twice only once.
    fn tell(
        &mut self,
        call: &str,
        asked: Vec<(Asked, Answer)>,
        carried: &Carried,
        much: Much,
    ) -> Vec<String> {
        let several = asked.len() > 1;
        let mut names = Vec::new();
        for (nth, (asked, answer)) in asked.into_iter().enumerate() {
            let line = Line::of(&asked, carried, much);
            let name = match self.told.iter().find(|(_, known, _)| *known == line) {
                Some((name, ..)) => name.clone(),
                None => {
                    let name = if several { format!("{call}-{}", nth + 1) } else { call.to_owned() };
                    self.told.push((name.clone(), line, answer));
                    name
                }
            };
            names.push(name);
        }
        names
    }

    /// What a call carries, the longest first.
    fn carried(&self, session: &handover_handoff::Session) -> Carried {
        let customer = &self.bench.scenario.customer;
        let of = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut carried = vec![
            ("session.id", session.id.to_string()),
            ("message.id", cast::message_id(session, 1).to_string()),
            ("conversation", session.vendor.lookup_keys.first().cloned().unwrap_or_default()),
            ("customer.id", customer.id.clone()),
            ("customer.name", of(&customer.name)),
            ("customer.email", of(&customer.email)),
            ("customer.locale", of(&customer.locale)),
            ("problem", self.bench.scenario.start.problem.clone()),
            ("text", cast::HELLO.to_owned()),
            ("channel", "msteams".to_owned()),
            ("callback_url", format!("{}/{}", crate::bench::CALLBACKS, session.connector)),
            ("receipt.message", cast::AGENT_MESSAGE.to_owned()),
        ];
        carried.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        carried
    }

    /// The sections of all exchanges.
    pub(super) fn exchanges(&self) -> String {
        let mut text = String::new();
        for (name, line, answer) in &self.told {
            text.push_str(&format!(
                "[exchanges.{}]\nrequest = {}\n",
                key(name),
                inline(&json!(line.request))
            ));
            if self.bench.scenario.upstreams.len() > 1 {
                text.push_str(&format!("upstream = {}\n", inline(&json!(line.upstream))));
            }
            if let Some(json) = &line.json {
                text.push_str(&format!("json = {}\n", inline(json)));
            }
            if let Some(form) = &line.form {
                text.push_str(&format!("form = {}\n", inline(&Value::Object(form.clone()))));
            }
            let mut told = Map::new();
            if answer.status != 200 {
                told.insert("status".to_owned(), json!(answer.status));
            }
            if !answer.headers.is_empty() {
                told.insert("headers".to_owned(), json!(answer.headers));
            }
            answer.json.iter().for_each(|json| drop(told.insert("json".to_owned(), json.clone())));
            answer.body.iter().for_each(|body| drop(told.insert("body".to_owned(), json!(body))));
            if !told.is_empty() {
                text.push_str(&format!("answer = {}\n", inline(&Value::Object(told))));
            }
            if line.has_id() && !line.request.starts_with("GET ") {
                text.push_str("# It carries an id of the gateway's. Take this away if the vendor does it twice all the same.\n");
                text.push_str("repeatable = true\n");
            }
            text.push('\n');
        }
        text
    }

    /// The sections of the callbacks, each with what the component makes of it.
    pub(super) async fn callbacks(&mut self, recording: &Recording) -> String {
        let mut text = String::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for called in &recording.callbacks {
            let body = self.scrubbed(&called.body);
            let mapped = self.bench.map(&request(called, body.bytes())).await;
            let several = mapped.as_ref().is_ok_and(|mapped| mapped.events.len() > 1);
            let (kind, outcome) = match &mapped {
                Ok(mapped) => {
                    let events: Vec<Value> =
                        mapped.events.iter().map(|one| Event::mapped(one).shown()).collect();
                    (kinds(&events), format!("events = {}\n", inline(&json!(events))))
                }
                Err(MapError::Unmapped(_)) => ("not known yet".to_owned(), "unmapped = true\n".to_owned()),
                Err(_) => continue,
            };
            let nth = seen.entry(kind.clone()).or_default();
            *nth += 1;
            if *nth > ALIKE {
                continue;
            }
            self.many_events |= several;
            let name = if *nth == 1 { kind } else { format!("{kind} ({nth})") };
            text.push_str(&format!("\n[[callback]]\nname = {}\n", inline(&json!(name))));
            if called.method != "POST" {
                text.push_str(&format!("method = {}\n", inline(&json!(called.method))));
            }
            if !called.path.is_empty() {
                text.push_str(&format!("path = {}\n", inline(&json!(called.path))));
            }
            match &body {
                Body::Json(json) => text.push_str(&format!("json = {}\n", inline(json))),
                Body::Form(form) => text.push_str(&format!("form = {}\n", inline(&json!(form)))),
                Body::Raw(raw) => {
                    let raw = String::from_utf8_lossy(raw);
                    text.push_str(&format!("body = {}\n", inline(&json!(raw))));
                }
            }
            text.push_str(&outcome);
        }
        if recording.callbacks.is_empty() {
            self.notes.push("there is no [[callback]]: the recording has none".to_owned());
        }
        text
    }

    fn scrubbed(&self, body: &[u8]) -> Body {
        let mut tape = lock(&self.tape);
        if let Ok(json) = serde_json::from_slice::<Value>(body) {
            return Body::Json(without_nulls(tape.scrubber.value("", &json)));
        }
        let fields = url::form_urlencoded::parse(body).into_owned();
        let fields: BTreeMap<String, String> =
            fields.map(|(name, value)| (name.clone(), tape.scrubber.text(&name, &value))).collect();
        // A text without fields is one nameless field.
        if fields.values().any(|value| !value.is_empty()) {
            return Body::Form(fields);
        }
        Body::Raw(tape.scrubber.text("", &String::from_utf8_lossy(body)).into_bytes())
    }
}

fn lock(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A recorded callback as the component reads it. Of its headers only what says of which kind it is stays.
pub(super) fn request(called: &Called, body: Vec<u8>) -> CallbackRequest {
    let stays = |name: &str| name == "content-type";
    CallbackRequest {
        method: called.method.clone(),
        url: format!("{}/{}", crate::bench::CALLBACKS, called.path),
        path: called.path.clone(),
        headers: called.headers.iter().filter(|(name, _)| stays(name)).cloned().collect(),
        body,
        received: cast::now(),
    }
}

/// What a callback is called: what it comes to.
fn kinds(events: &[Value]) -> String {
    let kind = |event: &Value| {
        let members = event.as_object()?;
        crate::happening::kind(members).map(str::to_owned)
    };
    let kinds: Vec<String> = events.iter().filter_map(kind).collect();
    if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") }
}
