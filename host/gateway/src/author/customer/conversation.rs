//! One conversation of the customer's page: what was said, and where it is on its way to a live agent and back.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::{Bot, Person, lock};

/// How long a sign of typing is shown.
const TYPING: Duration = Duration::from_secs(6);

/// What the customer does.
#[derive(Debug)]
pub(super) enum Input {
    Says(String),
    Types,
    Ends,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// With the bot: the next message begins a handover.
    Bot,
    /// The gateway begins a conversation at the vendor.
    Starting,
    /// Every word goes to the live chat.
    Live,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Customer,
    Agent,
    Gateway,
    Bot,
}

struct Line {
    from: From,
    name: String,
    text: String,
    at: u64,
}

struct Talk {
    phase: Phase,
    /// The gateway's name of the live conversation.
    live: Option<String>,
    /// What was said while it began; the first is the problem.
    waiting: Vec<String>,
    lines: Vec<Line>,
    typing: Option<Instant>,
}

/// One conversation.
pub(super) struct Conversation {
    id: String,
    who: Person,
    bot: Arc<Bot>,
    talk: Mutex<Talk>,
    out: mpsc::UnboundedSender<Value>,
    changed: watch::Sender<u64>,
}

impl Conversation {
    pub(super) fn open(id: &str, who: Person, bot: Arc<Bot>) -> Arc<Self> {
        let (out, to_post) = mpsc::unbounded_channel();
        let talk =
            Talk { phase: Phase::Bot, live: None, waiting: Vec::new(), lines: Vec::new(), typing: None };
        let conversation = Arc::new(Self {
            id: id.to_owned(),
            who,
            bot,
            talk: Mutex::new(talk),
            out,
            changed: watch::Sender::new(0),
        });
        conversation.line(
            From::Bot,
            "Bot",
            "What can a person help you with? Your first message begins a handover.",
        );
        tokio::spawn(post(Arc::clone(&conversation), to_post));
        conversation
    }

    /// Takes what the customer does; it is carried out in order.
    pub(super) fn take(&self, input: Input) {
        match input {
            Input::Says(text) => self.says(text),
            Input::Types if self.talk().phase == Phase::Live => {
                self.send(self.bot.typing(&self.id, &self.who));
            }
            Input::Types => {}
            Input::Ends => {
                let live = self.talk().live.clone();
                if let Some(live) = live {
                    let value = json!({ "LiveChatConversationId": live });
                    self.send(self.bot.event(&self.id, &self.who, "endConversation", value));
                }
            }
        }
    }

    fn says(&self, text: String) {
        self.line(From::Customer, &self.who.name, &text);
        let mut talk = self.talk();
        match talk.phase {
            Phase::Live => {
                drop(talk);
                self.send(self.bot.message(&self.id, &self.who, &text, None));
            }
            Phase::Starting => talk.waiting.push(text),
            Phase::Bot => {
                talk.phase = Phase::Starting;
                talk.waiting = vec![text.clone()];
                drop(talk);
                let turn = json!([{ "role": "customer", "name": self.who.name, "text": text }]);
                let value = json!({ "ProblemDescription": text, "Transcript": turn.to_string() });
                self.send(self.bot.event(&self.id, &self.who, "startConversation", value));
                self.change();
            }
        }
    }

    /// Takes what the gateway posts.
    pub(super) fn receive(&self, activity: &Value) {
        match activity["type"].as_str() {
            Some("message") => self.shows(activity),
            Some("typing") => {
                self.talk().typing = Some(Instant::now());
                self.change();
            }
            Some("endOfConversation") => self.ended(activity),
            _ => {}
        }
    }

    fn shows(&self, activity: &Value) {
        let mut text = activity["text"].as_str().unwrap_or_default().to_owned();
        for file in activity["attachments"].as_array().into_iter().flatten() {
            text.push_str(&format!("\n{} {}", plain(&file["name"]), plain(&file["contentUrl"])));
        }
        self.talk().typing = None;
        // A live agent's words begin with who says them; the gateway's own do not.
        match text.strip_prefix("**").and_then(|rest| rest.split_once("**: ")) {
            Some((name, said)) => self.line(From::Agent, &unescaped(name), unescaped(said).trim()),
            None => self.line(From::Gateway, "Handover", unescaped(&text).trim()),
        }
    }

    fn ended(&self, activity: &Value) {
        let action = activity["name"].as_str().unwrap_or_default();
        let value = &activity["value"];
        match action {
            "startConversation" => {
                let status = value["Status"].as_str().unwrap_or_default();
                let live = value["LiveChatConversationId"].as_str().filter(|id| !id.is_empty());
                let refused = matches!(status, "failed" | "no-agents" | "out-of-hours");
                match live.filter(|_| !refused) {
                    Some(live) => self.parked(live),
                    None => {
                        let why = if status.is_empty() { "failed" } else { status };
                        self.line(From::Bot, "Bot", &format!("The live chat did not take it: {why}."));
                        self.back();
                    }
                }
            }
            // The action that the messages belong to has ended, and with it the chat.
            "sendMessage" | "endConversation" => self.back(),
            _ => {}
        }
    }

    fn parked(&self, live: &str) {
        let waiting = {
            let mut talk = self.talk();
            if talk.phase != Phase::Starting {
                return;
            }
            talk.phase = Phase::Live;
            talk.live = Some(live.to_owned());
            std::mem::take(&mut talk.waiting)
        };
        for (nth, text) in waiting.iter().enumerate() {
            let live = (nth == 0).then_some(live);
            self.send(self.bot.message(&self.id, &self.who, text, live));
        }
        self.change();
    }

    fn back(&self) {
        let was = {
            let mut talk = self.talk();
            talk.live = None;
            talk.waiting.clear();
            std::mem::replace(&mut talk.phase, Phase::Bot)
        };
        if was == Phase::Live {
            self.line(
                From::Bot,
                "Bot",
                "You are back with the bot. Your next message begins another handover.",
            );
        }
        self.change();
    }

    /// What the page shows.
    pub(super) fn shown(&self) -> Value {
        let talk = self.talk();
        let lines: Vec<Value> = talk
            .lines
            .iter()
            .map(|line| {
                let from = match line.from {
                    From::Customer => "customer",
                    From::Agent => "agent",
                    From::Gateway => "gateway",
                    From::Bot => "bot",
                };
                json!({ "from": from, "name": line.name, "text": line.text, "at": line.at })
            })
            .collect();
        let phase = match talk.phase {
            Phase::Bot => "bot",
            Phase::Starting => "starting",
            Phase::Live => "live",
        };
        let left = talk.typing.and_then(|begun| TYPING.checked_sub(begun.elapsed()));
        let typing = left.map_or(0, |left| u64::try_from(left.as_millis()).unwrap_or(0));
        json!({ "id": self.id, "phase": phase, "typing": typing, "lines": lines })
    }

    /// What the customer wrote.
    pub(super) fn written(&self) -> Vec<String> {
        let talk = self.talk();
        let own = talk.lines.iter().filter(|line| line.from == From::Customer);
        own.map(|line| line.text.clone()).collect()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn line(&self, from: From, name: &str, text: &str) {
        let at = crate::clock::now().0;
        self.talk().lines.push(Line { from, name: name.to_owned(), text: text.to_owned(), at });
        self.change();
    }

    fn send(&self, activity: Value) {
        // Who posts lives as long as this does.
        drop(self.out.send(activity));
    }

    fn change(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        lock(&self.talk)
    }
}

/// Posts one after the other: the next when the one before was acknowledged.
async fn post(conversation: Arc<Conversation>, mut to_post: mpsc::UnboundedReceiver<Value>) {
    while let Some(activity) = to_post.recv().await {
        let is_start = activity["name"] == "startConversation";
        if let Err(why) = conversation.bot.post(activity).await {
            conversation.line(From::Bot, "Bot", &format!("Not delivered: {why}."));
            if is_start {
                conversation.back();
            }
        }
    }
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The text without Markdown's backslashes.
fn unescaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut escaped = false;
    for one in text.chars() {
        if escaped && !one.is_ascii_punctuation() {
            made.push('\\');
        }
        if one == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        made.push(one);
    }
    if escaped {
        made.push('\\');
    }
    made
}
