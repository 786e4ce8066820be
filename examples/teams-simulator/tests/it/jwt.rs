//! Tokens read and verified by another implementation than the one that signs them.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

fn bytes(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

fn json(part: &str) -> Value {
    serde_json::from_slice(&bytes(part)).expect("JSON")
}

/// The header and claims of a token, signed or not.
pub fn read(token: &str) -> (Value, Value) {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    (json(parts[0]), json(parts[1]))
}

/// The claims of a token that one of these keys signed.
pub fn verified(keys: &Value, token: &str) -> Result<Value, &'static str> {
    let (header, claims) = read(token);
    assert_eq!(header["typ"], "JWT");
    if header["alg"] != "RS256" {
        return Err("algorithm");
    }
    let keys = keys["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).ok_or("unknown key")?;
    let part = |name: &str| bytes(key[name].as_str().expect("base64url"));
    let key = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let (signed, signature) = token.rsplit_once('.').expect("parts");
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &bytes(signature)).map_err(|_| "signature")?;
    Ok(claims)
}
