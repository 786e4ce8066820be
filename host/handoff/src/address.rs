//! How replies travel: to the bot, which owns the action, and to the customer, whom the bot's channel reaches.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A participant as the Activity protocol names one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The channel's id.
    pub id: String,
    /// The name to show, where the channel tells it.
    pub name: Option<String>,
}

/// One way to post an activity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "path", rename_all = "kebab-case")]
pub enum Route {
    /// `POST {base}v3/conversations/…` as the skill, with a token for the caller.
    SkillCallback {
        /// The bot's serviceUrl.
        base: String,
    },
    /// `POST {base}v3/conversations/…` as the bot itself, at the channel's connector.
    ChannelAsBot {
        /// The connector's address.
        base: String,
    },
    /// `POST` to exactly this address, which carries its own permission: a secret.
    SignedUrl {
        /// The whole address.
        url: String,
    },
    /// Nothing can be pushed: it waits for the customer's next turn and goes out in its response.
    Held,
}

impl Route {
    /// The host and port that it leads to, where it leads to one.
    pub fn host(&self) -> Option<&str> {
        let address = match self {
            Route::SkillCallback { base } | Route::ChannelAsBot { base } => base,
            Route::SignedUrl { url } => url,
            Route::Held => return None,
        };
        let (_, rest) = address.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        (!host.is_empty()).then_some(host)
    }
}

/// A signed address is a secret and does not show (I7).
impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Route::SkillCallback { base } => f.debug_struct("SkillCallback").field("base", base).finish(),
            Route::ChannelAsBot { base } => f.debug_struct("ChannelAsBot").field("base", base).finish(),
            Route::SignedUrl { .. } => f.write_str("SignedUrl { .. }"),
            Route::Held => f.write_str("Held"),
        }
    }
}

/// Where one conversation's replies go; refreshed with every turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAddress {
    /// The way of results of actions.
    pub to_bot: Route,
    /// The way of what the customer reads.
    pub to_customer: Route,
    /// The channel, e.g. `msteams`.
    pub channel: String,
    /// The channel's id of the conversation.
    pub conversation: String,
    /// The serviceUrl as the bot gave it; replies repeat it.
    pub service_url: String,
    /// The bot, as recipient of the turn; absent where the turn named none.
    pub bot: Option<Account>,
    /// The customer, as sender of the turn.
    pub customer: Account,
    /// BCP 47.
    pub locale: Option<String>,
    /// The verified app id of the caller; replies to it are for its audience.
    pub caller: Option<String>,
}

/// The action of the bot that a result answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRef {
    /// Which action.
    pub action: Action,
    /// The activity that opened it, or went on with it last; the protocol lets it be absent.
    pub activity: Option<String>,
}

/// The actions of the skill manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Begins a handover.
    StartConversation,
    /// Carries messages while the handover lasts.
    SendMessage,
    /// Ends a handover.
    EndConversation,
}

impl Action {
    /// As the manifest and the wire spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::StartConversation => "startConversation",
            Action::SendMessage => "sendMessage",
            Action::EndConversation => "endConversation",
        }
    }
}
