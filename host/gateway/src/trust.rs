//! Whom the gateway trusts and what it is trusted with, opened from the configuration: who may call, as whom it
//! answers, the connectors' credentials, the keys that callbacks are verified with.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use handover_channel::Identities;
use handover_credentials::{CredentialConfig, Endpoint, Held, Keyring, KeyringConfig, Secret, VaultConfig};
use handover_identity::{
    Algorithm, BearerRules, BotRules, CallbackKeeper, Callers, Cloud, CustomIssuer, Doorkeeper, KeysAt, Kind,
};
use handover_sandbox::GrantedCredential;
use handover_sandbox::description::CredentialKind;
use handover_store::{Key, Keys, Zeroizing};

use crate::admin::Token;
use crate::config::{Config, ConfigError};

/// All of it.
pub(crate) struct Trust {
    /// Judges callers of the bot edge; none where the bot's side takes no tokens.
    pub(crate) doorkeeper: Option<Doorkeeper>,
    /// As whom activities are posted.
    pub(crate) identities: Identities,
    /// What each connector's requests are signed with, by its names.
    pub(crate) credentials: BTreeMap<String, BTreeMap<String, GrantedCredential>>,
    /// What each connector's callbacks are verified with, by its names.
    pub(crate) callbacks: BTreeMap<String, BTreeMap<String, CallbackKey>>,
    /// What operators say to be let in.
    pub(crate) admin: Option<Token>,
    /// What is kept is encrypted with.
    pub(crate) keys: Option<Keys>,
    /// Keeps what it was opened from fresh.
    pub(crate) keyring: Keyring,
}

/// What a callback is verified with.
pub(crate) enum CallbackKey {
    /// A key, and the one before it while keys are exchanged.
    Key(Held, Option<Held>),
    /// A name and a password.
    Basic(String, Held),
    /// A header's name and what stands in it.
    Header(String, Held),
    /// Whoever signs its tokens.
    Issuer(Box<CallbackKeeper>),
}

impl Trust {
    /// Resolves all references.
    ///
    /// # Errors
    /// With every reference that leads to nothing and every rule that contradicts itself, by key.
    pub(crate) async fn open(config: &Config) -> Result<Self, ConfigError> {
        let endpoint =
            Endpoint::new().map_err(|e| ConfigError::one(format!("there is no HTTP client: {e}")))?;
        let vault = VaultConfig { cloud: config.bot.cloud, ..VaultConfig::default() };
        let keyring = Keyring::new(KeyringConfig { vault, ..KeyringConfig::default() }, endpoint.clone());
        let mut wrong = Vec::new();
        let doorkeeper = config.bot_rules().and_then(|rules| {
            Doorkeeper::new(rules).map_err(|e| wrong.extend(e.0.iter().map(|e| format!("`bot`: {e}")))).ok()
        });
        let identities = identities(config, &keyring, &endpoint, &mut wrong).await;
        let (mut credentials, mut callbacks) = (BTreeMap::new(), BTreeMap::new());
        for (name, section) in &config.connectors {
            let (mut granted, mut keys) = (BTreeMap::new(), BTreeMap::new());
            for (credential, written) in &section.credentials {
                let key = format!("connectors.{name}.credentials.{credential}");
                match written.open(&keyring, &endpoint).await {
                    Ok(opened) => {
                        let kind = CredentialKind::of(written);
                        let opened = GrantedCredential { kind, credential: Arc::new(opened) };
                        granted.insert(credential.clone(), opened);
                    }
                    Err(e) => wrong.push(format!("`{key}`: {e}")),
                }
                // What cannot be held has been told just above.
                if let Some(held) = callback_key(written, &keyring).await {
                    keys.insert(credential.clone(), held);
                }
            }
            for (credential, issuer) in &section.issuers {
                let key = format!("connectors.{name}.issuers.{credential}");
                let keys_at = match (&issuer.metadata, &issuer.jwks) {
                    (Some(url), None) => KeysAt::Metadata(url.clone()),
                    (None, Some(url)) => KeysAt::Jwks(url.clone()),
                    _ => {
                        wrong.push(format!("`{key}`: one of `metadata` and `jwks` is wanted"));
                        continue;
                    }
                };
                let rules = BearerRules {
                    issuer: issuer.issuer.clone(),
                    keys: keys_at,
                    key_hosts: Vec::new(),
                    audiences: vec![issuer.audience.clone()],
                    subject: None,
                    claims: BTreeMap::new(),
                    algorithms: vec![
                        Algorithm::Rs256,
                        Algorithm::Rs384,
                        Algorithm::Rs512,
                        Algorithm::Es256,
                        Algorithm::Es384,
                    ],
                    local: config.is_on_this_machine(),
                };
                match CallbackKeeper::new(rules) {
                    Ok(keeper) => {
                        keys.insert(credential.clone(), CallbackKey::Issuer(Box::new(keeper)));
                    }
                    Err(e) => wrong.extend(e.0.iter().map(|e| format!("`{key}`: {e}"))),
                }
            }
            credentials.insert(name.clone(), granted);
            callbacks.insert(name.clone(), keys);
        }
        let keys = store_keys(config, &keyring, &mut wrong).await;
        let admin = admin_token(config, &keyring).await;
        let admin = admin.map_err(|e| wrong.push(format!("`gateway.admin_token`: {e}"))).ok().flatten();
        if wrong.is_empty() {
            return Ok(Self { admin, keys, doorkeeper, identities, credentials, callbacks, keyring });
        }
        Err(ConfigError::all(wrong))
    }
}

impl Config {
    /// Who may call; none where the bot's side takes no tokens.
    pub(crate) fn bot_rules(&self) -> Option<BotRules> {
        let bot = &self.bot;
        (!bot.local).then(|| BotRules {
            app_ids: vec![bot.app_id.to_string()],
            audiences: bot.audiences.clone(),
            tenant: bot.tenant_id.map(|id| id.to_string()),
            cloud: match bot.cloud {
                handover_credentials::entra::Cloud::Public => Cloud::Public,
                handover_credentials::entra::Cloud::UsGov => Cloud::UsGov,
                handover_credentials::entra::Cloud::China => Cloud::China,
            },
            callers: Callers::Listed(bot.agents.iter().map(|agent| agent.app_id.to_string()).collect()),
            issuers: bot
                .issuers
                .iter()
                .map(|issuer| CustomIssuer {
                    issuer: issuer.issuer.clone(),
                    kind: if issuer.bot_service { Kind::BotFramework } else { Kind::Entra },
                    metadata: issuer.metadata.clone(),
                    key_hosts: Vec::new(),
                })
                .collect(),
            local: self.is_on_this_machine(),
        })
    }

    /// Nobody elsewhere can reach it.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        self.gateway.listen.ip().is_loopback()
    }
}

async fn identities(
    config: &Config,
    keyring: &Keyring,
    endpoint: &Endpoint,
    wrong: &mut Vec<String>,
) -> Identities {
    let mut opened = BTreeMap::new();
    for (name, connection) in &config.connections {
        match connection.open(keyring, endpoint).await {
            Ok(connection) => {
                opened.insert(name.as_str(), Arc::new(connection));
            }
            Err(e) => wrong.push(format!("`connections.{name}`: {e}")),
        }
    }
    // Names that lead nowhere are told when the configuration is checked.
    let named = |name: &Option<String>| name.as_ref().and_then(|name| opened.get(name.as_str()).cloned());
    let bots = config.bot.agents.iter();
    let bots = bots.filter_map(|agent| Some((agent.app_id.to_string(), named(&agent.connection)?)));
    Identities {
        local: config.bot.local,
        skill: named(&config.bot.connection),
        bots: bots.collect(),
        channel: config.bot.cloud.bot_scope().to_owned(),
    }
}

async fn admin_token(config: &Config, keyring: &Keyring) -> Result<Option<Token>, String> {
    let Some(reference) = &config.gateway.admin_token else { return Ok(None) };
    let held = keyring.hold(reference).await.map_err(|e| e.to_string())?;
    Token::of(held).map(Some).map_err(|e| e.to_string())
}

/// The keys of the store: the first one writes, all of them read.
async fn store_keys(config: &Config, keyring: &Keyring, wrong: &mut Vec<String>) -> Option<Keys> {
    let mut keys = Vec::new();
    for section in &config.store.keys {
        let place = format!("store.keys.{}", section.id);
        let opened = match keyring.hold(&section.key).await {
            Ok(held) => material(&held.current())
                .ok_or_else(|| "32 bytes are wanted, as 64 hexadecimal digits or in base64".to_owned())
                .and_then(|material| Key::new(&section.id, material).map_err(|e| e.to_string())),
            Err(e) => Err(e.to_string()),
        };
        match opened {
            Ok(key) => keys.push(key),
            Err(e) => wrong.push(format!("`{place}`: {e}")),
        }
    }
    let mut keys = keys.into_iter();
    let current = keys.next()?;
    Keys::new(current, keys).map_err(|e| wrong.push(format!("`store.keys`: {e}"))).ok()
}

fn material(secret: &Secret) -> Option<Zeroizing<[u8; 32]>> {
    let text = secret.text().map(str::trim)?;
    let mut bytes = Zeroizing::new([0; 32]);
    if hex::decode_to_slice(text, bytes.as_mut_slice()).is_ok() {
        return Some(bytes);
    }
    let decoded = Zeroizing::new(STANDARD.decode(text).ok()?);
    bytes.copy_from_slice(decoded.get(..).filter(|decoded| decoded.len() == 32)?);
    Some(bytes)
}

async fn callback_key(written: &CredentialConfig, keyring: &Keyring) -> Option<CallbackKey> {
    match written.itself() {
        CredentialConfig::Key { value, previous } => {
            let previous = match previous {
                Some(previous) => Some(keyring.hold(previous).await.ok()?),
                None => None,
            };
            Some(CallbackKey::Key(keyring.hold(value).await.ok()?, previous))
        }
        CredentialConfig::Header { name, value, .. } => {
            Some(CallbackKey::Header(name.clone(), keyring.hold(value).await.ok()?))
        }
        CredentialConfig::Basic { user, password } => {
            Some(CallbackKey::Basic(user.clone(), keyring.hold(password).await.ok()?))
        }
        _ => None,
    }
}
