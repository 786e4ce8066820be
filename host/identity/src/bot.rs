//! The bot edge's rules: who may call this skill.
//!
//! Sources: `SkillValidation`, `ChannelValidation`, `EndorsementsValidator` of the Bot Framework SDK, and
//! `AspNetExtensions.cs`, `AgentClaims.cs` of the Microsoft 365 Agents SDK; where they differ, the stricter one.

use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::cloud::EntraIssuers;
use crate::fetch::Fetcher;
use crate::header;
use crate::keyring::{DAY_MS, HALF_DAY_MS, KeyRing, Probed};
use crate::keys::Key;
use crate::metadata::{KeyPlace, PlaceKind};
use crate::mistake::{Mistake, RulesError};
use crate::refusal::{Refusal, shown};
use crate::rules::{BotRules, Callers, tenant_of};
use crate::token::Token;

/// Which rules a token follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of the directory: it names the calling app, which must be listed.
    Entra,
    /// Of the Bot Service: it names the service it speaks for, and its key endorses channels.
    BotFramework,
}

/// The one who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The calling app, in lower case. The Bot Service names none: then its issuer, to which answers' tokens are made
    /// out.
    pub app_id: String,
    /// The tenant that the token was issued in.
    pub tenant: Option<String>,
}

/// A caller who may call. What it says is taken only after [`Admitted::speaks_for`].
#[derive(Debug, Clone)]
pub struct Admitted {
    caller: Caller,
    kind: Kind,
    service_url: Option<String>,
    key: Arc<Key>,
}

impl Admitted {
    /// Who called.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// By which rules.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether an activity of this service and channel may come with this token.
    ///
    /// # Errors
    /// For the Bot Service: when the token is of another service (compared without regard to case and to slashes at
    /// the end), or its key does not endorse the channel.
    pub fn speaks_for(&self, service_url: &str, channel_id: &str) -> Result<(), Refusal> {
        if self.kind == Kind::Entra {
            return Ok(());
        }
        let wanted = self.service_url.as_deref().ok_or(Refusal::ServiceUrlClaimMissing)?;
        if !wanted.trim_end_matches('/').eq_ignore_ascii_case(service_url.trim_end_matches('/')) {
            return Err(Refusal::ServiceUrlOther { found: shown(service_url), wanted: shown(wanted) });
        }
        if !self.key.endorsements.iter().any(|channel| channel == channel_id) {
            let endorsed = self.key.endorsements.clone();
            return Err(Refusal::ChannelNotEndorsed { channel: shown(channel_id), endorsed });
        }
        Ok(())
    }
}

/// An issuer that is trusted.
#[derive(Debug)]
struct Issuer {
    kind: Kind,
    /// The tenant that its tokens must name.
    tenant: Option<String>,
    /// The names that a key may belong to: its own, and its other spelling.
    spellings: Vec<String>,
    keys: Arc<KeyRing>,
}

/// Judges callers of the bot edge. One for the life of the process: it holds the issuers' keys.
#[derive(Debug)]
pub struct Doorkeeper {
    app_ids: Vec<String>,
    audiences: Vec<String>,
    callers: Callers,
    issuers: HashMap<String, Issuer>,
}

impl Doorkeeper {
    /// A doorkeeper by these rules. Nothing is fetched yet.
    ///
    /// # Errors
    /// With all mistakes of the rules.
    ///
    /// # Panics
    /// When the process has installed no TLS provider, or another one for `jsonwebtoken`.
    pub fn new(rules: BotRules) -> Result<Self, RulesError> {
        handover_credentials::jose::install();
        let mut mistakes = rules.mistakes();
        let fetcher = Fetcher::new(rules.local).map_err(|why| mistakes.push(Mistake::NoClient(why)));
        let (Ok(fetcher), []) = (fetcher, mistakes.as_slice()) else {
            return Err(RulesError(mistakes));
        };
        Ok(Self {
            audiences: rules.all_audiences(),
            issuers: issuers(&rules, &fetcher),
            app_ids: rules.app_ids,
            callers: rules.callers,
        })
    }

    /// Judges a request by its headers, before its body is read. `now_ms` is the time, in ms since 1970.
    ///
    /// Nothing is fetched for a token that is refused by its shape, issuer, audience or times.
    ///
    /// # Errors
    /// With the first rule that the request breaks.
    pub async fn admit(&self, headers: &HeaderMap, now_ms: u64) -> Result<Admitted, Refusal> {
        let token = Token::read(header::bearer(headers)?, &Algorithm::RSA)?;
        let claims = &token.claims;
        let name = claims.issuer()?;
        let issuer = self.issuers.get(name).ok_or_else(|| Refusal::IssuerUnknown { found: shown(name) })?;
        claims.made_out_to(&self.audiences)?;
        claims.valid_at(now_ms)?;
        let (caller, service_url) = match issuer.kind {
            Kind::Entra => (app(claims, issuer)?, None),
            Kind::BotFramework => {
                let service_url = claims.filled("serviceurl")?.ok_or(Refusal::ServiceUrlClaimMissing)?;
                (Caller { app_id: name.to_owned(), tenant: None }, Some(service_url.to_owned()))
            }
        };
        let key = issuer.keys.key(&token.key_id, token.algorithm, now_ms).await?;
        issuer.owns(&key, &token.key_id, name)?;
        token.check_signature(&key)?;
        // From here on the token is its issuer's, and who is told more is who it says.
        if issuer.kind == Kind::Entra {
            self.may_call(&caller)?;
        }
        Ok(Admitted { caller, kind: issuer.kind, service_url, key })
    }

    /// Fetches the keys of all issuers now, and says what came of it. For the one who sets a gateway up.
    pub async fn probe(&self, now_ms: u64) -> Vec<Probed> {
        let mut names: Vec<(&String, &Arc<KeyRing>)> =
            self.issuers.iter().map(|(name, issuer)| (name, &issuer.keys)).collect();
        names.sort_by(|one, other| one.0.cmp(other.0));
        let mut places: Vec<(&Arc<KeyRing>, Vec<String>)> = Vec::new();
        for (name, keys) in names {
            match places.iter_mut().find(|place| Arc::ptr_eq(place.0, keys)) {
                Some(place) => place.1.push(name.clone()),
                None => places.push((keys, vec![name.clone()])),
            }
        }
        let mut probed = Vec::new();
        for (keys, issuers) in places {
            probed.push(Probed { url: keys.url().to_owned(), issuers, keys: keys.probe(now_ms).await });
        }
        probed
    }

    fn may_call(&self, caller: &Caller) -> Result<(), Refusal> {
        let found = shown(&caller.app_id);
        if self.app_ids.iter().any(|own| own.eq_ignore_ascii_case(&caller.app_id)) {
            return Err(Refusal::CallerIsSelf { found });
        }
        if self.callers.include(&caller.app_id) { Ok(()) } else { Err(Refusal::CallerNotListed { found }) }
    }
}

impl Issuer {
    /// Refuses a key that is published beside this issuer's, but belongs to another: the directory publishes the keys
    /// of all tenants in one place (`EnableEntraIdSigningKeyIssuerValidation`).
    fn owns(&self, key: &Key, id: &str, name: &str) -> Result<(), Refusal> {
        let Some(owner) = &key.issuer else {
            return Ok(());
        };
        let owner = match &self.tenant {
            Some(tenant) => owner.replace("{tenantid}", tenant),
            None => owner.clone(),
        };
        if self.spellings.contains(&owner) {
            return Ok(());
        }
        Err(Refusal::KeyOfOtherIssuer { kid: shown(id), found: shown(&owner), wanted: name.to_owned() })
    }
}

/// The app that a token of the directory names, and its tenant, which must be its issuer's.
fn app(claims: &Claims, issuer: &Issuer) -> Result<Caller, Refusal> {
    let tenant = claims.filled("tid")?.map(str::to_ascii_lowercase);
    if let Some(wanted) = &issuer.tenant {
        match &tenant {
            None => return Err(Refusal::TenantMissing { wanted: wanted.clone() }),
            Some(found) if found != wanted => {
                return Err(Refusal::TenantOther { found: shown(found), wanted: wanted.clone() });
            }
            Some(_) => {}
        }
    }
    let claim = match claims.0.get("ver").map(|ver| ver.as_str()) {
        None | Some(Some("" | "1.0")) => "appid",
        Some(Some("2.0")) => "azp",
        Some(_) => {
            let found = claims.0.get("ver").map(ToString::to_string).unwrap_or_default();
            return Err(Refusal::VersionUnknown { found: shown(&found) });
        }
    };
    let app_id = claims.filled(claim)?.ok_or(Refusal::CallerMissing { claim })?.to_ascii_lowercase();
    Ok(Caller { app_id, tenant })
}

/// The cloud's issuers and the operator's. Those of one place and kind share its keys.
fn issuers(rules: &BotRules, fetcher: &Fetcher) -> HashMap<String, Issuer> {
    let mut rings: HashMap<(Url, Kind, Vec<String>), Arc<KeyRing>> = HashMap::new();
    let mut ring = |url: Url, kind: Kind, key_hosts: Vec<String>| {
        let max_age_ms = match kind {
            Kind::Entra => DAY_MS,
            Kind::BotFramework => HALF_DAY_MS,
        };
        let place = KeyPlace { url: url.clone(), kind: PlaceKind::Microsoft, key_hosts: key_hosts.clone() };
        let shared = rings.entry((url, kind, key_hosts));
        Arc::clone(shared.or_insert_with(|| KeyRing::new(place, fetcher.clone(), max_age_ms)))
    };
    let mut issuers = HashMap::new();
    if let Some((name, metadata)) = rules.cloud.bot_service()
        && let Ok(url) = Url::parse(metadata)
    {
        let keys = ring(url, Kind::BotFramework, Vec::new());
        let issuer =
            Issuer { kind: Kind::BotFramework, tenant: None, spellings: vec![name.to_owned()], keys };
        issuers.insert(name.to_owned(), issuer);
    }
    if let Some(url) = rules.cloud.entra_metadata().and_then(|metadata| Url::parse(metadata).ok()) {
        for EntraIssuers { tenant, v1, v2 } in rules.cloud.entra_issuers(rules.tenant.as_deref()) {
            for name in [&v1, &v2] {
                let issuer = Issuer {
                    kind: Kind::Entra,
                    tenant: Some(tenant.clone()),
                    spellings: vec![v1.clone(), v2.clone()],
                    keys: ring(url.clone(), Kind::Entra, Vec::new()),
                };
                issuers.insert(name.clone(), issuer);
            }
        }
    }
    for custom in &rules.issuers {
        let tenant = tenant_of(&custom.issuer);
        let issuer = Issuer {
            kind: custom.kind,
            spellings: spellings(rules, &custom.issuer, tenant.as_deref()),
            tenant,
            keys: ring(custom.metadata.clone(), custom.kind, custom.key_hosts.clone()),
        };
        issuers.insert(custom.issuer.clone(), issuer);
    }
    issuers
}

/// The names that a key of this issuer may belong to: a tenant's two versions share their keys.
fn spellings(rules: &BotRules, issuer: &str, tenant: Option<&str>) -> Vec<String> {
    let mut names = vec![issuer.to_owned()];
    let Some(tenant) = tenant else {
        return names;
    };
    names.extend(rules.cloud.issuers_of(tenant).into_iter().flat_map(|cloud| [cloud.v1, cloud.v2]));
    let listed = rules.issuers.iter().map(|custom| &custom.issuer);
    names.extend(listed.filter(|other| tenant_of(other).as_deref() == Some(tenant)).cloned());
    names
}
