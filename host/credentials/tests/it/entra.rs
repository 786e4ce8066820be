//! An app proves itself to Entra in each of the ways there are.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use handover_credentials::entra::{Cloud, Connection, ConnectionConfig, Identity, Platform, Proof};
use handover_credentials::{Secret, TokenError};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use crate::stand_in::{MINUTE, NOW, Secrets, StandIn, endpoint, fixed, granted, key_file};

const BOT: &str = "https://api.botframework.com/.default";

fn connection(server: &StandIn, proof: Proof) -> Connection {
    let identity = Identity {
        tenant: "contoso.onmicrosoft.com".to_owned(),
        client_id: "the-app".to_owned(),
        authority: server.url.clone(),
        proof,
    };
    Connection::new(identity, endpoint())
}

async fn get(connection: &Connection, scope: &str) -> String {
    connection.token(scope, NOW).await.unwrap().text().unwrap().to_owned()
}

#[tokio::test]
async fn with_a_client_secret() {
    let server = StandIn::tokens(3599).await;
    let connection = connection(&server, Proof::ClientSecret(fixed("p@ss+word&")));
    assert_eq!(get(&connection, BOT).await, "token-0");
    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str()),
        ("POST", "/contoso.onmicrosoft.com/oauth2/v2.0/token")
    );
    assert_eq!(seen[0].headers["content-type"], "application/x-www-form-urlencoded");
    let form = &seen[0].form;
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], "the-app");
    assert_eq!(form["client_secret"], "p@ss+word&");
    assert_eq!(form["scope"], BOT);
}

#[tokio::test]
async fn each_scope_has_a_token_of_its_own() {
    let server = StandIn::tokens(3599).await;
    let connection = connection(&server, Proof::ClientSecret(fixed("secret")));
    assert_eq!(get(&connection, BOT).await, "token-0");
    assert_eq!(get(&connection, "api://caller/.default").await, "token-1");
    assert_eq!(get(&connection, BOT).await, "token-0");
    connection.refused(BOT);
    assert_eq!(get(&connection, "api://caller/.default").await, "token-1");
    assert_eq!(get(&connection.clone(), BOT).await, "token-2");
}

#[tokio::test]
async fn with_a_certificate_whose_assertion_its_public_key_verifies() {
    let server = StandIn::tokens(3599).await;
    let read = |name| std::fs::read_to_string(key_file(name)).unwrap();
    // As many have it: certificate and key in one file.
    let both = fixed(&format!("{}{}", read("app.cert.pem"), read("app.key.pem")));
    for send_chain in [false, true] {
        let proof = Proof::Certificate { certificate: both.clone(), key: both.clone(), send_chain };
        get(&connection(&server, proof), BOT).await;
    }
    let seen = server.seen();
    let form = &seen[0].form;
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!form.contains_key("client_secret"));
    let assertion = &form["client_assertion"];

    let header = decode_header(assertion).unwrap();
    assert_eq!(header.alg, Algorithm::RS256);
    // By openssl, over the same certificate.
    let thumbprint = STANDARD.decode("3cZTHmSbdX35UtE70MOFPKZAYCoGC3nlJBVYgYVaRUM=").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(header.x5t_s256.unwrap()).unwrap(), thumbprint);
    assert_eq!(header.x5c, None);
    let chain = decode_header(&seen[1].form["client_assertion"]).unwrap().x5c.unwrap();
    assert!(read("app.cert.pem").replace('\n', "").contains(&chain[0]));

    let key = DecodingKey::from_rsa_pem(read("app.public.pem").as_bytes()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[server.url.join("contoso.onmicrosoft.com/oauth2/v2.0/token").unwrap()]);
    // The tests' moment lies in the past.
    rules.validate_exp = false;
    let claims = decode::<Value>(assertion, &key, &rules).unwrap().claims;
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("the-app"), Some("the-app")));
    assert_eq!(claims["nbf"], NOW / 1000);
    assert_eq!(claims["exp"], NOW / 1000 + 600);
    assert!(!claims["jti"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn as_a_managed_identity_of_a_virtual_machine() {
    let server = StandIn::new(|_, _| (200, granted("managed", json!("86399")))).await;
    let platform = Platform::instance_metadata(server.url.join("metadata/identity/oauth2/token").unwrap());
    assert_eq!(get(&connection(&server, Proof::ManagedIdentity(platform)), BOT).await, "managed");
    let seen = server.seen();
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].headers["metadata"], "true");
    assert_eq!(seen[0].query["resource"], "https://api.botframework.com");
    assert_eq!(seen[0].query["client_id"], "the-app");
}

#[tokio::test]
async fn as_a_managed_identity_in_app_service() {
    let until = NOW / 1000 + 3600;
    let server = StandIn::new(move |_, number| {
        let token = format!("managed-{number}");
        (200, json!({"access_token": token, "expires_on": until.to_string()}).to_string())
    })
    .await;
    let platform = Platform::app_service(server.url.join("msi/token").unwrap(), Secret::new("of-the-app"));
    let connection = connection(&server, Proof::ManagedIdentity(platform));
    assert_eq!(get(&connection, BOT).await, "managed-0");
    let later = connection.token(BOT, NOW + 55 * MINUTE).await.unwrap();
    assert_eq!(later.text(), Some("managed-1"));
    let seen = server.seen();
    assert_eq!(seen[0].headers["x-identity-header"], "of-the-app");
    assert_eq!(seen[0].query["api-version"], "2019-08-01");
}

#[tokio::test]
async fn with_a_workload_identity_whose_file_is_read_each_time() {
    let server = StandIn::tokens(3600).await;
    let secrets = Secrets::new();
    let connection = connection(&server, Proof::WorkloadIdentity(secrets.path("token")));
    let error = connection.token(BOT, NOW).await.unwrap_err();
    assert!(matches!(error, TokenError::TokenFile { .. }), "{error}");
    for (content, now) in [("first\n", NOW), ("second\n", NOW + 56 * MINUTE)] {
        secrets.write("token", content);
        connection.token(BOT, now).await.unwrap();
    }
    let sent: Vec<_> = server.seen().iter().map(|seen| seen.form["client_assertion"].clone()).collect();
    assert_eq!(sent, ["first", "second"]);
}

#[tokio::test]
async fn with_a_managed_identity_that_vouches() {
    let server = StandIn::new(|seen, _| match seen.path.as_str() {
        "/imds" => (200, granted("vouched", json!(600))),
        _ => (200, granted("for-the-bot", json!(3600))),
    })
    .await;
    let proof = Proof::Federated {
        platform: Platform::instance_metadata(server.url.join("imds").unwrap()),
        identity: Some("the-identity".to_owned()),
        audience: Cloud::Public.exchange().to_owned(),
    };
    assert_eq!(get(&connection(&server, proof), BOT).await, "for-the-bot");
    let seen = server.seen();
    assert_eq!(seen[0].query["resource"], "api://AzureADTokenExchange");
    assert_eq!(seen[0].query["client_id"], "the-identity");
    assert_eq!(seen[1].form["client_assertion"], "vouched");
    assert_eq!(seen[1].form["client_id"], "the-app");
}

#[tokio::test]
async fn a_refusal_says_its_number_and_the_way_out() {
    for (number, way_out) in [
        (7_000_215, "the client secret is wrong"),
        (7_000_222, "has expired"),
        (700_016, "not in this tenant"),
        (90_002, "the tenant does not exist"),
        (50_034, "not in this directory"),
        (700_027, "upload its public part"),
    ] {
        let server = StandIn::new(move |_, _| {
            let text = format!("AADSTS{number}: words of Entra with a secret: hunter2");
            (
                401,
                json!({"error": "invalid_client", "error_description": text, "error_codes": [number]})
                    .to_string(),
            )
        })
        .await;
        let connection = connection(&server, Proof::ClientSecret(fixed("hunter2")));
        let error = connection.token(BOT, NOW).await.unwrap_err();
        assert!(!error.is_transient());
        let error = error.to_string();
        assert!(error.contains(&format!("AADSTS{number}")) && error.contains(way_out), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_tenant_cannot_bend_the_address() {
    let server = StandIn::tokens(3600).await;
    for tenant in ["", "..", "a/b", "a?b", "a#b", "a%2fb"] {
        let identity = Identity {
            tenant: tenant.to_owned(),
            client_id: "the-app".to_owned(),
            authority: server.url.clone(),
            proof: Proof::ClientSecret(fixed("secret")),
        };
        let error = Connection::new(identity, endpoint()).token(BOT, NOW).await.unwrap_err();
        assert_eq!(error, TokenError::Tenant);
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_connection_is_configured_by_references() {
    let server = StandIn::tokens(3600).await;
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret\n");
    let config = json!({
        "tenant": "t", "client_id": "c", "authority": server.url,
        "proof": {"kind": "client-secret", "secret": secrets.reference("secret").to_string()},
    });
    let config: ConnectionConfig = serde_json::from_value(config).unwrap();
    let connection = config.open(&secrets.keyring, &secrets.endpoint).await.unwrap();
    assert_eq!(get(&connection, BOT).await, "token-0");
    assert_eq!(server.seen()[0].form["client_secret"], "s3cret");
}

#[test]
fn every_cloud_has_its_addresses() {
    for cloud in [Cloud::Public, Cloud::UsGov, Cloud::China] {
        assert_eq!(cloud.authority().scheme(), "https");
        assert!(cloud.bot_scope().ends_with("/.default"));
    }
    let platform = format!("{:?}", Platform::from_environment());
    assert!(platform.contains("169.254.169.254"), "{platform}");
}
