//! As whom an activity is posted: which app registration, and for which audience its token is.

use std::collections::HashMap;
use std::sync::Arc;

use handover_credentials::Secret;
use handover_credentials::entra::Connection;
use handover_handoff::address::{ReturnAddress, Route};
use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};

/// The app registrations that activities are posted as.
#[derive(Debug, Default)]
pub struct Identities {
    /// No tokens at all: the other side is on this machine and takes none.
    pub local: bool,
    /// This skill.
    pub skill: Option<Arc<Connection>>,
    /// The bots in whose name customers are written to at the channel's connector, by app id in lower case.
    pub bots: HashMap<String, Arc<Connection>>,
    /// The scope of tokens for the Bot Connector, e.g. `https://api.botframework.com/.default`.
    pub channel: String,
}

impl Identities {
    /// For a bot's side on this machine that takes no tokens.
    pub fn local() -> Self {
        Self { local: true, ..Self::default() }
    }

    /// The token for a route, where one belongs there (Agents SDK, `AgentClaims.GetOutgoingTokenScopes`).
    ///
    /// # Errors
    /// There is no connection for it, or its token cannot be had.
    pub(crate) async fn token(
        &self,
        route: &Route,
        address: &ReturnAddress,
        now: u64,
    ) -> Result<Option<Secret>, Failure> {
        match self.way(route, address)? {
            None => Ok(None),
            Some((connection, scope)) => connection.token(&scope, now).await.map(Some).map_err(|e| Failure {
                reason: FailureReason::Unavailable,
                retry: RetryAdvice::Safe(None),
                detail: format!("no token: {e}"),
            }),
        }
    }

    /// The other side did not take the token, where there was one: the next one is fetched anew.
    pub(crate) fn refused(&self, route: &Route, address: &ReturnAddress) -> bool {
        let Ok(Some((connection, scope))) = self.way(route, address) else { return false };
        connection.refused(&scope);
        true
    }

    fn way(
        &self,
        route: &Route,
        address: &ReturnAddress,
    ) -> Result<Option<(&Arc<Connection>, String)>, Failure> {
        let channel = || self.channel.clone();
        let skill = || self.skill.as_ref().ok_or_else(|| missing("bot.connection", "this skill"));
        match (route, &address.caller) {
            _ if self.local => Ok(None),
            // It carries its own permission; a token would be one too many. What is held goes nowhere.
            (Route::SignedUrl { .. } | Route::Held, _) => Ok(None),
            (Route::SkillCallback { .. }, Some(caller)) => Ok(Some((skill()?, format!("{caller}/.default")))),
            (Route::ChannelAsBot { .. }, Some(caller)) => {
                let bot = self.bots.get(&caller.to_ascii_lowercase());
                let bot = bot.ok_or_else(|| missing("bot.agents", &format!("the agent {caller}")))?;
                Ok(Some((bot, channel())))
            }
            // The Bot Service itself has called: here this skill is the bot.
            (Route::SkillCallback { .. } | Route::ChannelAsBot { .. }, None) => {
                Ok(Some((skill()?, channel())))
            }
        }
    }
}

fn missing(key: &str, who: &str) -> Failure {
    Failure {
        reason: FailureReason::Misconfigured(key.to_owned()),
        retry: RetryAdvice::Never,
        detail: format!("`{key}`: no connection to write with as {who}"),
    }
}
