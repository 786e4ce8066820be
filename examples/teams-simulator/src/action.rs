//! The skill's actions as the bot sees them: which one is open, what its end brings, and which end belongs to which.
use serde_json::Value;
use tokio::sync::oneshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Start,
    Send,
    End,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "startConversation",
            Self::Send => "sendMessage",
            Self::End => "endConversation",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Start, Self::Send, Self::End]
            .into_iter()
            .find(|action| action.name().eq_ignore_ascii_case(name))
    }
}

/// One use of an action: a later handover's `sendMessage` is not an earlier one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub action: Action,
    pub handover: u32,
}

/// The action the bot is in.
pub(crate) struct Open {
    pub used: Use,
    /// Who waits for the end. Nobody waits for a parked `sendMessage`: its end may come at any time.
    pub waiter: Option<oneshot::Sender<Outcome>>,
}

impl Open {
    /// Whether an `endOfConversation` is about this action. A gateway delivers at least once, so an end may come again
    /// when the next action is open already; it is told by what it replies to, else by its name, else believed.
    pub fn ends_with(&self, replied_to: Option<Use>, activity: &Value) -> bool {
        match (replied_to, action_of(activity)) {
            (Some(used), _) => used == self.used,
            (None, Some(action)) => action == self.used.action,
            (None, None) => true,
        }
    }

    /// Whether it is about the `sendMessage` that this goodbye cancels.
    pub fn cancelled_ended_with(&self, replied_to: Option<Use>, activity: &Value) -> bool {
        self.used.action == Action::End
            && match replied_to {
                Some(used) => used.action == Action::Send && used.handover == self.used.handover,
                None => action_of(activity) == Some(Action::Send),
            }
    }
}

fn action_of(activity: &Value) -> Option<Action> {
    activity["name"].as_str().and_then(Action::named)
}

/// What an action's end brings.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub live_chat_conversation_id: Option<String>,
    pub status: Option<String>,
    pub succeeded: bool,
}

impl Outcome {
    pub fn read(end_of_conversation: &Value) -> Self {
        let value = &end_of_conversation["value"];
        let code = end_of_conversation["code"].as_str().unwrap_or_default();
        Self {
            // The sample's serializer writes the first letter small, its manifest writes it large; both are met.
            live_chat_conversation_id: text(value, "LiveChatConversationId"),
            status: text(value, "Status"),
            succeeded: code.is_empty() || code.eq_ignore_ascii_case("completedSuccessfully"),
        }
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    let (_, found) = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
