//! What the guest is granted: an upstream for each kind of credential that needs no network, and keys by name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_credentials::{CredentialConfig, Endpoint, Keyring, KeyringConfig};
use handover_sandbox::description::CredentialKind;
use handover_sandbox::fuzzing::{Granted, exports::descriptor};
use handover_sandbox::{ConnectorConfig, FurtherHosts, GrantedCredential, Limits, Method, UpstreamConfig};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub const REQUESTS: u32 = 3;
pub const REQUEST: usize = 512;
pub const RESPONSE: usize = 256;

/// What must never be told. The dictionary brings the first of them in.
pub const SECRET: &str = "planted-secret-7f2c91aa";
pub const SHARED: &str = "planted-shared-key-31e0aa47";
const BASIC: &str = "cGxhbnRlZDpwbGFudGVkLXNlY3JldC03ZjJjOTFhYQ==";

/// Upstreams, each with the header that its credential sets: by how they are named, so that the fuzzer finds them.
pub const UPSTREAMS: [(&str, Option<&str>); 7] = [
    ("bearer", Some("authorization")),
    ("basic", Some("authorization")),
    ("header", Some("x-api-key")),
    ("body", Some("x-signature")),
    ("aws", Some("authorization")),
    ("open", None),
    // Not granted.
    ("nobody", None),
];

/// The upstream whose credential goes to further hosts too.
pub const SHARES: &str = "header";

pub struct Grants {
    pub runtime: Runtime,
    pub granted: Granted,
}

pub static GRANTS: LazyLock<Grants> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let granted = runtime.block_on(granted());
    Grants { runtime, granted }
});

/// Also as it is sent with HTTP Basic; in any case, as some texts come out in small letters.
pub fn holds_secret(text: &[u8]) -> bool {
    [SECRET, SHARED, BASIC]
        .iter()
        .any(|secret| text.windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret.as_bytes())))
}

async fn granted() -> Granted {
    let folder = std::env::temp_dir().join(format!("handover-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for keys");
    let mut credentials = BTreeMap::new();
    for (name, config) in configured() {
        credentials.insert(name.to_owned(), open(&folder, config).await);
    }
    std::fs::remove_dir_all(&folder).expect("the folder was made here");
    let upstreams = UPSTREAMS.iter().filter(|(name, _)| *name != "nobody").map(|(name, _)| {
        let base = format!("https://{name}.example/base/");
        let mut upstream = UpstreamConfig::new(base.parse().expect("an address"));
        upstream.methods = vec![Method::Get, Method::Post, Method::Put, Method::Head];
        upstream.further_hosts = vec![FurtherHosts {
            pattern: "*.further.example".parse().expect("a pattern"),
            with_credential: *name == SHARES,
        }];
        ((*name).to_owned(), upstream)
    });
    let limits = Limits {
        request: REQUEST,
        response: RESPONSE,
        requests: REQUESTS,
        log_lines: 4,
        host_calls: 1_000,
        ..Limits::default()
    };
    let config =
        ConnectorConfig { upstreams: upstreams.collect(), credentials, limits, ..ConnectorConfig::default() };
    Granted::new(&told(), config).expect("a client")
}

/// Each with its secrets in the place of references to them.
fn configured() -> Vec<(&'static str, Value)> {
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let ec = STANDARD.encode(ec.expect("a key"));
    let ec = format!("-----BEGIN PRIVATE KEY-----\n{ec}\n-----END PRIVATE KEY-----\n");
    let rsa = include_str!("../../../host/credentials/tests/it/keys/app.key.pem");
    let public = include_str!("../../../host/credentials/tests/it/keys/app.public.pem");
    vec![
        ("bearer", json!({"kind": "bearer", "token": SECRET})),
        ("basic", json!({"kind": "basic", "user": "planted", "password": SECRET})),
        ("header", json!({"kind": "header", "name": "X-Api-Key", "value": SECRET})),
        ("body", json!({"kind": "body-hmac", "secret": SECRET, "hash": "sha256", "header": "X-Signature"})),
        (
            "aws",
            json!({"kind": "aws-sigv4", "service": "connect", "region": "eu-west-1", "access_key": "AKIAPLANTED",
                "secret_key": SECRET}),
        ),
        ("shared", json!({"kind": "key", "value": SHARED})),
        ("ec", json!({"kind": "key", "value": ec})),
        ("rsa", json!({"kind": "key", "value": rsa})),
        ("public", json!({"kind": "key", "value": public})),
        ("undeclared", json!({"kind": "key", "value": SHARED})),
    ]
}

async fn open(folder: &Path, mut config: Value) -> GrantedCredential {
    for field in ["token", "password", "value", "secret", "access_key", "secret_key"] {
        if let Some(secret) = config.get(field).and_then(Value::as_str) {
            let file = folder.join(field);
            std::fs::write(&file, secret).expect("a file for a key");
            config[field] = format!("file:{}", file.display()).into();
        }
    }
    let config: CredentialConfig = serde_json::from_value(config).expect("a configuration");
    let endpoint = Endpoint::new().expect("a client");
    let keyring = Keyring::new(KeyringConfig::default(), endpoint.clone());
    let credential = Arc::new(config.open(&keyring, &endpoint).await.expect("a credential"));
    GrantedCredential { kind: CredentialKind::of(&config), credential }
}

/// A description that asks for all of it but for one.
fn told() -> descriptor::Description {
    use descriptor::CredentialKind as Kind;
    let credential = |name: &str, kind| descriptor::Credential {
        name: name.to_owned(),
        kinds: vec![kind],
        required: true,
        help: String::new(),
    };
    let upstream = |name: &str, credential: Option<&str>| descriptor::Upstream {
        name: name.to_owned(),
        default_base_url: None,
        further_hosts: vec!["*.further.example".to_owned()],
        credential: credential.map(|_| name.to_owned()),
        help: String::new(),
    };
    descriptor::Description {
        name: "fuzzed".to_owned(),
        version: "1".to_owned(),
        vendor: String::new(),
        config_schema: "{}".to_owned(),
        credentials: vec![
            credential("bearer", Kind::Bearer),
            credential("basic", Kind::Basic),
            credential("header", Kind::Header),
            credential("body", Kind::Key),
            credential("aws", Kind::AwsSigv4),
            credential("shared", Kind::Key),
            credential("ec", Kind::Key),
            credential("rsa", Kind::Key),
            credential("public", Kind::Key),
        ],
        upstreams: UPSTREAMS.iter().map(|(name, header)| upstream(name, *header)).collect(),
        callbacks: Vec::new(),
        limits: descriptor::Limits {
            text_length: None,
            text_unit: descriptor::TextUnit::Bytes,
            text_formats: Vec::new(),
            attachments: descriptor::AttachmentMode::None,
            attachment_size: None,
            attachment_types: Vec::new(),
        },
        state_schema: 1,
    }
}
