//! The worker: what well-formed requests do. A conversation belongs to its user; ids of the client pass through.

use std::{collections::BTreeMap, time::Duration};

use agent_desk::{Attachment, Customer, Delivery, Incoming, Opening, Party, Turn};
use serde_json::{Map, Value};

use crate::{
    Instance,
    callback::Flags,
    elements,
    request::{self, Action, Request},
    users::sys_id,
};

const FAREWELL: &str = "The conversation has ended. If you need help again, type hi.";
/// Set in Agent Chat; the words are this instance's own.
const NOBODY: &str = "No agents are available right now. Please try again later.";

const AGENT_CHAT: Flags = Flags { agent_chat: true, completed: false, take_control: false };
const COMPLETED: Flags = Flags { agent_chat: false, completed: true, take_control: false };

impl Instance {
    /// Does what is asked; why not, for the system log.
    pub fn work(&self, request: &Request) -> Result<(), String> {
        let running = self.users.conversation(&request.user);
        if let Some(id) = &running {
            self.users.heard(id, &request.body);
        }
        match (request.action, running) {
            (Action::Agent | Action::Message, Some(id)) => self.say(&id, request),
            (Action::Agent, None) => self.begin(request),
            (Action::Message | Action::Other, _) => {
                self.answer(&request.user, &request.body, &elements::greeting(), Flags::default());
                Err("no live agent has this user's conversation: Virtual Agent answers".to_owned())
            }
            (Action::End, Some(id)) => {
                self.end(&id, "END_CONVERSATION");
                let _ = self.call("ended", &id, &[elements::text(FAREWELL)], COMPLETED);
                Ok(())
            }
            (Action::Fault, Some(id)) => {
                self.end(&id, request.body["cause"].as_str().unwrap_or_default());
                let _ = self.call("ended", &id, &[], Flags { take_control: true, ..Flags::default() });
                Ok(())
            }
            (Action::Typing(on), Some(id)) => {
                self.desk.customer_types(&id, on, None).map_err(|refusal| refusal.to_string())
            }
            (Action::Update, Some(id)) => self.update(&id, &request.body["message"]),
            (Action::History, Some(id)) => {
                let turns = transcript(&request.body);
                let added = self.desk.amend(&id, |opening| opening.transcript.extend(turns));
                added.map_err(|refusal| refusal.to_string())
            }
            (_, None) => Err("this user has no conversation".to_owned()),
        }
    }

    /// Straight to a live agent.
    fn begin(&self, request: &Request) -> Result<(), String> {
        if !self.desk.is_open() {
            self.answer(&request.user, &request.body, &[elements::text(NOBODY)], COMPLETED);
            return Err("no agent is available".to_owned());
        }
        let id = sys_id();
        let opening = opening(&id, request);
        let (opened, _) = self.desk.begin(opening.clone()).map_err(|refusal| refusal.to_string())?;
        if opened != id {
            // The client's session passes through: one that was used before is no reason to go on with what has ended.
            let anew = Opening { session_id: None, ..opening };
            self.desk.begin(anew).map_err(|refusal| refusal.to_string())?;
        }
        self.users.begin(&request.user, &id, &request.body);
        let interaction = self.users.last(&id).map(|last| last.interaction).unwrap_or_default();
        let told = [
            elements::created(&id, &interaction),
            elements::text("Please stand by while I connect you to a live agent."),
            elements::waiting("8 Seconds"),
        ];
        let _ = self.call("waiting", &id, &told, AGENT_CHAT);
        Ok(())
    }

    fn say(&self, id: &str, request: &Request) -> Result<(), String> {
        let message = &request.body["message"];
        let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        let mut attachments = Vec::new();
        for file in request::files(message).unwrap_or_default() {
            let given = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
            let url = given("url");
            if !self.is_trusted(&url) {
                return Err("an attachment's domain is not among the trusted domains".to_owned());
            }
            attachments.push(Attachment { name: given("fileName"), content_type: given("contentType"), url });
        }
        let sent_at = request.body.get("timestamp").map(ToString::to_string);
        // No id of the client's makes a message the same message: the API promises no such thing.
        let incoming = Incoming { text: text("text"), attachments, sent_at, ..Incoming::default() };
        self.desk.receive(id, incoming).map(|_| ()).map_err(|refusal| refusal.to_string())
    }

    /// Its own files are its own.
    fn is_trusted(&self, url: &str) -> bool {
        let trusted = &self.config.trusted_domains;
        let own = self.base.get().is_some_and(|base| url.starts_with(base.as_str()));
        let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        own || trusted.is_empty() || host.is_some_and(|host| trusted.contains(&host))
    }

    fn update(&self, id: &str, updates: &Value) -> Result<(), String> {
        if !self.config.third_party_chat {
            return Err("UPDATE_MESSAGES is valid with the property third_party_chat only".to_owned());
        }
        for update in updates.as_array().into_iter().flatten() {
            let status = update["status"].as_str().unwrap_or_default();
            let news = match status.to_ascii_lowercase().as_str() {
                "sent_to_user" => Delivery::Delivered,
                "external_error" => Delivery::NotDelivered("external_error".to_owned()),
                _ => continue,
            };
            let message = update["id"].as_str().unwrap_or_default();
            self.desk.receipt(id, message, news).map_err(|refusal| refusal.to_string())?;
        }
        Ok(())
    }

    fn end(&self, id: &str, reason: &str) {
        // The conversation is there: it is its user's.
        let _ = self.desk.end(id, Party::Customer, Some(reason.to_owned()));
        self.users.end(id);
    }

    /// Closes what is idle, "abandoned", without a word.
    pub fn close_idle(&self, longer_than: Duration) -> usize {
        let idle = self.users.idle(longer_than);
        for id in &idle {
            let _ = self.desk.end(id, Party::Vendor, Some("Time Out Abandoned B2B Conversations".to_owned()));
            self.users.end(id);
        }
        idle.len()
    }
}

fn opening(id: &str, request: &Request) -> Opening {
    let given = |name: &str| request.body.get(name).and_then(Value::as_str).map(str::to_owned);
    let variables: BTreeMap<String, String> = request
        .body
        .get("contextVariables")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    Opening {
        session_id: given("clientSessionId").filter(|session| !session.is_empty()),
        customer: Customer {
            id: Some(request.user.clone()),
            // Context variables are for agents to see; guests have no other name.
            name: variables.get("customer_name").cloned(),
            email: given("emailId"),
            locale: variables.get("requester_session_language").cloned(),
        },
        channel: variables.get("channel").cloned(),
        locale: variables.get("requester_session_language").cloned(),
        problem: request.body["message"]["text"].as_str().map(str::to_owned),
        transcript: transcript(&request.body),
        attributes: variables,
        ..Opening::new(id)
    }
}

fn transcript(body: &Map<String, Value>) -> Vec<Turn> {
    let turns = body.get("history").and_then(Value::as_array).into_iter().flatten();
    turns
        .map(|turn| Turn {
            role: if turn["isBotMessage"] == true { "bot" } else { "customer" }.to_owned(),
            name: turn["displayName"].as_str().map(str::to_owned),
            text: turn["value"].as_str().unwrap_or_default().to_owned(),
            time: turn["timestamp"].as_str().map(str::to_owned),
        })
        .collect()
}
