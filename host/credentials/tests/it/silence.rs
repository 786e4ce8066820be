//! Nothing secret shows in what a program prints: not in `Debug`, not in errors, not in the requests it records.

use handover_credentials::entra::{Connection, Identity, Platform, Proof};
use handover_credentials::{CredentialConfig, Held, Secret};
use serde_json::{Value, json};

use crate::stand_in::{NOW, Secrets, Seen, StandIn, endpoint, fixed, granted, key_file, request};

const PLANTED: &str = "planted-7Zq";

fn silent(what: &str) {
    assert!(!what.contains(PLANTED), "{what}");
    assert!(!what.contains("cGxhbnRlZC03Wn"), "in base64: {what}");
    assert!(!what.contains("112, 108, 97, 110, 116, 101, 100"), "as bytes: {what}");
}

fn configs(token_url: &url::Url) -> Vec<Value> {
    vec![
        json!({"kind": "bearer", "token": "@secret"}),
        json!({"kind": "basic", "user": "u", "password": "@secret"}),
        json!({"kind": "header", "name": "x-api-key", "value": "@secret"}),
        json!({"kind": "oauth2-client-credentials", "token_url": token_url, "client_id": "c",
            "client_secret": "@secret", "fields": {"password": PLANTED}}),
        json!({"kind": "oauth2-client-credentials", "token_url": token_url, "client_id": "c",
            "client_secret": "@secret", "basic": true}),
        json!({"kind": "jwt-bearer", "token_url": token_url, "issuer": "i", "subject": "s", "algorithm": "hs256",
            "key": "@secret"}),
        json!({"kind": "body-hmac", "secret": "@secret", "hash": "sha256", "header": "x-sig"}),
        json!({"kind": "aws-sigv4", "service": "s", "region": "r", "access_key": "@secret",
            "secret_key": "@secret", "session_token": "@secret"}),
        json!({"kind": "key", "value": "@secret"}),
    ]
}

#[tokio::test]
async fn no_credential_shows_its_secret_or_its_token() {
    let server = StandIn::new(|_, _| (200, granted(PLANTED, json!(3600)))).await;
    let secrets = Secrets::new();
    secrets.write("secret", PLANTED);
    for config in configs(&server.url) {
        let credential = secrets.credential(config).await;
        let mut request = request("POST", "https://vendor.example/", "{}");
        credential.apply(&mut request, NOW).await.unwrap();
        silent(&format!("{credential:?} {request:?}"));
    }
    silent(&format!("{:?}", secrets.keyring));
}

/// Servers that repeat what they were sent, wherever an error might pick it up.
fn echo(status: u16) -> impl Fn(&Seen, usize) -> (u16, String) + Clone + Send + Sync + 'static {
    move |seen, _| {
        let said = format!("{} {:?} {PLANTED}", seen.body, seen.headers);
        let answer = json!({"error": PLANTED, "error_description": said, "error_codes": [7_000_215],
            "access_token": [said], "value": [said]});
        (status, answer.to_string())
    }
}

#[tokio::test]
async fn no_error_repeats_what_a_server_said() {
    let secrets = Secrets::new();
    secrets.write("secret", PLANTED);
    for status in [200, 302, 400, 401, 500] {
        let server = StandIn::new(echo(status)).await;
        let (mut failed, mut whole) = (0, 0);
        for config in configs(&server.url) {
            let mut request = request("POST", "https://vendor.example/", "{}");
            let outcome = secrets.credential(config).await.apply(&mut request, NOW).await;
            whole += 1;
            if let Err(error) = outcome {
                failed += 1;
                silent(&format!("{error} {error:?}"));
            }
        }
        // The three that need a token.
        assert_eq!((failed, whole), (3, 9));
    }
}

fn proofs(server: &StandIn) -> Vec<Proof> {
    let key = std::fs::read_to_string(key_file("app.key.pem")).unwrap();
    let certificate = std::fs::read_to_string(key_file("app.cert.pem")).unwrap();
    let platform = Platform::app_service(server.url.clone(), Secret::new(PLANTED));
    vec![
        Proof::ClientSecret(fixed(PLANTED)),
        Proof::Certificate { certificate: fixed(PLANTED), key: fixed(PLANTED), send_chain: false },
        Proof::Certificate { certificate: fixed(&certificate), key: fixed(PLANTED), send_chain: false },
        Proof::Certificate { certificate: fixed(&certificate), key: fixed(&key), send_chain: true },
        Proof::ManagedIdentity(platform.clone()),
        Proof::Federated { platform, identity: None, audience: "a".to_owned() },
        Proof::ClientSecret(Held::fixed(Secret::new([PLANTED.as_bytes(), &[0xff]].concat()))),
    ]
}

#[tokio::test]
async fn no_connection_shows_what_it_proves_itself_with() {
    for status in [200, 400, 500] {
        let server = StandIn::new(echo(status)).await;
        for proof in proofs(&server) {
            let identity = Identity {
                tenant: "t".to_owned(),
                client_id: "c".to_owned(),
                authority: server.url.clone(),
                proof,
            };
            let connection = Connection::new(identity, endpoint());
            let error = connection.token("s/.default", NOW).await.unwrap_err();
            silent(&format!("{connection:?} {error} {error:?}"));
        }
    }
}

#[test]
fn a_secret_shows_nothing_and_a_pasted_one_is_not_repeated() {
    let secret = Secret::new(PLANTED);
    silent(&format!("{secret:?} {secret} {:?} {:#?}", Held::fixed(secret.clone()), secret));
    let pasted = json!({"kind": "bearer", "token": PLANTED});
    let error = serde_json::from_value::<CredentialConfig>(pasted).unwrap_err();
    silent(&format!("{error} {error:?}"));
    let beside = json!({"kind": "bearer", "token": "env:A", "headers": { "x-token": PLANTED }});
    let error = serde_json::from_value::<CredentialConfig>(beside).unwrap_err();
    silent(&format!("{error} {error:?}"));
    let number = json!({"kind": "bearer", "token": 74_656_738});
    let error = serde_json::from_value::<CredentialConfig>(number).unwrap_err().to_string();
    assert!(!error.contains("74656738"), "{error}");
}
