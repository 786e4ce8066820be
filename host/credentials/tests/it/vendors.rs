//! Requests carry what each kind of credential promises.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_credentials::CredentialError;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use crate::stand_in::{NOW, Secrets, StandIn, header, key_file, request};

#[tokio::test]
async fn bearer_basic_and_header() {
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret\n");
    for (config, name, wanted) in [
        (json!({"kind": "bearer", "token": "@secret"}), "authorization", "Bearer s3cret".to_owned()),
        (
            json!({"kind": "basic", "user": "key-id", "password": "@secret"}),
            "authorization",
            format!("Basic {}", STANDARD.encode("key-id:s3cret")),
        ),
        (
            json!({"kind": "header", "name": "X-API-Key", "value": "@secret"}),
            "x-api-key",
            "s3cret".to_owned(),
        ),
        (
            json!({"kind": "header", "name": "Authorization", "prefix": "Token token=", "value": "@secret"}),
            "authorization",
            "Token token=s3cret".to_owned(),
        ),
    ] {
        let credential = secrets.credential(config).await;
        let mut request = request("GET", "https://vendor.example/", "");
        // What a guest set is struck.
        request.headers_mut().append(name, "of the guest".parse().unwrap());
        request.headers_mut().append(name, "twice".parse().unwrap());
        credential.apply(&mut request, NOW).await.unwrap();
        assert_eq!(header(&request, name), wanted);
        assert_eq!(request.headers().get_all(name).iter().count(), 1);
        assert_eq!(credential.owns(), [name]);
    }
}

#[tokio::test]
async fn further_headers_go_along_with_any_kind() {
    let server = StandIn::tokens(3600).await;
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret");
    secrets.write("token", "static-token");
    for (config, owned) in [
        (json!({"kind": "basic", "user": "key-id", "password": "@secret"}), &["authorization"][..]),
        (
            json!({"kind": "oauth2-client-credentials", "token_url": server.url, "client_id": "handover", "client_secret": "@secret"}),
            &["authorization"],
        ),
        (json!({"kind": "header", "name": "x-api-key", "value": "@secret"}), &["x-api-key"]),
        (
            json!({"kind": "body-hmac", "secret": "@secret", "hash": "sha1", "header": "x-signature"}),
            &["x-signature"],
        ),
    ] {
        let mut config = config;
        config["headers"] = json!({ "Token": "@token", "x-tenant": "@secret" });
        let credential = secrets.credential(config).await;
        let mut request = request("POST", "https://vendor.example/", "body");
        request.headers_mut().insert("token", "of the guest".parse().unwrap());
        credential.apply(&mut request, NOW).await.unwrap();
        assert_eq!((header(&request, "token"), header(&request, "x-tenant")), ("static-token", "s3cret"));
        assert!(request.headers().contains_key(owned[0]), "{owned:?}");
        assert_eq!(
            credential.owns(),
            [owned, &["token", "x-tenant"]].concat(),
            "struck, and kept from guests"
        );
        let shown = format!("{credential:?} {request:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("static-token"), "{shown}");
    }
}

#[tokio::test]
async fn what_signs_headers_signs_the_further_ones_too() {
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret");
    let config = json!({
        "kind": "aws-sigv4", "service": "connect", "region": "eu-central-1",
        "access_key": "@secret", "secret_key": "@secret", "headers": { "x-amz-tenant": "@secret" },
    });
    let mut request = request("PUT", "https://vendor.example/", "");
    secrets.credential(config).await.apply(&mut request, NOW).await.unwrap();
    assert!(
        header(&request, "authorization").contains("x-amz-tenant"),
        "{}",
        header(&request, "authorization")
    );
}

#[tokio::test]
async fn a_rotated_secret_is_on_the_next_request() {
    let secrets = Secrets::new();
    secrets.write("secret", "first");
    let credential = secrets.credential(json!({"kind": "bearer", "token": "@secret"})).await;
    secrets.write("secret", "second");
    secrets.keyring.refresh().await;
    let mut request = request("GET", "https://vendor.example/", "");
    credential.apply(&mut request, NOW).await.unwrap();
    assert_eq!(header(&request, "authorization"), "Bearer second");
}

#[tokio::test]
async fn client_credentials_in_the_form_and_in_the_header() {
    let server = StandIn::tokens(3600).await;
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret%");
    for basic in [false, true] {
        let config = json!({
            "kind": "oauth2-client-credentials", "token_url": server.url.join("oauth/token").unwrap(),
            "client_id": "the client", "client_secret": "@secret", "scope": "chat",
            "fields": {"audience": "https://vendor.example"}, "basic": basic,
        });
        let mut request = request("GET", "https://vendor.example/", "");
        secrets.credential(config).await.apply(&mut request, NOW).await.unwrap();
    }
    let seen = server.seen();
    for each in &seen {
        assert_eq!(each.path, "/oauth/token");
        assert_eq!(each.form["grant_type"], "client_credentials");
        assert_eq!(each.form["scope"], "chat");
        assert_eq!(each.form["audience"], "https://vendor.example");
    }
    assert_eq!(seen[0].form["client_id"], "the client");
    assert_eq!(seen[0].form["client_secret"], "s3cret%");
    assert!(!seen[0].headers.contains_key("authorization"));
    assert!(!seen[1].body.contains("s3cret"));
    assert_eq!(
        seen[1].headers["authorization"],
        format!("Basic {}", STANDARD.encode("the+client:s3cret%25"))
    );
}

#[tokio::test]
async fn a_jwt_is_exchanged_for_a_token_as_salesforce_wants_it() {
    let server =
        StandIn::new(|_, _| (200, json!({"access_token": "session", "scope": "api"}).to_string())).await;
    let secrets = Secrets::new();
    secrets.write("key", std::fs::read(key_file("app.key.pem")).unwrap());
    let credential = secrets
        .credential(json!({
            "kind": "jwt-bearer", "token_url": server.url, "issuer": "consumer-key",
            "subject": "robot.contoso", "audience": "https://login.salesforce.com", "key": "@key",
        }))
        .await;
    let mut request = request("GET", "https://vendor.example/", "");
    credential.apply(&mut request, NOW).await.unwrap();
    assert_eq!(header(&request, "authorization"), "Bearer session");

    let form = &server.seen()[0].form;
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let key = DecodingKey::from_rsa_pem(&std::fs::read(key_file("app.public.pem")).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&["https://login.salesforce.com"]);
    rules.validate_exp = false;
    let claims = decode::<Value>(&form["assertion"], &key, &rules).unwrap().claims;
    assert_eq!(
        (claims["iss"].as_str(), claims["sub"].as_str()),
        (Some("consumer-key"), Some("robot.contoso"))
    );
    assert_eq!(claims["exp"], NOW / 1000 + 180);
}

#[tokio::test]
async fn the_body_is_signed_as_it_is_sent() {
    let secrets = Secrets::new();
    secrets.write("secret", "Jefe");
    let sign = async |hash: &str, encoding: &str| {
        let config = json!({
            "kind": "body-hmac", "secret": "@secret", "hash": hash, "encoding": encoding,
            "header": "X-Hub-Signature", "prefix": "v=",
        });
        let mut request = request("POST", "https://vendor.example/", "what do ya want for nothing?");
        secrets.credential(config).await.apply(&mut request, NOW).await.unwrap();
        header(&request, "x-hub-signature").to_owned()
    };
    // RFC 2202 §3 and RFC 4231 §4.3, case 2 each.
    assert_eq!(sign("sha1", "hex").await, "v=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sign("sha256", "hex").await, format!("v={sha256}"));
    let base64 = STANDARD.encode(hex::decode(sha256).unwrap());
    assert_eq!(sign("sha256", "base64").await, format!("v={base64}"));
}

/// The vectors of AWS's own signing test suite: all at the same moment, with the same key.
#[tokio::test]
async fn aws_signatures_are_those_of_the_test_suite() {
    let secrets = Secrets::new();
    secrets.write("id", "AKIDEXAMPLE");
    secrets.write("key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    secrets.write("session", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267");
    for (name, method, path, session, signature) in [
        (
            "get-vanilla",
            "GET",
            "/",
            false,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "post-vanilla",
            "POST",
            "/",
            false,
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "post-vanilla-query",
            "POST",
            "/?Param1=value1",
            false,
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ),
        (
            "get-vanilla-query-order-key-case",
            "GET",
            "/?Param2=value2&Param1=value1",
            false,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "get-vanilla-with-session-token",
            "GET",
            "/",
            true,
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
    ] {
        let mut config = json!({
            "kind": "aws-sigv4", "service": "service", "region": "us-east-1",
            "access_key": "@id", "secret_key": "@key",
        });
        if session {
            config["session_token"] = "@session".into();
        }
        let credential = secrets.credential(config).await;
        let mut request = request(method, &format!("https://example.amazonaws.com{path}"), "");
        request.headers_mut().insert("x-amz-security-token", "of the guest".parse().unwrap());
        // Twice, as for a retry: what the first signing left is not signed.
        credential.apply(&mut request, 0).await.unwrap();
        credential.apply(&mut request, NOW).await.unwrap();
        let signed = if session { "host;x-amz-date;x-amz-security-token" } else { "host;x-amz-date" };
        let wanted = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={signed}, Signature={signature}"
        );
        assert_eq!(header(&request, "authorization"), wanted, "{name}");
        assert_eq!(header(&request, "x-amz-date"), "20150830T123600Z");
        for (name, _) in request.headers() {
            assert!(credential.owns().contains(name), "{name}");
        }
    }
}

/// With a body, an encoded path and a query, as botocore 1.44 signs them.
#[tokio::test]
async fn aws_signatures_are_those_of_another_sdk() {
    let secrets = Secrets::new();
    secrets.write("id", "AKIDEXAMPLE");
    secrets.write("key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    for (service, url, content_type, body, signature) in [
        (
            "connect",
            "https://connect.eu-central-1.amazonaws.com/contact/chat/arn%3Aaws%3Aconnect%20x?b=2&a=%2F1",
            "application/json",
            r#"{"InstanceId":"1"}"#,
            "717e9c76115ce7604944440522673713de36b1694a10b2138b630992351e58ef",
        ),
        (
            "s3",
            "https://bucket.s3.eu-central-1.amazonaws.com/a%20b",
            "text/plain",
            "body",
            "a3a9a57c90ceebc467c68bb8bdc00bd49a0ebb1d9b6c64a3a1611d3196835263",
        ),
    ] {
        let config = json!({
            "kind": "aws-sigv4", "service": service, "region": "eu-central-1",
            "access_key": "@id", "secret_key": "@key",
        });
        let mut request = request("PUT", url, body);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        // What a proxy may change is not signed.
        request.headers_mut().insert("accept", "*/*".parse().unwrap());
        secrets.credential(config).await.apply(&mut request, NOW).await.unwrap();
        let authorization = header(&request, "authorization");
        assert!(authorization.ends_with(&format!("Signature={signature}")), "{service}: {authorization}");
    }
}

#[tokio::test]
async fn a_body_that_streams_cannot_be_signed() {
    let secrets = Secrets::new();
    secrets.write("secret", "Jefe");
    let config = json!({"kind": "body-hmac", "secret": "@secret", "hash": "sha1", "header": "x-sig"});
    let credential = secrets.credential(config).await;
    let mut request = request("POST", "https://vendor.example/", "");
    *request.body_mut() = Some(reqwest::Body::wrap(reqwest::Body::from("streamed")));
    assert_eq!(credential.apply(&mut request, NOW).await, Err(CredentialError::Streamed));
}

#[tokio::test]
async fn what_cannot_work_is_refused_when_it_is_configured() {
    let secrets = Secrets::new();
    secrets.write("secret", "s3cret");
    let secret = secrets.reference("secret").to_string();
    for config in [
        json!({"kind": "basic", "user": "a:b", "password": secret}),
        json!({"kind": "header", "name": "no header", "value": secret}),
        json!({"kind": "header", "name": "Host", "value": secret}),
        json!({"kind": "body-hmac", "secret": secret, "hash": "sha256", "header": "content-length"}),
        json!({"kind": "bearer", "token": secret, "headers": { "Host": secret }}),
        json!({"kind": "bearer", "token": secret, "headers": { "Authorization": secret }}),
        json!({"kind": "bearer", "token": secret, "headers": { "x-a": secret, "X-A": secret }}),
    ] {
        let config: handover_credentials::CredentialConfig = serde_json::from_value(config).unwrap();
        let error = config.open(&secrets.keyring, &secrets.endpoint).await.unwrap_err();
        assert!(matches!(error, CredentialError::Misconfigured { .. }), "{error}");
    }
}

#[test]
fn what_no_kind_knows_is_refused_with_further_headers_and_without() {
    let read = serde_json::from_value::<handover_credentials::CredentialConfig>;
    for headers in [json!({}), json!({ "x-a": "env:A" })] {
        let known = json!({"kind": "bearer", "token": "env:A", "headers": headers});
        assert!(read(known.clone()).is_ok());
        let mut unknown = known.clone();
        unknown["tokne"] = json!("env:A");
        assert!(read(unknown).unwrap_err().to_string().contains("tokne"));
        let mut incomplete = known;
        incomplete.as_object_mut().unwrap().remove("token");
        assert!(read(incomplete).unwrap_err().to_string().contains("token"));
    }
}

#[tokio::test]
async fn a_secret_with_a_line_break_is_not_sent() {
    let secrets = Secrets::new();
    secrets.write("secret", "two\nlines");
    let credential = secrets.credential(json!({"kind": "bearer", "token": "@secret"})).await;
    let mut request = request("GET", "https://vendor.example/", "");
    let error = credential.apply(&mut request, NOW).await.unwrap_err();
    assert!(matches!(error, CredentialError::Unfit { .. }), "{error}");
}
