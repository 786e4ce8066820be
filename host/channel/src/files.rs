//! Files of the customer that only somebody with a token may fetch: those at the hosts that replies are posted to.

use handover_credentials::Secret;
use handover_handoff::Session;
use handover_handoff::address::{ReturnAddress, Route};
use handover_handoff::delivery::Failure;
use url::Url;

use crate::outbound::{Outbound, now_ms};

impl Outbound {
    /// Whether the operator listed this host among those of the bot's side, or it is on this machine where that is.
    pub fn trusts(&self, url: &Url) -> bool {
        self.side.permits(url).is_ok()
    }

    /// The token that fetches a file of this session, as replies of the session to the same host have it (Bot Connector
    /// REST API, "Authentication"); none where the host is no listed one, or is not the session's.
    ///
    /// # Errors
    /// There is no connection for it, or its token cannot be had.
    pub async fn file_token(&self, session: &Session, url: &Url) -> Result<Option<Secret>, Failure> {
        match self.way(&session.address, url) {
            Some(route) => self.identities.token(route, &session.address, now_ms()).await,
            None => Ok(None),
        }
    }

    /// The host did not take the token, where there was one: the next one is fetched anew.
    pub fn file_token_refused(&self, session: &Session, url: &Url) -> bool {
        let address = &session.address;
        self.way(address, url).is_some_and(|route| self.identities.refused(route, address))
    }

    /// Which of the session's routes leads to the host of an address.
    fn way<'a>(&self, address: &'a ReturnAddress, url: &Url) -> Option<&'a Route> {
        self.trusts(url).then_some(())?;
        let at_host = |route: &&Route| match route {
            Route::SkillCallback { base } | Route::ChannelAsBot { base } => {
                Url::parse(base).is_ok_and(|base| base.origin() == url.origin())
            }
            // It takes no token, and nothing lies beside it.
            Route::SignedUrl { .. } | Route::Held => false,
        };
        [&address.to_customer, &address.to_bot].into_iter().find(at_host)
    }
}
