//! The bot: what Contoso Agent's topics do with what the customer says, one utterance after the other.
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::{
    action::{Action, Outcome},
    activity,
    conversation::{Conversation, Input},
    handover::{Doing, Handover},
    phrases::{self, Intent},
    simulator::Simulator,
    skill,
    transcript::{From, Line},
};

/// What Copilot Studio shows, spelled as it spells it.
const SKILL_FAILED: &str = "Sorry, something went wrong. Error code: SkillNotSuccesfulResponseCode";

/// The topic that opens a conversation.
pub(crate) fn greet(simulator: &Simulator, conversation: &Conversation) {
    Bot { simulator, conversation }.say(Intent::Greeting.answer(&simulator.config.agent_name));
}

/// Serves one conversation until the simulator stops. What the customer does is taken strictly in turn: the next begins
/// when the one before has been acknowledged by the skill.
pub(crate) async fn run(
    simulator: Arc<Simulator>,
    conversation: Arc<Conversation>,
    mut inputs: mpsc::UnboundedReceiver<Input>,
) {
    let bot = Bot { simulator: &simulator, conversation: &conversation };
    let turns = async {
        while let Some(input) = inputs.recv().await {
            bot.turn(input).await;
        }
    };
    tokio::select! {
        () = simulator.stopped() => {}
        () = turns => {}
    }
}

struct Bot<'a> {
    simulator: &'a Simulator,
    conversation: &'a Conversation,
}

impl Bot<'_> {
    fn say(&self, text: impl Into<String>) {
        self.conversation.add(Line::said(From::Bot, &self.simulator.config.agent_name, text));
    }

    async fn turn(&self, input: Input) {
        match input {
            Input::Typing => self.typing().await,
            Input::Escalate { problem } => self.escalate(&problem).await,
            Input::Utterance { text, activity_id } => match self.conversation.doing() {
                Doing::Parked if phrases::is_goodbye(&text) => self.goodbye().await,
                Doing::Parked => self.forward(&text, &activity_id).await,
                Doing::Asking if phrases::is_goodbye(&text) => {
                    self.conversation.handover(Handover::leave);
                    self.small_talk(Intent::Goodbye);
                }
                Doing::Asking => self.escalate(&text).await,
                Doing::Idle | Doing::Starting => self.small_talk(phrases::intent(&text)),
            },
        }
    }

    fn small_talk(&self, intent: Intent) {
        if intent == Intent::Escalate {
            self.conversation.handover(|handover| handover.doing = Doing::Asking);
        }
        self.say(intent.answer(&self.simulator.config.agent_name));
    }

    /// What the live agent should know; a skill's inputs are texts, so the transcript is JSON in one.
    fn inputs(&self, problem: &str) -> Value {
        let turns: Vec<Value> = self
            .conversation
            .transcript()
            .iter()
            .filter(|entry| matches!(entry.from, From::Customer | From::Bot))
            .map(|entry| json!({ "role": entry.from, "name": entry.name, "text": entry.text, "timestamp": entry.time }))
            .collect();
        json!({ "ProblemDescription": problem, "Transcript": Value::from(turns).to_string() })
    }

    /// Topic Escalate, from the answer to its question on.
    async fn escalate(&self, problem: &str) {
        let ended = self.conversation.handover(Handover::start);
        let inputs = if self.simulator.switches().start_inputs { self.inputs(problem) } else { json!({}) };
        let event = activity::event(self.simulator, self.conversation, Action::Start, inputs);
        if !skill::deliver(self.simulator, self.conversation, event).await {
            return self.fail();
        }
        let Some(outcome) = self.outcome(ended).await else {
            return self.fail();
        };
        let live_chat = &self.simulator.config.live_chat_name;
        match (outcome.live_chat_conversation_id, outcome.status.as_deref()) {
            (_, Some("no-agents" | "out-of-hours")) => {
                self.conversation.handover(Handover::leave);
                self.say(format!(
                    "Nobody is available in {live_chat} right now. Please try again later; until then I'm here to help."
                ));
            }
            (Some(id), status) if outcome.succeeded && status != Some("failed") => {
                self.say(format!("Starting conversation \"{id}\" to {live_chat}"));
                self.send_first(problem, &id, status.map(str::to_owned)).await;
            }
            _ => {
                self.conversation.handover(Handover::leave);
                self.say(format!(
                    "Sorry, the conversation with {live_chat} could not be started. I'm still here to help."
                ));
            }
        }
    }

    async fn send_first(&self, problem: &str, id: &str, status: Option<String>) {
        // Parked before the message goes out: its end may arrive before its acknowledgement does.
        self.conversation.handover(|handover| handover.park(id, status));
        let message = activity::first_message(self.simulator, self.conversation, problem, id);
        if !skill::deliver(self.simulator, self.conversation, message).await
            && self.conversation.doing() == Doing::Parked
        {
            self.fail();
        }
    }

    async fn forward(&self, text: &str, activity_id: &str) {
        let message = activity::further_message(self.simulator, self.conversation, text, activity_id);
        if !skill::deliver(self.simulator, self.conversation, message).await {
            self.say(SKILL_FAILED);
        }
    }

    /// Topic Goodbye Live Chat: interrupts the parked action.
    async fn goodbye(&self) {
        let Some((id, ended)) = self.conversation.handover(Handover::part) else {
            return self.small_talk(Intent::Goodbye);
        };
        if self.simulator.switches().cancel_before_end {
            let cancelled = activity::cancelled(self.simulator, self.conversation);
            // A courtesy: whatever the skill makes of it, the goodbye goes on.
            skill::deliver(self.simulator, self.conversation, cancelled).await;
        }
        let event = activity::event(
            self.simulator,
            self.conversation,
            Action::End,
            json!({ "LiveChatConversationId": id }),
        );
        let delivered = skill::deliver(self.simulator, self.conversation, event).await;
        if delivered && self.outcome(ended).await.is_some() {
            self.conversation.handover(Handover::leave);
            self.say(format!("{} conversation ended", self.simulator.config.live_chat_name));
        } else {
            self.conversation.may_return(Handover::stay);
            self.say(SKILL_FAILED);
        }
    }

    /// Tells the skill that the customer types; a sign that gets lost is no loss.
    async fn typing(&self) {
        if self.conversation.doing() == Doing::Parked {
            let typing = activity::typing(self.simulator, self.conversation);
            skill::signal(self.simulator, self.conversation, typing).await;
        }
    }

    async fn outcome(&self, ended: oneshot::Receiver<Outcome>) -> Option<Outcome> {
        tokio::time::timeout(self.simulator.config.action_timeout, ended).await.ok()?.ok()
    }

    /// The system topic On Error: shows the error and cancels every topic.
    fn fail(&self) {
        self.conversation.handover(Handover::leave);
        self.say(SKILL_FAILED);
    }
}

impl Intent {
    fn answer(self, name: &str) -> String {
        match self {
            Self::Escalate => "Please briefly explain your problem:".into(),
            Self::Goodbye => "Goodbye. Write again whenever you need me.".into(),
            Self::Greeting => format!("Hello, I'm {name}. How can I help you today?"),
            Self::Help => "I answer small questions, and I can bring you together with a person: \
                 try **I want to talk with a person**."
                .into(),
            Self::Thanks => "You're welcome.".into(),
            Self::Unknown => "I'm sorry, I'm not sure how to help with that. \
                 Try **I want to talk with a person**."
                .into(),
        }
    }
}
