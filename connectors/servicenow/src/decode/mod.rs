//! From the vendor: what the instance posts to the one address of its outbound connection.
//!
//! A callback repeats what we sent (`message`, `requestId`, `clientSessionId`, `clientVariables`) and tells of what came
//! of it in `body`, a list of elements, and in the flags `completed` and `takeControl`.

mod action;
mod card;
mod element;
mod file;

use handover_connector::event::nth;
use handover_connector::{
    AgentMessage, Answer, CallbackRequest, Context, EndReason, Event, Mapped, MappedEvent, Participant,
    QueueStatus, Refusal, RoutingResult, json,
};
use serde_json::{Value, json};

use crate::settings::Settings;

/// The client variable that names the session.
pub const SESSION: &str = "handoverSession";

/// Longest reason for an end, in characters.
const MOST_DETAIL: usize = 300;

/// An event, and what tells it from its repetition.
type Told = (Option<String>, Event);

pub fn map(context: &Context, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let settings = Settings::of(context).map_err(|failure| Refusal::Unmapped(failure.detail))?;
    let malformed = |why: &str| Refusal::Malformed(why.to_owned());
    let callback = json::callback(&request.body)?;
    if !callback.is_object() {
        return Err(malformed("no JSON object"));
    }
    let key = text(&callback, "clientSessionId").or_else(|| text(&callback["clientVariables"], SESSION));
    let key = key.ok_or_else(|| malformed("it names no session: `clientSessionId` is missing or empty"))?;
    let elements = match &callback["body"] {
        Value::Array(elements) => elements.as_slice(),
        // The reference shows one without a list around it, too.
        one @ Value::Object(_) => std::slice::from_ref(one),
        Value::Null => &[],
        _ => return Err(malformed("`body` is no list")),
    };
    let mut reading =
        Reading { settings: &settings, callback: &callback, told: Vec::new(), last_words: Vec::new() };
    for element in elements {
        reading.element(element);
    }
    let told = reading.close();
    let events = told.into_iter().map(|(dedupe_id, event)| MappedEvent {
        lookup_key: key.to_owned(),
        dedupe_id,
        time: None,
        event,
    });
    let received = Answer::json(200, &json!({ "status": "success" }));
    Ok(Mapped { events: events.collect(), answer: Some(received), answer_when_closed: None })
}

/// One callback while it is read.
struct Reading<'a> {
    settings: &'a Settings,
    callback: &'a Value,
    told: Vec<Told>,
    /// What the instance itself said as it let go.
    last_words: Vec<String>,
}

impl Reading<'_> {
    fn element(&mut self, element: &Value) {
        let kind = text(element, "uiType").unwrap_or_default();
        if kind == "ActionMsg" {
            let is_over = self.is_over();
            self.told.extend(action::read(self.settings, element, is_over));
            return;
        }
        let Some(readable) = element::read(self.settings, element) else {
            return self.told.push((None, Event::ignored(format!("nothing to read in an element `{kind}`"))));
        };
        let id = text(element, "messageId");
        match self.author(element) {
            Some(author) => self.tell(id, |id| {
                Event::Message(AgentMessage {
                    id,
                    author,
                    text: readable.text,
                    format: readable.format,
                    attachments: readable.attachments,
                    reply_to: None,
                })
            }),
            None => self.instance_said(id, readable.into_plain()),
        }
    }

    /// Nobody is there yet whose message it could be: the instance's own words say how it stands.
    fn instance_said(&mut self, id: Option<&str>, words: String) {
        if contains_any(&words, &self.settings.no_agents_words) {
            return self.tell(id, |_| Event::Routed(RoutingResult::NoAgents));
        }
        if self.is_over() {
            return self.last_words.push(words);
        }
        self.tell(id, |_| {
            Event::Queued(QueueStatus { position: None, wait_seconds: None, text: Some(words) })
        });
    }

    fn tell(&mut self, id: Option<&str>, event: impl FnOnce(Option<String>) -> Event) {
        // Several elements may stand for one message.
        let name = id.map(|id| nth(id, self.told.len()));
        self.told.push((name, event(id.map(str::to_owned))));
    }

    /// The live agent, where it is one: "sentFromAgent: true: Sent by a live agent".
    fn author(&self, element: &Value) -> Option<Participant> {
        let info = &element["agentInfo"];
        let anonymous =
            self.settings.anonymous_agents && !info.is_object() && flag(self.callback, "agentChat");
        (flag(info, "sentFromAgent") || anonymous).then(|| agent(self.settings, info))
    }

    fn is_over(&self) -> bool {
        flag(self.callback, "completed") || flag(self.callback, "takeControl")
    }

    fn close(mut self) -> Vec<Told> {
        let detail = self.last_words.join(" ");
        let detail = (!detail.is_empty()).then(|| detail.chars().take(MOST_DETAIL).collect::<String>());
        if flag(self.callback, "takeControl") {
            let why = detail.unwrap_or_else(|| "takeControl".to_owned());
            self.told.push((None, Event::ControlReturned(Some(why))));
        } else if flag(self.callback, "completed") {
            let why = detail.unwrap_or_else(|| "completed".to_owned());
            self.told.push((None, Event::ended(EndReason::LiveAgent, why)));
        }
        if self.told.is_empty() {
            self.told.push((None, Event::ignored("an echo of our own request")));
        }
        self.told
    }
}

/// Who `agentInfo` says it is, with the operator's name where it says nothing.
fn agent(settings: &Settings, info: &Value) -> Participant {
    let name = text(info, "agentName").unwrap_or(&settings.agent_name);
    Participant {
        avatar_url: json::owned(&info["agentAvatar"]),
        ..Participant::agent(json::owned(&info["agentId"]), Some(name.to_owned()))
    }
}

/// A member that is text with something in it.
fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    json::text(&value[name])
}

/// A flag that is up; flags that are down are mostly left out.
fn flag(value: &Value, name: &str) -> bool {
    value[name] == true || value[name] == "true"
}

/// Without regard to the case of ASCII letters, so that places in both texts are the same.
fn contains_any(text: &str, words: &[String]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(&word.to_ascii_lowercase()))
}
