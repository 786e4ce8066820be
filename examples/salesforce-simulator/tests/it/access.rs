//! Who is let in.

use std::time::Duration;

use reqwest::Method;
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    sha2::Sha256,
    signature::{SignatureEncoding, Signer},
    traits::PublicKeyParts,
};
use salesforce_simulator::{Config, Identity};
use serde_json::{Value, json};

use crate::house::{BASE, House, asked, opened, read, uuid, with};

const GUEST: &str = "/authorization/unauthenticated/access-token";
const KNOWN: &str = "/authorization/authenticated/access-token";

/// The claims of a token.
fn claims(token: &str) -> Value {
    serde_json::from_slice(&unpadded(token.split('.').nth(1).unwrap())).unwrap()
}

fn unpadded(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn encoded(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// A public key of 2048 bits as RFC 8017, appendix A.1.1, writes it, in DER.
fn pkcs1(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let mut content = vec![0x02, 0x82, 0x01, 0x01, 0x00];
    content.extend_from_slice(modulus);
    content.extend_from_slice(&[0x02, exponent.len().try_into().unwrap()]);
    content.extend_from_slice(exponent);
    let length: u16 = content.len().try_into().unwrap();
    [[0x30, 0x82].as_slice(), &length.to_be_bytes(), &content].concat()
}

#[tokio::test]
async fn a_guest_gets_a_token_of_their_own_with_an_expiry() {
    let house = House::open().await;
    let answer = house.post("", GUEST, &asked()).await;
    assert_eq!(answer.status, 200);
    let claims = claims(answer.body["accessToken"].as_str().unwrap());
    assert_eq!(claims["orgId"], "00Dxx0000001gEr");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 21_600);
    assert_eq!(claims["sub"], answer.body["context"]["endUser"]["subject"]);
    assert!(claims["sub"].as_str().unwrap().contains("/UNAUTH/"));
    assert!(answer.body["lastEventId"].as_str().unwrap().parse::<u64>().is_ok());
    let second = self::claims(&house.guest().await);
    assert_ne!(second["sub"], claims["sub"]);
}

#[tokio::test]
async fn a_request_for_a_token_that_is_not_as_documented_is_refused() {
    let house = House::open().await;
    for (pointer, value) in [
        ("/orgId", json!("00Dxx0000009999EAI")),
        ("/orgId", Value::Null),
        ("/esDeveloperName", json!("Another")),
        ("/esDeveloperName", Value::Null),
        ("/capabilitiesVersion", json!("2")),
        ("/capabilitiesVersion", json!(1)),
        ("/platform", json!("Desktop")),
        ("/organization", json!("00Dxx0000001gErEAI")),
        ("/context/app", json!("test")),
        ("/authorizationType", json!("JWT")),
    ] {
        let answer = house.post("", GUEST, &with(asked(), pointer, value)).await;
        assert_eq!(answer.status, 400, "{pointer}");
        assert_eq!(answer.body["errorCode"], "BAD_REQUEST", "{pointer}");
        assert!(answer.body["message"].is_string(), "{pointer}");
    }
    for (pointer, value) in [("/authorizationType", json!("None")), ("/customerIdentityToken", Value::Null)] {
        let body = with(asked(), "/authorizationType", json!("JWT"));
        let body = with(body, "/customerIdentityToken", json!("x.y.z"));
        assert_eq!(house.post("", KNOWN, &with(body, pointer, value)).await.status, 400, "{pointer}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_is_served() {
    let house = House::open().await;
    let (good, id) = house.begin().await;
    let forged = format!("{}x", good.rsplit_once('.').unwrap().0);
    for token in ["", "nonsense", forged.as_str()] {
        for answer in [
            house.post(token, "/conversation", &opened(&uuid())).await,
            house.get(token, &format!("{BASE}/conversation/{id}/entries")).await,
            house.delete(token, &format!("/conversation/{id}?esDeveloperName=Custom_Client")).await,
            house.get(token, &format!("{BASE}/authorization/continuation-access-token")).await,
        ] {
            assert_eq!((answer.status, &answer.body["errorCode"]), (401, &json!("UNAUTHORIZED")), "{token}");
        }
    }
}

#[tokio::test]
async fn an_expired_token_says_so() {
    let house = House::with(Config { token_life: Duration::ZERO, ..Config::default() }).await;
    let token = house.guest().await;
    let answer = house.post(&token, "/conversation", &opened(&uuid())).await;
    assert_eq!((answer.status, &answer.body["message"]), (401, &json!("Jwt is expired")));
}

#[tokio::test]
async fn a_continued_token_is_the_same_visitors_and_no_longer_good() {
    for extends in [false, true] {
        let house = House::with(Config { continuation_extends: extends, ..Config::default() }).await;
        let (token, id) = house.begin().await;
        let path = format!("{BASE}/authorization/continuation-access-token");
        let answer = house.get(&token, &path).await;
        let next = answer.body["accessToken"].as_str().unwrap();
        let (old, new) = (claims(&token), claims(next));
        assert_eq!(new["sub"], old["sub"]);
        assert_ne!(new["clientId"], old["clientId"]);
        assert!(extends || new["exp"] == old["exp"], "{old} {new}");
        house.say(next, &id, "still me").await;
    }
}

#[tokio::test]
async fn a_known_customer_is_believed_only_with_the_right_signature() {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::UnwrapErr(getrandom::SysRng), 2048).unwrap();
    let public_key = pkcs1(&key.n_bytes(), &key.e_bytes());
    let identity = Identity { issuer: "acme".to_owned(), key_id: "key-1".to_owned(), public_key };
    let house = House::with(Config { identity: Some(identity), ..Config::default() }).await;
    let signer = SigningKey::<Sha256>::new(key);
    let voucher = |kid: &str, issuer: &str, expires: u64| {
        let header = encoded(json!({ "alg": "RS256", "kid": kid }).to_string().as_bytes());
        let claims = json!({ "iss": issuer, "sub": "29:jane", "exp": expires }).to_string();
        let signed = format!("{header}.{}", encoded(claims.as_bytes()));
        let signature = signer.sign(signed.as_bytes()).to_vec();
        format!("{signed}.{}", encoded(&signature))
    };
    let far = 4_102_444_800;
    let good = voucher("key-1", "acme", far);
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, encoded(&[7; 256]));
    for (token, believed) in [
        (good, true),
        (forged, false),
        (voucher("key-2", "acme", far), false),
        (voucher("key-1", "other", far), false),
        (voucher("key-1", "acme", 1), false),
    ] {
        let body = with(asked(), "/authorizationType", json!("JWT"));
        let body = with(body, "/customerIdentityToken", json!(token));
        let answer = house.post("", KNOWN, &body).await;
        // Let in all the same: only the subject tells.
        assert_eq!(answer.status, 200);
        let subject = answer.body["context"]["endUser"]["subject"].as_str().unwrap().to_owned();
        assert_eq!(subject == "v2/iamessage/AUTH/keys/uid:29:jane", believed, "{subject}");
        assert_eq!(subject.contains("/ANON/"), !believed, "{subject}");
    }
}

#[tokio::test]
async fn business_hours_follow_the_desk_and_ask_for_the_right_names() {
    let house = House::open().await;
    let path = "/embeddedservice/v1/businesshours";
    let good = format!("{path}?orgId=00Dxx0000001gEr&esConfigName=Custom_Client");
    let spans =
        |answer: &Value| answer["businessHoursInfo"]["businessHours"][0]["startTime"].as_u64().unwrap();
    let open = spans(&house.get("", &good).await.body);
    house.running.desk().set_open(false);
    assert!(spans(&house.get("", &good).await.body) > open);
    for bad in ["", "?orgId=00Dxx0000001gEr", "?orgId=00D&esConfigName=Custom_Client"] {
        assert_eq!(house.get("", &format!("{path}{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let house = House::open().await;
    let token = house.guest().await;
    let put = house.request(Method::PUT, &token, &format!("{BASE}/conversation"));
    assert_eq!(read(put.send().await.unwrap()).await.status, 405);
    assert_eq!(house.post(&token, "/conversations", &json!({})).await.status, 404);
}
