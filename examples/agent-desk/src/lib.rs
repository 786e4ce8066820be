//! The agents' side of a vendor simulator: a desk, the console page, the agents' API, webhooks, faults, and a wire log.
//!
//! A simulator brings the vendor's own wire: the routes that the gateway calls, and, in [`Vendor::act`], what the
//! vendor tells the gateway of what agents do.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//!
//! use agent_desk::{AgentAction, Courier, Deed, Desk, Failure, Incoming, Letter, Opening, Party, Policy, Refusal, Vendor};
//! use axum::{Json, Router, extract::{Path, State}, routing::post};
//! use serde_json::{Value, json};
//!
//! struct Acme {
//!     desk: Desk,
//!     courier: Courier,
//!     webhook: String,
//! }
//!
//! impl Vendor for Acme {
//!     fn name(&self) -> &str {
//!         "Acme Chat"
//!     }
//!
//!     async fn act(&self, deed: Deed) -> Result<(), Failure> {
//!         let event = match deed.action {
//!             AgentAction::Say(message) => json!({ "id": message.sent_as, "text": message.text }),
//!             AgentAction::End => json!({ "ended": true }),
//!             // Not on this vendor's wire.
//!             _ => return Ok(()),
//!         };
//!         self.courier.send(Letter::json(deed.conversation, &self.webhook, &event)).outcome().await
//!     }
//! }
//!
//! async fn start(State(acme): State<Arc<Acme>>) -> Result<Json<Value>, Refusal> {
//!     let (id, _) = acme.desk.begin_if_open(Opening::new(agent_desk::fresh_id()))?;
//!     Ok(Json(json!({ "id": id })))
//! }
//!
//! async fn send(State(acme): State<Arc<Acme>>, Path(id): Path<String>, text: String) -> Result<Json<Value>, Refusal> {
//!     let received = acme.desk.receive(&id, Incoming::text(text))?;
//!     Ok(Json(json!({ "messageId": received.message_id })))
//! }
//!
//! async fn end(State(acme): State<Arc<Acme>>, Path(id): Path<String>) -> Result<(), Refusal> {
//!     acme.desk.end(&id, Party::Customer, None)
//! }
//!
//! #[tokio::main]
//! async fn main() -> anyhow::Result<()> {
//!     let desk = Desk::default();
//!     let policy = Policy::retrying(Duration::from_secs(10), [Duration::from_secs(5); 4]);
//!     let acme = Arc::new(Acme {
//!         desk: desk.clone(),
//!         courier: Courier::new(&desk, policy),
//!         webhook: "http://127.0.0.1:5001/connectors/acme/events".to_owned(),
//!     });
//!     let routes = Router::new()
//!         .route("/chats", desk.operation("start", post(start)))
//!         .route("/chats/{id}/messages", desk.operation("send", post(send)))
//!         .route("/chats/{id}/end", desk.operation("end", post(end)))
//!         .with_state(Arc::clone(&acme));
//!     let bound = agent_desk::bind("127.0.0.1:5010".parse()?, false).await?;
//!     let running = bound.serve(desk, acme, routes, agent_desk::interrupted());
//!     println!("Acme Chat: {}/", running.url());
//!     running.join().await
//! }
//! ```
//!
//! # The agents' API
//!
//! JSON, the same for every vendor; refusals are `{"error": …}`. Bodies may be left out where nothing in them is needed,
//! and names in them that nobody knows are refused. The page at `/` uses nothing else.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /desk` | | `open`, `faults`, `skills` (what agents here can do), `nobody` |
//! | `POST /desk/open`, `/desk/close` | | the same; a closed desk has no agents for new conversations |
//! | `GET /desk/conversations` | | the list, oldest first |
//! | `GET /desk/conversations/{id}` | | one in full: customer, problem, attributes, transcript, messages with `status` |
//! | `POST …/{id}/accept`, `/leave`, `/end`, `/read` | `agent?` | the conversation as in the list |
//! | `POST …/{id}/say` | `agent?`, `text`, `format?`, `attachments?`, `wait?` | 202 `messageId`; with `wait` 200, or 502 and `error` |
//! | `POST …/{id}/retry` | `messageId`, `wait?` | the same, for a message that was not delivered |
//! | `POST …/{id}/typing` | `agent?`, `typing?` | the conversation |
//! | `POST …/{id}/transfer` | `agent?`, `to`: `{"agent": …}` or `{"queue": …}` | the conversation |
//! | `POST …/{id}/queue` | `position` | the conversation |
//! | `POST /desk/files?name=…` | the file, with its `Content-Type` | an [`Attachment`] to say |
//! | `GET /desk/events` | | server-sent: `hello`, `conversation`, `message`, `typing`, `desk` |
//! | `GET`, `POST`, `DELETE /desk/faults` | a [`Fault`] | the faults that are set |
//! | `GET`, `DELETE /desk/wire` | query `operation?`, `after?` | the gateway's requests, as [`Exchange`]s |
//! | `GET /desk/webhooks` | the same | each attempt to post a webhook, as [`Exchange`]s |
//!
//! # Operations and faults
//!
//! A route becomes an operation with [`Desk::operation`]: its requests are in the wire log, and faults meet them there.
//! Names say what the gateway wants, in the same words for every vendor: `start` (`start.create-user`, … where it takes
//! several requests), `send`, `typing`, `receipt`, `end`, `token`, `file`; webhooks are `webhook` or `webhook.…`. So one
//! suite can have any vendor fail:
//!
//! ```json
//! {"operation": "start*", "fault": "status", "status": 429, "retryAfter": 2, "times": 1}
//! {"operation": "send", "fault": "reset", "after": true, "times": 1}
//! {"operation": "send", "fault": "hold"}
//! {"operation": "*", "fault": "slow", "ms": 3000}
//! {"operation": "webhook*", "fault": "duplicate"}
//! {"operation": "webhook*", "fault": "reorder", "times": 1}
//! {"operation": "webhook*", "fault": "drop-answer", "times": 1}
//! ```
//!
//! `after` means that the request has its effect first: its caller cannot know.

mod acting;
mod agent_api;
mod book;
mod connection;
mod console;
mod control_api;
mod conversation;
mod courier;
mod desk;
mod faults;
mod feed;
mod files;
mod letter;
mod message;
mod opening;
mod operation;
mod refusal;
mod secret;
mod server;
mod vendor;
mod views;
mod wire;

pub use acting::{Report, Words};
pub use conversation::{Conversation, Ending, Party, Status};
pub use courier::{Carriage, Courier, Policy, doubling};
pub use desk::{Desk, Settings};
pub use faults::{Fault, Faults, Kind};
pub use letter::{Attempt, Letter};
pub use message::{Attachment, Delivery, Format, Message, REMOTE, SYSTEM, Voice, fresh_id, now};
pub use opening::{Customer, Incoming, Opening, Received, Turn};
pub use refusal::Refusal;
pub use secret::Secret;
pub use server::{Bound, Running, bind, interrupted};
pub use vendor::{AgentAction, Deed, Failure, Recipient, Skill, Vendor};
pub use wire::{Exchange, Wire};
