//! Who may call.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use crate::world::{World, answer, code};

fn token(secret: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())))
}

#[tokio::test]
async fn a_key_opens_as_basic_and_as_a_token_and_nothing_else_does() {
    let world = World::new().await;
    world.conversation().await;
    let path = "/v2/apps/5ebee0975ac5304b664a12fa/users/jane";
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": "app_simulated" });
    let claims = json!({ "scope": "app" });
    let old = json!({ "scope": "app", "exp": 1_000_000_000 });
    let other = json!({ "alg": "HS256", "kid": "app_other" });
    let none = json!({ "alg": "none", "kid": "app_simulated" });
    let secret = "simulated-secret";
    let good = token(secret, &header, &claims);
    assert_eq!(answer(world.nobody(path).bearer_auth(&good)).await.0, 200);
    for (what, bad) in [
        ("another secret", token("wrong", &header, &claims)),
        ("another key", token(secret, &other, &claims)),
        ("no algorithm", token(secret, &none, &claims)),
        ("another scope", token(secret, &header, &json!({ "scope": "integration" }))),
        ("too old", token(secret, &header, &old)),
        ("no token", "nonsense".to_owned()),
    ] {
        let refused = answer(world.nobody(path).bearer_auth(bad)).await;
        assert_eq!(code(&refused), (401, "unauthorized"), "{what}");
    }
    for (user, password) in [("app_simulated", "wrong"), ("app_other", secret), ("", "")] {
        let refused = answer(world.nobody(path).basic_auth(user, Some(password))).await;
        assert_eq!(code(&refused), (401, "unauthorized"), "{user}");
    }
    assert_eq!(code(&answer(world.nobody(path)).await), (401, "unauthorized"));
}

#[tokio::test]
async fn another_app_is_not_found() {
    let world = World::new().await;
    let path = "/v2/apps/0000/users/jane";
    let refused = answer(world.nobody(path).basic_auth("app_simulated", Some("simulated-secret"))).await;
    assert_eq!(code(&refused), (404, "app_not_found"));
}
