//! A conversation's way into a live chat and back: which action is open, and what its end does.
use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::action::{Action, Open, Outcome, Use};

/// What the bot is in the middle of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Doing {
    #[default]
    Idle,
    /// It has asked for the problem.
    Asking,
    /// It waits for the skill to start a conversation.
    Starting,
    /// Every utterance goes to the skill.
    Parked,
}

/// The state as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    pub parked: bool,
    pub bot: Doing,
    pub live_chat_conversation_id: Option<String>,
    pub status: Option<String>,
    /// The live agent who wrote last.
    pub agent: Option<String>,
}

/// Whether control came back to the bot, which the customer must be told.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Unchanged,
    Returned,
}

#[derive(Default)]
pub(crate) struct Handover {
    pub doing: Doing,
    live_chat_conversation_id: Option<String>,
    status: Option<String>,
    agent: Option<String>,
    open: Option<Open>,
    /// Counts up: one conversation has many handovers in its life.
    nth: u32,
    /// Set when the parked action ended while the goodbye that cancels it was under way.
    parked_ended: bool,
    /// Which action each activity belonged to, by the activity's id.
    sent: HashMap<String, Use>,
}

impl Handover {
    pub fn shown(&self) -> Shown {
        Shown {
            parked: self.doing == Doing::Parked,
            bot: self.doing,
            live_chat_conversation_id: self.live_chat_conversation_id.clone(),
            status: self.status.clone(),
            agent: self.agent.clone(),
        }
    }

    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// A live agent wrote, so somebody is there.
    pub fn answered_by(&mut self, name: &str) {
        if self.doing == Doing::Parked {
            self.agent = Some(name.to_owned());
        }
    }

    /// Opens `startConversation`, cancelling what was open.
    pub fn start(&mut self) -> oneshot::Receiver<Outcome> {
        self.leave();
        self.nth += 1;
        self.doing = Doing::Starting;
        self.wait_in(Action::Start)
    }

    /// Parks the conversation in `sendMessage`.
    pub fn park(&mut self, live_chat_conversation_id: &str, status: Option<String>) {
        self.live_chat_conversation_id = Some(live_chat_conversation_id.to_owned());
        self.status = status;
        self.stay_in_parked();
    }

    /// Begins the goodbye: opens `endConversation` in the place of the parked action. None where that ended just now.
    pub fn part(&mut self) -> Option<(String, oneshot::Receiver<Outcome>)> {
        if self.doing != Doing::Parked {
            return None;
        }
        self.parked_ended = false;
        let id = self.live_chat_conversation_id.clone()?;
        Some((id, self.wait_in(Action::End)))
    }

    /// The goodbye failed: the customer is where they were before it.
    pub fn stay(&mut self) -> Control {
        if self.parked_ended {
            self.leave();
            return Control::Returned;
        }
        self.stay_in_parked();
        Control::Unchanged
    }

    /// Back to the bot; what was open is closed without waiting for its end.
    pub fn leave(&mut self) {
        self.doing = Doing::Idle;
        self.live_chat_conversation_id = None;
        self.status = None;
        self.agent = None;
        self.open = None;
        self.parked_ended = false;
    }

    /// Remembers which action an activity belongs to, so that replies to it are told from replies to others.
    pub fn sending(&mut self, activity_id: &str) {
        if let Some(open) = &self.open {
            self.sent.insert(activity_id.to_owned(), open.used);
        }
    }

    /// The skill ends an action.
    pub fn ended(&mut self, end_of_conversation: &Value) -> Control {
        let replied_to = end_of_conversation["replyToId"].as_str().and_then(|id| self.sent.get(id)).copied();
        let Some(open) = self.open.take() else {
            return Control::Unchanged;
        };
        if !open.ends_with(replied_to, end_of_conversation) {
            self.parked_ended |= open.cancelled_ended_with(replied_to, end_of_conversation);
            self.open = Some(open);
        } else if let Some(waiter) = open.waiter {
            // The bot may have given up waiting just now.
            let _ = waiter.send(Outcome::read(end_of_conversation));
        } else {
            self.leave();
            return Control::Returned;
        }
        Control::Unchanged
    }

    fn wait_in(&mut self, action: Action) -> oneshot::Receiver<Outcome> {
        let (waiter, outcome) = oneshot::channel();
        self.open(action, Some(waiter));
        outcome
    }

    fn stay_in_parked(&mut self) {
        self.doing = Doing::Parked;
        self.open(Action::Send, None);
    }

    fn open(&mut self, action: Action, waiter: Option<oneshot::Sender<Outcome>>) {
        let used = Use { action, handover: self.nth };
        self.open = Some(Open { used, waiter });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Control, Doing, Handover};

    #[test]
    fn a_failed_goodbye_does_not_park_again_in_what_has_ended_meanwhile() {
        let mut handover = Handover::default();
        let _started = handover.start();
        handover.park("chat-1", None);
        handover.sending("message");
        let goodbye = handover.part();
        assert!(goodbye.is_some());
        let end = json!({ "type": "endOfConversation", "replyToId": "message" });
        assert_eq!(handover.ended(&end), Control::Unchanged);
        assert_eq!(handover.doing, Doing::Parked);
        assert_eq!(handover.stay(), Control::Returned);
        assert_eq!(handover.doing, Doing::Idle);
        assert_eq!(handover.ended(&end), Control::Unchanged, "told once");
    }
}
