//! A doorkeeper before an authority, and the tokens that it admits.

use handover_identity::{Admitted, BotRules, Callers, Cloud, CustomIssuer, Doorkeeper, Kind, Refusal};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::tokens::keys;

pub const NOW: u64 = 1_700_000_000;
pub const NOW_MS: u64 = NOW * 1000;
pub const HOUR_MS: u64 = 3_600_000;
pub const MINUTE_MS: u64 = 60_000;

pub const APP: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub const BOT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
pub const TENANT: &str = "550e8400-e29b-41d4-a716-446655440000";
pub const OTHER: &str = "11111111-2222-3333-4444-555555555555";
pub const V1: &str = "https://sts.windows.net/550e8400-e29b-41d4-a716-446655440000/";
pub const V2: &str = "https://login.microsoftonline.com/550e8400-e29b-41d4-a716-446655440000/v2.0";
pub const BOT_SERVICE: &str = "https://api.botframework.com";
pub const SERVICE: &str = "https://smba.trafficmanager.net/emea/";

pub struct World {
    pub authority: Authority,
    pub keeper: Doorkeeper,
}

/// What a copilot of the tenant signs in with: version 2.0.
pub fn v2() -> Value {
    json!({
        "iss": V2, "aud": APP, "tid": TENANT, "ver": "2.0", "azp": BOT,
        "nbf": NOW - 60, "iat": NOW - 60, "exp": NOW + 3600
    })
}

/// The same of version 1.0.
pub fn v1() -> Value {
    json!({
        "iss": V1, "aud": APP, "tid": TENANT, "ver": "1.0", "appid": BOT,
        "nbf": NOW - 60, "iat": NOW - 60, "exp": NOW + 3600
    })
}

/// What the Bot Service sends.
pub fn service() -> Value {
    json!({"iss": BOT_SERVICE, "aud": APP, "serviceurl": SERVICE, "nbf": NOW - 60, "exp": NOW + 3600})
}

/// The claims with these put over their own; `null` takes one away.
pub fn with(mut claims: Value, changes: Value) -> Value {
    let members = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

pub fn headers(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    headers
}

pub fn rules(authority: &Authority) -> BotRules {
    let issuer = |issuer: &str, kind| CustomIssuer {
        issuer: issuer.to_owned(),
        kind,
        metadata: authority.url("/metadata"),
        key_hosts: Vec::new(),
    };
    BotRules {
        app_ids: vec![APP.to_owned()],
        audiences: vec!["https://skill.contoso.example".to_owned()],
        cloud: Cloud::Custom,
        callers: Callers::Listed(vec![BOT.to_owned()]),
        issuers: vec![
            issuer(V1, Kind::Entra),
            issuer(V2, Kind::Entra),
            issuer(BOT_SERVICE, Kind::BotFramework),
        ],
        local: true,
        tenant: None,
    }
}

/// So that `https` has what it needs, as the binary gives it.
pub fn install() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub fn keeper(rules: BotRules) -> Doorkeeper {
    install();
    Doorkeeper::new(rules).expect("rules")
}

impl World {
    pub async fn start() -> Self {
        let authority = Authority::start().await;
        let keeper = keeper(rules(&authority));
        Self { authority, keeper }
    }

    pub async fn admit_at(&self, token: &str, now_ms: u64) -> Result<Admitted, Refusal> {
        self.keeper.admit(&headers(token), now_ms).await
    }

    pub async fn admit(&self, token: &str) -> Result<Admitted, Refusal> {
        self.admit_at(token, NOW_MS).await
    }

    /// The one who is admitted with these claims.
    pub async fn admitted(&self, claims: &Value) -> Admitted {
        match self.admit(&keys()[0].token(claims)).await {
            Ok(admitted) => admitted,
            Err(refusal) => panic!("refused: {refusal}\n{claims}"),
        }
    }

    pub async fn refusal_of_token(&self, token: &str) -> Refusal {
        match self.admit(token).await {
            Err(refusal) => refusal,
            Ok(admitted) => panic!("admitted: {admitted:?}\n{token}"),
        }
    }

    /// Why these claims are refused, signed as they should be.
    pub async fn refusal(&self, claims: &Value) -> Refusal {
        self.refusal_of_token(&keys()[0].token(claims)).await
    }
}
