//! What one call of each installed connector costs: a fresh instance, its limits, the work, and all of it gone again.
//!
//! `map` reads a message of the live agent; `send` writes one of the customer, up to where the request would go out,
//! which is not granted here. To be run where nothing else is: `taskset -c 1 cargo bench -p handover-sandbox`.
//! Without `--bench` (as `cargo test --benches` runs it) each call is made once, to see that it works.
//!
//! Names choose among the installed ones; `NAME=FILE` is another component for the Contoso live chat, wherever it lies,
//! and `--calls=NUMBER` makes so many calls of each kind: `-- --calls=2000 c=$PWD/target/examples-connectors/c.wasm`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking, and prints")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use handover_credentials::{CredentialConfig, Endpoint, Keyring, KeyringConfig};
use handover_handoff::delivery::Direction;
use handover_handoff::vendor::{CustomerMessage, TextFormat};
use handover_handoff::{DeliveryId, Session, Timestamp};
use handover_sandbox::description::CredentialKind;
use handover_sandbox::status::State;
use handover_sandbox::{
    CallbackRequest, ConnectorConfig, Generation, GrantedCredential, Sandbox, SandboxConfig, UpstreamConfig,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_763_846_645_120);

/// How often each call is made, and how often before that.
const CALLS: usize = 20_000;
const WARM: usize = 2_000;

/// How long a component may take until it serves.
const PATIENCE: Duration = Duration::from_secs(300);

/// A connector, and what it is called with.
struct Subject {
    name: String,
    /// Where it lies, if not among the installed ones.
    file: Option<PathBuf>,
    settings: Value,
    /// Name and kind.
    credentials: &'static [(&'static str, &'static str)],
    method: &'static str,
    path: &'static str,
    body: String,
    key: &'static str,
    state: Value,
    tokens: Option<Value>,
}

impl Default for Subject {
    fn default() -> Self {
        Self {
            name: String::new(),
            file: None,
            settings: json!({}),
            credentials: &[],
            method: "POST",
            path: "",
            body: String::new(),
            key: "c-1",
            state: Value::Null,
            tokens: None,
        }
    }
}

const TEXT: &str = "Have you tried *turning it off*?";

fn contoso(name: &str, file: Option<PathBuf>) -> Subject {
    let body = json!({
        "ConversationId": "c-1", "Id": "a-1", "Message": TEXT, "Sender": "Ann",
        "Timestamp": "2025-11-22T21:24:05.1204567Z",
    });
    Subject { name: name.to_owned(), file, body: body.to_string(), ..Subject::default() }
}

fn installed() -> Vec<Subject> {
    let message = json!({
        "id": "a-1", "received": "2025-11-22T21:24:05.120Z",
        "author": { "type": "business", "displayName": "Ann", "avatarUrl": "https://acme.example/ann.png" },
        "content": { "type": "text", "text": TEXT },
        "source": { "type": "zd:agentWorkspace" }, "metadata": { "__zendesk_msg.agent.id": "360001" },
    });
    let zendesk = json!({
        "app": { "id": "5ebee0975ac5304b664a12fa" }, "webhook": { "id": "w-1", "version": "v2" },
        "events": [{
            "id": "e-1", "createdAt": "2025-11-22T21:24:05.120Z", "type": "conversation:message",
            "payload": { "conversation": { "id": "c-1", "type": "personal" }, "message": message },
        }],
    });
    let support = json!({
        "type": "zen:event-type:ticket.comment_added", "account_id": 1, "id": "e-1",
        "time": "2025-11-22T21:24:05.120Z", "subject": "zen:ticket:123",
        "event": { "comment": { "id": "5", "body": TEXT, "is_public": true, "author": { "id": "7", "is_staff": true, "name": "Ann" } } },
        "detail": { "id": "123", "status": "OPEN" },
    });
    let servicenow = json!({
        "requestId": "r-1", "clientSessionId": "c-1", "userId": "c-1", "nowSessionId": "n-1", "score": 1, "completed": false,
        "body": [{ "uiType": "OutputText", "group": "DefaultText", "value": TEXT, "actionType": "AgentMsg", "maskType": "NONE" }],
        "agentChat": true, "agentInfo": { "agentName": "Ann", "sentFromAgent": true },
    });
    let genesys = json!({
        "id": "a-1", "channel": {
            "id": "4b8fbf37-1c5e-4e7b-9f10-6d2a1f0c3e55", "platform": "Open", "type": "Private", "messageId": "a-1",
            "to": { "id": "c-1", "idType": "Opaque" }, "from": { "nickname": "Ann", "id": "4b8fbf37", "idType": "Opaque" },
            "time": "2025-11-22T21:25:00.000Z",
        },
        "type": "Text", "text": TEXT, "originatingEntity": "Human", "direction": "Outbound",
    });
    let matrix = json!({ "events": [{
        "type": "m.room.message", "event_id": "$hello", "room_id": "!KfWEx0:example.org", "sender": "@ann:example.org",
        "origin_server_ts": 1_763_846_646_120_u64, "content": { "msgtype": "m.text", "body": TEXT },
    }] });
    vec![
        contoso("contoso", None),
        Subject {
            name: "zendesk".to_owned(),
            settings: json!({ "app_id": "5ebee0975ac5304b664a12fa", "subdomain": "acme", "integration": "handover" }),
            credentials: &[("api", "basic"), ("webhook", "key")],
            body: zendesk.to_string(),
            state: json!("u-1"),
            ..Subject::default()
        },
        Subject {
            name: "zendesk-support".to_owned(),
            credentials: &[("api", "basic"), ("webhook", "key")],
            body: support.to_string(),
            key: "123",
            state: json!("900"),
            ..Subject::default()
        },
        Subject {
            name: "servicenow".to_owned(),
            credentials: &[("api", "basic"), ("callback", "key")],
            body: servicenow.to_string(),
            state: json!({ "user": "c-1" }),
            ..Subject::default()
        },
        Subject {
            name: "genesys".to_owned(),
            settings: json!({ "integration_id": "4b8fbf37-1c5e-4e7b-9f10-6d2a1f0c3e55" }),
            credentials: &[("api", "oauth2-client-credentials"), ("webhook", "key")],
            body: genesys.to_string(),
            ..Subject::default()
        },
        Subject {
            name: "salesforce".to_owned(),
            settings: json!({ "organization": "00Dxx0000001gErEAI", "deployment": "Custom_Client" }),
            key: "0193a5c8-0000-4000-8000-000000000001",
            state: json!({ "event": "2147867834" }),
            tokens: Some(json!({
                "access_token": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpYW1lc3NhZ2UifQ.c2ln", "issued": NOW.0,
                "expires": NOW.0 + 21_600_000, "tried": 0,
            })),
            ..Subject::default()
        },
        Subject {
            name: "matrix".to_owned(),
            settings: json!({ "server_name": "example.org", "agents": ["@ann:example.org"], "timeline": "transactions" }),
            credentials: &[("as_token", "bearer"), ("hs_token", "key")],
            method: "PUT",
            path: "_matrix/app/v1/transactions/t-1",
            body: matrix.to_string(),
            key: "!KfWEx0:example.org",
            state: json!({ "ghost": "@_handover_msteams.29=3ajane:example.org" }),
            ..Subject::default()
        },
    ]
}

impl Subject {
    async fn granted(&self, folder: &Path) -> ConnectorConfig {
        let secret = folder.join("secret");
        fs::write(&secret, "measured-secret").unwrap();
        let secret = format!("file:{}", secret.display());
        let endpoint = Endpoint::new().unwrap();
        let keyring = Keyring::new(KeyringConfig::default(), endpoint.clone());
        let mut credentials = BTreeMap::new();
        for (name, kind) in self.credentials {
            let config = match *kind {
                "basic" => json!({ "kind": kind, "user": "handover", "password": secret }),
                "bearer" => json!({ "kind": kind, "token": secret }),
                "key" => json!({ "kind": kind, "value": secret }),
                _ => json!({
                    "kind": kind, "token_url": "http://127.0.0.1:1/token", "client_id": "handover",
                    "client_secret": secret,
                }),
            };
            let config: CredentialConfig = serde_json::from_value(config).unwrap();
            let kind = CredentialKind::of(&config);
            let credential = config.open(&keyring, &endpoint).await.unwrap().into();
            credentials.insert((*name).to_owned(), GrantedCredential { kind, credential });
        }
        // Nothing may be asked for, so that what is measured ends where the network would begin.
        let nowhere = UpstreamConfig {
            methods: Vec::new(),
            ..UpstreamConfig::new("http://127.0.0.1:1/".parse().unwrap())
        };
        ConnectorConfig {
            upstreams: ["api", "homeserver"].map(|name| (name.to_owned(), nowhere.clone())).into(),
            credentials,
            settings: self.settings.as_object().unwrap().clone(),
            ..ConnectorConfig::default()
        }
    }

    fn callback(&self) -> CallbackRequest {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        CallbackRequest {
            method: self.method.to_owned(),
            url: format!("https://handover.example/api/callbacks/{}/{}", self.name, self.path),
            path: self.path.to_owned(),
            headers: vec![header("content-type", "application/json"), header("user-agent", "measure")],
            body: self.body.clone().into_bytes(),
            received: NOW,
        }
    }

    fn session(&self) -> Session {
        let account = json!({ "id": "29:jane", "name": "Jane Doe" });
        let held = json!({ "path": "held" });
        serde_json::from_value(json!({
            "id": "0193a5c8-0000-7000-8000-000000000001",
            "conversation": { "tenant": "default", "channel": "msteams", "conversation": "19:abc" },
            "connector": self.name,
            "phase": { "phase": "active" },
            "customer": { "id": "29:jane", "name": "Jane Doe", "email": null, "locale": "en-US", "attributes": [] },
            "address": {
                "to_bot": held, "to_customer": held, "channel": "msteams", "conversation": "19:abc",
                "service_url": "http://127.0.0.1:1/", "bot": null, "customer": account, "locale": null, "caller": null,
            },
            "answer": { "answer": "given", "connected": null },
            "control": { "control": "bot" },
            "problem_told": true,
            "vendor": {
                "lookup_keys": [self.key],
                "state": match &self.state {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                },
                "tokens": self.tokens.as_ref().map(Value::to_string),
                "progress": null,
                "schema": 1,
            },
            "agent": null,
            "to_vendor": 0,
            "to_customer": 0,
            "in_hand": 0,
            "marks": { "started": NOW, "customer": NOW, "agent": NOW },
        }))
        .unwrap()
    }
}

/// Half and all but a hundredth of the calls took so long at most.
struct Times {
    p50: Duration,
    p99: Duration,
}

async fn measured<T>(calls: usize, warm: usize, mut call: impl AsyncFnMut() -> T) -> (T, Times) {
    for _ in 0..warm {
        call().await;
    }
    let mut times = Vec::with_capacity(calls);
    let mut last = None;
    for _ in 0..calls {
        let begun = Instant::now();
        last = Some(call().await);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    (last.unwrap(), Times { p50: times[calls / 2], p99: times[calls * 99 / 100] })
}

fn row(name: &str, what: &str, bytes: usize, times: &Times, came: &str) {
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    println!("{name:<16} {what:<5} {bytes:>6} {:>8.1} {:>8.1}  {came}", us(times.p50), us(times.p99));
}

async fn measure(subject: &Subject, connector: &Generation, calls: usize, warm: usize) {
    let callback = subject.callback();
    let (mapped, times) = measured(calls, warm, async || connector.map(callback.clone()).await).await;
    let came = match mapped {
        Ok(mapped) => format!("{} event(s)", mapped.events.len()),
        Err(error) => format!("{error:?}"),
    };
    row(&subject.name, "map", callback.body.len(), &times, &came);

    let session = subject.session();
    let id = DeliveryId::of(session.id, Direction::ToVendor, 2);
    let message = CustomerMessage {
        author: None,
        text: "Does it help to turn it off?".to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        time: NOW,
    };
    let (sent, times) =
        measured(calls, warm, async || connector.send(&session, id, &message, 1, NOW).await).await;
    let came = match sent {
        Ok(outcome) => format!("{outcome:?}"),
        Err(error) => error.into_failure().detail,
    };
    row(&subject.name, "send", message.text.len(), &times, &came.chars().take(60).collect::<String>());
}

/// It, once it serves: a large one is compiled in the background.
async fn serving(sandbox: &Sandbox, name: &str) -> Arc<Generation> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(connector) = sandbox.connector(name) {
            return connector;
        }
        let status = sandbox.status();
        let rejected = status.iter().any(|line| line.name == name && line.state == State::Rejected);
        assert!(!rejected && Instant::now() < give_up, "{name} does not serve: {status:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut calls, warm) =
        if arguments.iter().any(|each| each == "--bench") { (CALLS, WARM) } else { (1, 0) };
    if let Some(wanted) = arguments.iter().find_map(|each| each.strip_prefix("--calls=")) {
        calls = wanted.parse().unwrap();
    }
    let warm = warm.min(calls / 10);
    let given =
        arguments.iter().filter_map(|each| each.split_once('=')).filter(|(name, _)| *name != "--calls");
    let mut subjects: Vec<Subject> =
        given.map(|(name, file)| contoso(name, Some(PathBuf::from(file)))).collect();
    let only: Vec<&String> =
        arguments.iter().filter(|each| !each.starts_with("--") && !each.contains('=')).collect();
    if subjects.is_empty() || !only.is_empty() {
        let wanted = |subject: &Subject| only.is_empty() || only.iter().any(|name| **name == subject.name);
        subjects.extend(installed().into_iter().filter(wanted));
    }
    drop(rustls::crypto::ring::default_provider().install_default());
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/installed");
    let mut connectors = BTreeMap::new();
    for subject in &subjects {
        let file = format!("{}.wasm", subject.name);
        let source = subject.file.clone().unwrap_or_else(|| built.join(&file));
        fs::copy(source, folder.path().join(&file)).unwrap();
        connectors.insert(subject.name.clone(), subject.granted(cache.path()).await);
    }
    let config = SandboxConfig {
        folder: folder.path().to_owned(),
        cache: cache.path().to_owned(),
        connectors,
        callback_base: "https://handover.example/api/callbacks/".to_owned(),
        files: None,
        provenance: handover_sandbox::Provenance::default(),
        poll: Duration::from_secs(3600),
    };
    let sandbox = Sandbox::open(config).await.unwrap();
    println!("{:<16} {:<5} {:>6} {:>8} {:>8}", "connector", "call", "bytes", "p50 µs", "p99 µs");
    for subject in &subjects {
        let connector = serving(&sandbox, &subject.name).await;
        measure(subject, &connector, calls, warm).await;
    }
}
