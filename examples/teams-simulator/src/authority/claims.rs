//! What the tokens say, as Entra and Bot Service write it.
use serde_json::{Value, json};
use uuid::Uuid;

/// How long a token is good for, in seconds.
pub(super) const LIFETIME: i64 = 3600;

/// A token's frame: who it is for, who vouches, and from when on.
pub(super) struct Frame<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    /// Seconds since 1970.
    pub now: i64,
}

impl Frame<'_> {
    fn claims(&self) -> Value {
        json!({
            "aud": self.audience,
            "iss": self.issuer,
            "nbf": self.now,
            "exp": self.now + LIFETIME,
        })
    }

    /// An app's token of version 2.0 (Entra, access token claims reference).
    pub fn v2(&self, caller: &str, tenant: &str) -> Value {
        let mut claims = self.of_app(caller, tenant, "2.0");
        claims["azp"] = json!(caller);
        claims["azpacr"] = json!("1");
        claims
    }

    /// An app's token of version 1.0.
    pub fn v1(&self, caller: &str, tenant: &str) -> Value {
        let mut claims = self.of_app(caller, tenant, "1.0");
        claims["appid"] = json!(caller);
        claims["appidacr"] = json!("1");
        claims["idp"] = json!(self.issuer);
        claims
    }

    fn of_app(&self, caller: &str, tenant: &str, version: &str) -> Value {
        // The service principal: the same for the same app whenever it signs in.
        let principal = Uuid::new_v5(&Uuid::NAMESPACE_URL, caller.as_bytes()).to_string();
        let mut claims = self.claims();
        claims["iat"] = json!(self.now);
        claims["idtyp"] = json!("app");
        claims["oid"] = json!(principal);
        claims["sub"] = json!(principal);
        claims["tid"] = json!(tenant);
        claims["uti"] = json!(Uuid::now_v7().simple().to_string());
        claims["ver"] = json!(version);
        claims
    }

    /// Bot Service's token (Bot Connector authentication, "Authenticate requests from the Bot Connector service").
    pub fn bot_service(&self, service_url: &str) -> Value {
        let mut claims = self.claims();
        claims["serviceurl"] = json!(service_url);
        claims
    }
}
