//! The bearer tokens of a vendor's callbacks: one issuer, by the operator's rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::algorithm::Algorithm;
use crate::fetch::Fetcher;
use crate::header;
use crate::keyring::{DAY_MS, KeyRing, Probed};
use crate::metadata::{KeyPlace, PlaceKind};
use crate::mistake::{Mistake, RulesError};
use crate::refusal::{Refusal, shown};
use crate::rules::issuer_mistakes;
use crate::token::Token;

/// What a vendor's tokens must be.
#[derive(Debug, Clone)]
pub struct BearerRules {
    /// What they say in `iss`, to the letter.
    pub issuer: String,
    /// Where the keys are.
    pub keys: KeysAt,
    /// Hosts (`name` or `name:port`) that keys may lie at, besides the metadata's own.
    pub key_hosts: Vec<String>,
    /// What they may be made out to, at least one.
    pub audiences: Vec<String>,
    /// Whom they must speak of (`sub`), where it is one.
    pub subject: Option<String>,
    /// Further claims, each a text that must be equal.
    pub claims: BTreeMap<String, String>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// Local mode: keys may come over plain http from this machine.
    pub local: bool,
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysAt {
    /// In the place that its OpenID metadata names.
    Metadata(Url),
    /// Here.
    Jwks(Url),
}

/// A callback's caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Whom the token speaks of.
    pub subject: Option<String>,
}

/// Judges a vendor's callbacks. One for the life of a configuration: it holds the issuer's keys.
#[derive(Debug)]
pub struct CallbackKeeper {
    rules: BearerRules,
    keys: Arc<KeyRing>,
}

impl CallbackKeeper {
    /// A keeper by these rules. Nothing is fetched yet.
    ///
    /// # Errors
    /// With all mistakes of the rules.
    ///
    /// # Panics
    /// When the process has installed no TLS provider, or another one for `jsonwebtoken`.
    pub fn new(rules: BearerRules) -> Result<Self, RulesError> {
        handover_credentials::jose::install();
        let (url, kind) = match &rules.keys {
            KeysAt::Metadata(url) => (url.clone(), PlaceKind::OpenId { issuer: rules.issuer.clone() }),
            KeysAt::Jwks(url) => (url.clone(), PlaceKind::Keys),
        };
        let mut mistakes = issuer_mistakes(&rules.issuer, &url, rules.local);
        if rules.audiences.is_empty() {
            mistakes.push(Mistake::NoAudience);
        }
        if rules.audiences.iter().any(|audience| audience.trim().is_empty()) {
            mistakes.push(Mistake::AudienceEmpty);
        }
        if rules.algorithms.is_empty() {
            mistakes.push(Mistake::NoAlgorithm);
        }
        let fetcher = Fetcher::new(rules.local).map_err(|why| mistakes.push(Mistake::NoClient(why)));
        let (Ok(fetcher), []) = (fetcher, mistakes.as_slice()) else {
            return Err(RulesError(mistakes));
        };
        let place = KeyPlace { url, kind, key_hosts: rules.key_hosts.clone() };
        Ok(Self { keys: KeyRing::new(place, fetcher, DAY_MS), rules })
    }

    /// Judges a callback by its `Authorization` header. `now_ms` is the time, in ms since 1970.
    ///
    /// # Errors
    /// With the first rule that the request breaks.
    pub async fn admit(&self, headers: &HeaderMap, now_ms: u64) -> Result<Bearer, Refusal> {
        self.admit_token(header::bearer(headers)?, now_ms).await
    }

    /// Judges a token that came elsewhere than in `Authorization`.
    ///
    /// # Errors
    /// With the first rule that the token breaks.
    pub async fn admit_token(&self, token: &str, now_ms: u64) -> Result<Bearer, Refusal> {
        let rules = &self.rules;
        let token = Token::read(token, &rules.algorithms)?;
        let claims = &token.claims;
        let issuer = claims.issuer()?;
        if issuer != rules.issuer {
            return Err(Refusal::IssuerUnknown { found: shown(issuer) });
        }
        claims.made_out_to(&rules.audiences)?;
        claims.valid_at(now_ms)?;
        let subject = claims.text("sub")?;
        if let Some(wanted) = &rules.subject
            && subject != Some(wanted.as_str())
        {
            let found = shown(&format!("{:?}", subject.unwrap_or_default()));
            return Err(Refusal::SubjectOther { found, wanted: wanted.clone() });
        }
        for (claim, wanted) in &rules.claims {
            let found = claims.0.get(claim);
            if found.and_then(Value::as_str) != Some(wanted.as_str()) {
                let found = shown(&found.map_or("absent".to_owned(), Value::to_string));
                return Err(Refusal::ClaimOther { claim: claim.clone(), found, wanted: wanted.clone() });
            }
        }
        let key = self.keys.key(&token.key_id, token.algorithm, now_ms).await?;
        token.check_signature(&key)?;
        Ok(Bearer { subject: subject.map(str::to_owned) })
    }

    /// Fetches the keys now, and says what came of it. For the one who sets a gateway up.
    pub async fn probe(&self, now_ms: u64) -> Probed {
        let issuers = vec![self.rules.issuer.clone()];
        Probed { url: self.keys.url().to_owned(), issuers, keys: self.keys.probe(now_ms).await }
    }
}
