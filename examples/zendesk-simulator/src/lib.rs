//! A simulated Zendesk account with messaging: the Conversations API v2 as far as a handover needs it, its webhook, and
//! agents at a desk in place of Agent Workspace. Everything lives in memory.
//!
//! It refuses what the documentation or the published schema refuses. The schema is not part of this repository (it
//! names no licence): read the file as [`Config::schema`], and every body is held against it.
//!
//! # Operations, for faults and the wire log
//!
//! `start.create-user`, `start.get-user`, `start.list-conversations`, `start.create-conversation`,
//! `start.take-control` (`passControl` to the gateway's own integration), `start.message` (while the agents do not have
//! the conversation), `start.pass-control` (to the agents), `start.offer-control`; `send` (a customer's message to the
//! agents), `notice` (any other message to them), `upload`, `list-messages`, `activity`, `end` (`releaseControl`),
//! `accept-control`, `get-conversation`, `media`. Webhooks are `webhook.message`, `webhook.control`, `webhook.typing`,
//! `webhook.read`, `webhook.merge`, `webhook.other`.
//!
//! For accounts without messaging there are tickets (`/api/v2/…`): `support.create-user`, `support.create-ticket`,
//! `support.update-ticket`, `support.get-ticket`, `support.audits`, `support.upload`, and `webhook.support`. At the desk
//! a ticket has its number for an id.
//!
//! # Agents
//!
//! The conversation at the desk has the id of the Zendesk conversation; its second ticket that id with `.2`. Whoever
//! transfers to the queue `email` moves the conversation to e-mail, to `bot` gives it back to the gateway; other
//! transfers, joining and leaving show nowhere on Zendesk's wire.

mod agents;
mod app;
mod attachments;
mod book;
mod key;
mod messages;
mod people;
mod refusal;
mod schema;
mod strict;
mod support;
mod support_webhook;
mod switchboard;
mod webhook;

use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use agent_desk::{Desk, Settings};
use axum::{
    Json, Router,
    http::request::Parts,
    response::IntoResponse,
    routing::{any, get, post},
};
use serde_json::json;

use app::App;
use attachments::Media;
use refusal::Refused;
use support::Support;
use support_webhook::SupportWebhook;
use webhook::Webhook;

pub use agent_desk::Secret;
pub use key::Key;
pub use schema::{Count, Schema, Violation};

/// The simulated account.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback. Nobody logs in here: whoever reaches the page is an agent.
    pub beyond_loopback: bool,
    /// The id of the app.
    pub app_id: String,
    /// The key of the app, of the scope `app`.
    pub key: Key,
    /// The name of the gateway's switchboard integration.
    pub integration: String,
    /// Where its webhook posts to; empty means nowhere.
    pub webhook_url: String,
    /// What the webhook sends as `X-API-Key`.
    pub webhook_secret: Secret,
    /// The pauses between the tries of a webhook; Zendesk's own where there are none.
    pub webhook_pauses: Option<Vec<Duration>>,
    /// Whether users may have several personal conversations ("multi-conversations" in Admin Center).
    pub multi_conversations: bool,
    /// Most messages of a conversation; 30 000 at Zendesk.
    pub message_limit: usize,
    /// The vendor's published schema, to hold every body against.
    pub schema: Option<Arc<Schema>>,
    /// `EMAIL/token`: as whom the Ticketing API is called.
    pub support_user: String,
    /// The API token of that user.
    pub support_token: Secret,
    /// Where events of tickets are posted; empty means nowhere.
    pub support_webhook_url: String,
    /// What they are signed with.
    pub support_webhook_secret: Secret,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5020)),
            beyond_loopback: false,
            app_id: "5ebee0975ac5304b664a12fa".to_owned(),
            key: Key { id: "app_simulated".to_owned(), secret: Secret::new("simulated-secret") },
            integration: "handover".to_owned(),
            webhook_url: "http://127.0.0.1:5001/api/callbacks/zendesk".to_owned(),
            webhook_secret: Secret::new("simulated-webhook-secret"),
            webhook_pauses: None,
            multi_conversations: false,
            message_limit: 30_000,
            schema: None,
            support_user: "agent@example.com/token".to_owned(),
            support_token: Secret::new("simulated-token"),
            support_webhook_url: "http://127.0.0.1:5001/api/callbacks/zendesk-support".to_owned(),
            support_webhook_secret: Secret::new("simulated-signing-secret"),
        }
    }
}

/// A simulator that listens. It runs until the `shutdown` given to [`serve`] resolves, also when this value is dropped.
pub struct Running {
    house: agent_desk::Running,
    app: Arc<App>,
}

impl Running {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.house.addr()
    }

    /// The upstream's base address for the connector: `https://SUBDOMAIN.zendesk.com/sc` at Zendesk.
    pub fn base_url(&self) -> String {
        format!("{}/sc", self.house.url())
    }

    /// Its desk: conversations, faults, wire log.
    pub fn desk(&self) -> &Desk {
        self.house.desk()
    }

    /// Posts to another webhook from now on.
    pub fn set_webhook_url(&self, url: &str) {
        self.app.webhook.point_at(url);
    }

    /// The upstream's base address for tickets: `https://SUBDOMAIN.zendesk.com` at Zendesk.
    pub fn support_url(&self) -> String {
        self.house.url()
    }

    /// Posts events of tickets to another webhook from now on.
    pub fn set_support_webhook_url(&self, url: &str) {
        self.app.support.webhook.point_at(url);
    }

    /// Sends another secret from now on.
    pub fn set_webhook_secret(&self, secret: Secret) {
        self.app.webhook.sign_with(secret);
    }

    /// What was held against the vendor's schema; none where the file was not given.
    pub fn schema(&self) -> Option<&Schema> {
        self.app.schema.as_deref()
    }

    /// Keeps a file of an agent's; its address, which only the app's key opens.
    pub fn add_media(&self, name: &str, content_type: &str, body: impl Into<Vec<u8>>) -> String {
        self.app.media.keep(name, content_type, body.into().into())
    }

    /// Another user takes the place of the one of this conversation, as when two profiles are merged; its id.
    pub fn merge_user(&self, conversation: &str) -> Option<String> {
        let mut book = self.app.book();
        let old = book.talk(conversation).ok()?.user.clone();
        let (surviving, discarded) = book.merge(&old)?;
        let talk = book.talk(conversation).ok()?;
        let short = |user: &book::User| json!({ "id": user.id, "externalId": user.external_id, "authenticated": false });
        let users = json!({ "surviving": short(&surviving), "discarded": short(&discarded) });
        self.app.tell(talk, false, vec![("user:merge", json!({ "mergedUsers": users, "reason": "api" }))]);
        Some(surviving.id)
    }

    /// Tells that a message could not be delivered to a channel.
    pub fn fail_delivery(&self, conversation: &str, message: &str, code: &str) -> Option<()> {
        let mut book = self.app.book();
        let talk = book.talk(conversation).ok()?;
        let payload = json!({
            "conversation": talk.truncated(),
            "user": { "id": talk.user },
            "message": { "id": message },
            "destination": { "type": "api" },
            "error": { "code": code, "message": "The channel refused it" },
            "isFinalEvent": true,
        });
        self.app.tell(talk, false, vec![("conversation:message:delivery:failure", payload)]);
        Some(())
    }

    /// Deletes a conversation, as an administrator can.
    pub fn delete_conversation(&self, conversation: &str) -> Option<()> {
        let talk = self.app.book().delete(conversation)?;
        self.app.tell(
            &talk,
            false,
            vec![("conversation:remove", json!({ "conversation": talk.truncated() }))],
        );
        Some(())
    }

    /// Waits until the server has stopped.
    ///
    /// # Errors
    /// It broke off.
    pub async fn join(self) -> anyhow::Result<()> {
        self.house.join().await
    }
}

/// Binds the address, then serves in the background until `shutdown` resolves.
///
/// # Errors
/// The address is in use or not loopback.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Running> {
    let bound = agent_desk::bind(config.addr, config.beyond_loopback).await?;
    let desk = Desk::new(Settings {
        nobody: "Zendesk Support".to_owned(),
        message_id: book::fresh,
        error_body: refusal::body,
        most_wire: 5_000,
        ..Settings::default()
    });
    let tickets = SupportWebhook::new(
        &desk,
        &config.support_webhook_url,
        config.support_webhook_secret,
        config.webhook_pauses.clone(),
    );
    let support = Support::new(config.support_user, config.support_token, tickets);
    let webhook = Webhook::new(
        &desk,
        &config.app_id,
        &config.webhook_url,
        config.webhook_secret,
        config.webhook_pauses,
    );
    let app = Arc::new(App::new(
        desk.clone(),
        config.app_id,
        config.key,
        config.schema,
        webhook,
        &config.integration,
        config.multi_conversations,
        config.message_limit,
        Media::new(bound.addr()),
        support,
    ));
    let routes = router(&app);
    Ok(Running { house: bound.serve(desk, Arc::clone(&app), routes, shutdown), app })
}

fn router(app: &Arc<App>) -> Router {
    let desk = &app.desk;
    let in_app = |path: &str| format!("/sc/v2/apps/{{app}}{path}");
    let in_talk = |path: &str| format!("/sc/v2/apps/{{app}}/conversations/{{id}}{path}");
    let conversations = |parts: &Parts, _: &[u8]| match parts.method.as_str() {
        "GET" => "start.list-conversations",
        _ => "start.create-conversation",
    };
    let says = {
        let app = Arc::clone(app);
        move |parts: &Parts, body: &[u8]| match parts.method.as_str() {
            "GET" => "list-messages",
            _ => app.kind_of_message(parts.uri.path(), body),
        }
    };
    let passes = {
        let ours = app.ours.clone();
        move |_: &Parts, body: &[u8]| match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(body)
                if [&ours.id, &ours.name]
                    .iter()
                    .any(|one| body["switchboardIntegration"] == one.as_str()) =>
            {
                "start.take-control"
            }
            _ => "start.pass-control",
        }
    };
    let own = |name, path: &str, route| (in_talk(path), desk.operation(name, route));
    let mut router = Router::new();
    for (path, route) in [
        own("get-conversation", "", get(people::get_conversation)),
        own("activity", "/activity", post(messages::activity)),
        own("start.offer-control", "/offerControl", post(switchboard::offer)),
        own("accept-control", "/acceptControl", post(switchboard::accept)),
        own("end", "/releaseControl", post(switchboard::release)),
    ] {
        router = router.route(&path, route);
    }
    router
        .route(&in_talk("/messages"), desk.operation_by(says, post(messages::post).get(messages::list)))
        .route(&in_talk("/passControl"), desk.operation_by(passes, post(switchboard::pass)))
        .route(&in_app("/users"), desk.operation("start.create-user", post(people::create_user)))
        .route(&in_app("/users/{user}"), desk.operation("start.get-user", get(people::get_user)))
        .route(
            &in_app("/conversations"),
            desk.operation_by(
                conversations,
                post(people::create_conversation).get(people::list_conversations),
            ),
        )
        .route(&in_app("/attachments"), desk.operation("upload", post(attachments::upload).layer(no_limit())))
        .route("/sc/attachments/v2/{id}/{name}", desk.operation("media", get(attachments::fetch)))
        .route("/schema", get(told_of_schema))
        .route(
            "/sc/{*rest}",
            any(|| async { Refused::new(404, "not_found", "Resource not found").into_response() }),
        )
        .merge(support::routes(app))
        .with_state(Arc::clone(app))
}

/// The simulator's own limits count.
fn no_limit() -> axum::extract::DefaultBodyLimit {
    axum::extract::DefaultBodyLimit::disable()
}

/// What was held against the vendor's schema, for people.
async fn told_of_schema(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
) -> Json<serde_json::Value> {
    let Some(schema) = &app.schema else {
        return Json(json!({ "loaded": false, "how": "give the vendor's openapi.yaml as --schema" }));
    };
    let counts: BTreeMap<String, _> = schema
        .counts()
        .into_iter()
        .map(|(operation, count)| (operation, json!({ "valid": count.valid, "invalid": count.invalid })))
        .collect();
    let violations: Vec<_> = schema
        .violations()
        .into_iter()
        .map(|violation| json!({ "operation": violation.operation, "problem": violation.problem }))
        .collect();
    Json(json!({ "loaded": true, "checked": counts, "violations": violations }))
}

impl App {
    /// Which operation a message is, by who writes it and who has the conversation.
    fn kind_of_message(&self, path: &str, body: &[u8]) -> &'static str {
        let id = path.rsplit('/').nth(1).unwrap_or_default();
        let with_agents = self.book().talk(id).is_ok_and(|talk| talk.active.as_ref() == Some(&self.agents));
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        match (with_agents, body["author"]["type"].as_str()) {
            (true, Some("user")) => "send",
            (true, _) => "notice",
            // A customer's message after the end is still one.
            (false, _) if self.book().talk(id).is_ok_and(|talk| talk.active.is_none()) => "send",
            (false, _) => "start.message",
        }
    }
}
