//! Posts activities to the bot and to the customer's channel.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use handover_credentials::Secret;
use handover_handoff::Session;
use handover_handoff::address::{ReturnAddress, Route};
use handover_handoff::delivery::{ActionResult, Delivery, Failure, FailureReason, Parcel, RetryAdvice};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::activity::Activity;
use crate::identities::Identities;
use crate::limits::{ChannelLimits, Limiter, Limits, Window};
use crate::reply::{self, Replies};
use crate::return_path::BotSide;
use crate::status;

/// How often a conversation is told that somebody is typing, at most (A6001).
const TYPING: Duration = Duration::from_secs(3);
/// How much of an answer is looked at, in bytes.
const ANSWER_LIMIT: usize = 16 * 1024;

/// How long posting may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboundConfig {
    /// Until there is a connection.
    pub connect_timeout: Duration,
    /// From the start to the end of the answer.
    pub timeout: Duration,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(5), timeout: Duration::from_secs(15) }
    }
}

/// There is no client to post with.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for the bot's side cannot be made: {0}")]
pub struct OutboundError(#[source] reqwest::Error);

/// Posts activities, within each channel's limits.
pub struct Outbound {
    client: Client,
    pub(crate) side: BotSide,
    pub(crate) identities: Identities,
    replies: Replies,
    limiter: Limiter,
    in_sum: Limiter,
    typing: Limiter,
}

impl Outbound {
    /// With a connection pool of its own. The process has installed a TLS provider before.
    ///
    /// # Errors
    /// There is no HTTP client.
    pub fn new(
        replies: Replies,
        side: BotSide,
        identities: Identities,
        config: OutboundConfig,
    ) -> Result<Self, OutboundError> {
        let client = Client::builder()
            .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            // A redirect would take the customer's message, and later a token, to where nobody allowed it.
            .redirect(Policy::none())
            // The addresses were checked as they stand; a proxy from the environment would see loopback ones, too.
            .no_proxy()
            // Servers close idle connections; a post on one that is just being closed has an unknown outcome.
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(OutboundError)?;
        let typing = ChannelLimits {
            windows: vec![Window::new(NonZeroU32::MIN, TYPING)],
            ..ChannelLimits::unhurried()
        };
        Ok(Self {
            client,
            side,
            identities,
            limiter: Limiter::new(replies.limits()),
            in_sum: Limiter::in_sum(replies.limits()),
            typing: Limiter::new(&Limits { channels: HashMap::new(), other: typing }),
            replies,
        })
    }

    /// What makes the activities, for responses that carry them.
    pub fn replies(&self) -> &Replies {
        &self.replies
    }

    /// Makes one attempt to deliver a parcel to the customer or the bot.
    pub async fn deliver(&self, session: &Session, delivery: &Delivery) -> Result<(), Failure> {
        let address = &session.address;
        let activities = self.replies.activities(session, delivery);
        if activities.is_empty() {
            return Err(Failure {
                reason: FailureReason::Unsupported,
                retry: RetryAdvice::Never,
                detail: format!("{} is not for the bot's side", delivery.parcel.kind()),
            });
        }
        let for_bot = matches!(delivery.parcel, Parcel::ActionResult(_));
        for (sent, activity) in activities.iter().enumerate() {
            let posted = if for_bot {
                self.post(&address.to_bot, address, activity).await
            } else {
                self.post_to_customer(&session.conversation.tenant, address, activity).await
            };
            if let Err(failure) = posted {
                return Err(if sent == 0 { failure } else { in_part(failure) });
            }
        }
        Ok(())
    }

    /// Posts the result of an action for which there is no session.
    pub async fn post_result(&self, address: &ReturnAddress, result: &ActionResult) -> Result<(), Failure> {
        self.post(&address.to_bot, address, &reply::result(address, result)).await
    }

    /// Ends an action that is none of ours.
    pub async fn refuse_event(
        &self,
        address: &ReturnAddress,
        name: &str,
        activity: Option<&str>,
    ) -> Result<(), Failure> {
        let end = reply::unknown_event(address, name, activity);
        self.post(&address.to_bot, address, &end).await
    }

    /// Lets the customer see that the live agent is typing. Best effort: what comes too often or fails is dropped.
    pub async fn typing(&self, address: &ReturnAddress) {
        let (channel, conversation) = (&address.channel, &address.conversation);
        if matches!(address.to_customer, Route::Held)
            || self.typing.check(channel, conversation, 0).is_err()
            || self.limiter.check(channel, conversation, 0).is_err()
        {
            return;
        }
        let typing = reply::typing(address);
        if let Err(failure) = self.post(&address.to_customer, address, &typing).await {
            tracing::debug!(channel, detail = failure.detail, "typing was not shown");
        }
    }

    async fn post_to_customer(
        &self,
        tenant: &str,
        address: &ReturnAddress,
        activity: &Activity,
    ) -> Result<(), Failure> {
        let not_yet = |wait: Duration, where_: &str| Failure {
            reason: FailureReason::RateLimited,
            retry: RetryAdvice::Safe(Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))),
            detail: format!("the channel takes no more in this {where_} for now"),
        };
        let pass = self.limiter.pass(&address.channel, &address.conversation).await;
        pass.map_err(|wait| not_yet(wait, "conversation"))?;
        let pass = self.in_sum.pass(&address.channel, tenant).await;
        pass.map_err(|wait| not_yet(wait, "tenant"))?;
        self.post(&address.to_customer, address, activity).await
    }

    async fn post(&self, route: &Route, address: &ReturnAddress, activity: &Activity) -> Result<(), Failure> {
        let url = target(route, &address.conversation, activity.reply_to_id.as_deref())?;
        let send = async || {
            let request = self.request(url.clone(), activity)?;
            let request = match self.identities.token(route, address, now_ms()).await? {
                Some(token) => bearer(request, &token)?,
                None => request,
            };
            request.send().await.map_err(unsent)
        };
        let response = send().await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.identities.refused(route, address) {
            // A token may be withdrawn before its time: a fresh one tells.
            return answer(send().await?).await;
        }
        answer(response).await
    }

    /// The one place where requests are made, and only to where they may go.
    fn request(&self, url: Url, activity: &Activity) -> Result<RequestBuilder, Failure> {
        self.side.permits(&url).map_err(|refusal| Failure {
            reason: FailureReason::Denied,
            retry: RetryAdvice::Never,
            detail: refusal.to_string(),
        })?;
        Ok(self.client.post(url).header(ACCEPT, "application/json").json(activity))
    }
}

fn bearer(request: RequestBuilder, token: &Secret) -> Result<RequestBuilder, Failure> {
    let mut value = token
        .text()
        .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok())
        .ok_or_else(unusable)?;
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}

pub(crate) fn now_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// Where an activity is posted to.
fn target(route: &Route, conversation: &str, reply_to: Option<&str>) -> Result<Url, Failure> {
    let base = match route {
        Route::SkillCallback { base } | Route::ChannelAsBot { base } => base,
        // It carries its own permission and takes no path.
        Route::SignedUrl { url } => return url.parse().map_err(|_| unusable()),
        Route::Held => {
            return Err(Failure {
                reason: FailureReason::Unavailable,
                retry: RetryAdvice::Safe(None),
                detail: "nothing can be pushed here before the customer's next turn".to_owned(),
            });
        }
    };
    let mut url: Url = base.parse().map_err(|_| unusable())?;
    if url.cannot_be_a_base() {
        return Err(unusable());
    }
    let mut path = url.path().trim_end_matches('/').to_owned();
    path.push_str("/v3/conversations/");
    path.push_str(&segment(conversation)?);
    path.push_str("/activities");
    if let Some(reply_to) = reply_to {
        path.push('/');
        path.push_str(&segment(reply_to)?);
    }
    url.set_path(&path);
    Ok(url)
}

/// An id as one segment of a path, percent-encoded as the SDKs do it. Dots alone would lead elsewhere.
fn segment(id: &str) -> Result<String, Failure> {
    if matches!(id, "" | "." | "..") {
        return Err(unusable());
    }
    Ok(byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20"))
}

fn unusable() -> Failure {
    Failure {
        reason: FailureReason::Rejected,
        retry: RetryAdvice::Never,
        detail: "the conversation's address cannot be used".to_owned(),
    }
}

async fn answer(mut response: Response) -> Result<(), Failure> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|header| status::retry_after(header.to_str().ok()?, Timestamp::now()));
    // Read to the end, so that the connection can be used again. What breaks here changes nothing: the status is
    // the answer, and bodies are empty or anything (Copilot Studio's are empty).
    let mut body = Vec::new();
    while body.len() < ANSWER_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    if status.is_success() {
        return Ok(());
    }
    Err(status::failure(status, retry_after, status::error_code(&body).as_deref()))
}

/// The failure of a post that got no answer.
fn unsent(error: reqwest::Error) -> Failure {
    // Addresses may be secrets, or name a conversation.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let (reason, retry, what) = if error.is_connect() {
        (FailureReason::Unavailable, RetryAdvice::Safe(None), "no connection")
    } else if error.is_builder() {
        (FailureReason::Rejected, RetryAdvice::Never, "no request")
    } else if error.is_timeout() {
        (FailureReason::TimedOut, RetryAdvice::UnknownOutcome, "no answer in time")
    } else {
        (FailureReason::Unavailable, RetryAdvice::UnknownOutcome, "the connection broke")
    };
    Failure { reason, retry, detail: format!("{what}: {cause}") }
}

/// A part of a long message has arrived: trying again shows that part twice.
fn in_part(failure: Failure) -> Failure {
    let retry = match failure.retry {
        RetryAdvice::Safe(_) => RetryAdvice::UnknownOutcome,
        other => other,
    };
    Failure { retry, detail: format!("in part delivered; {}", failure.detail), ..failure }
}
