//! From the homeserver: transactions and queries (application service API), and the room's history for repair.

mod ephemeral;
mod message;
mod timeline;

use handover_connector::http::Method;
use handover_connector::text::percent;
use handover_connector::{
    Answer, Batch, CallbackRequest, Context, Failure, Feed, Item, Mapped, MappedEvent, Refusal, Session,
    Update, json,
};
use serde_json::{Value, json};

use crate::settings::Settings;
use crate::{Matrix, server, state};

/// Below the mount.
const API: &str = "_matrix/app/v1/";

/// Milliseconds between looks at the history where transactions bring what it holds.
const REPAIR: u32 = 20_000;

pub fn map(settings: &Settings, request: &CallbackRequest) -> Result<Mapped, Refusal> {
    let below = request.path.strip_prefix(API).unwrap_or_default();
    let (what, name) = below.split_once('/').unwrap_or((below, ""));
    match (request.method.as_str(), what) {
        ("PUT", "transactions") => transaction(settings, &request.body),
        ("POST", "ping") => Ok(quiet(200, &json!({}))),
        // Only a ghost that we made exists, and the homeserver asks for those only that it does not know itself.
        ("GET", "users") if settings.is_ours(&decoded(name)) => Ok(quiet(200, &json!({}))),
        // Rooms are made with their alias; there is none that could be made on demand.
        ("GET", "users" | "rooms") => {
            Ok(quiet(404, &json!({ "errcode": "M_NOT_FOUND", "error": "not known here" })))
        }
        _ => Ok(quiet(404, &json!({ "errcode": "M_UNRECOGNIZED", "error": "not served here" }))),
    }
}

/// The homeserver sends a transaction until it is answered with 200, and nothing else meanwhile: no single event may
/// hold it up, and none that meets no session. Killed, Synapse forgets what it had in hand for us: the transaction under
/// way is not sent again after its restart, and what waited behind it in memory never. So the room's history is what
/// counts, unless the operator wants otherwise.
fn transaction(settings: &Settings, body: &[u8]) -> Result<Mapped, Refusal> {
    let transaction = json::callback(body)?;
    let list = |name: &str| transaction[name].as_array();
    let lasting = list("events").ok_or_else(|| Refusal::Malformed("no transaction".to_owned()))?;
    // Either name, or the same under both, as the registration asks (MSC2409).
    let passing = list("ephemeral").or_else(|| list("de.sorunome.msc2409.ephemeral"));
    let lasting = lasting.iter().filter(|_| settings.pushed);
    let mut events: Vec<MappedEvent> = lasting.flat_map(|event| timeline::read(settings, event)).collect();
    events.extend(passing.into_iter().flatten().flat_map(|event| ephemeral::read(settings, event)));
    Ok(Mapped { events, ..quiet(200, &json!({})) })
}

/// The room's history: what counts, or for repair beside transactions.
impl Feed for Matrix {
    /// What has happened in the room since the cursor: the same events under the same names as in transactions.
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        let settings = Settings::read(&context)?;
        let (room, ghost) = state::of(&session)?;
        let from = cursor.as_deref().map(|from| format!("&from={}", percent(from))).unwrap_or_default();
        let path = format!("client/v3/rooms/{}/messages?dir=f&limit=100{from}", percent(room));
        let history: Value = server::done(server::request(Method::Get, &path, &ghost))?.json()?;
        let chunk = json::list(&history["chunk"]);
        let events = chunk.iter().flat_map(|event| timeline::read(&settings, event));
        let items = events.filter_map(|mapped| {
            Some(Item { dedupe_id: mapped.dedupe_id?, time: mapped.time, event: mapped.event })
        });
        Ok(Batch {
            items: items.collect(),
            next_delay: Some(match chunk.len() {
                100.. => 0,
                _ if settings.pushed => REPAIR,
                _ => settings.look_ms,
            }),
            cursor: history["end"].as_str().map(str::to_owned).or(cursor).unwrap_or_default(),
            update: Update::UNCHANGED,
        })
    }
}

/// An answer, the same whether or not anything meets an open session.
fn quiet(status: u16, body: &Value) -> Mapped {
    let answer = Answer::json(status, body);
    Mapped { events: Vec::new(), answer: Some(answer.clone()), answer_when_closed: Some(answer) }
}

/// A segment of a path without its `%XX`.
fn decoded(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = segment.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
