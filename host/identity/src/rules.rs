//! Who may call the bot edge, as the operator says it.

use url::Url;
use uuid::Uuid;

use crate::bot::Kind;
use crate::cloud::Cloud;
use crate::fetch::is_protected;
use crate::mistake::Mistake;

/// The rules of the bot edge.
#[derive(Debug, Clone, Default)]
pub struct BotRules {
    /// Our own app ids, GUIDs, at least one. Each is an audience, plain and as `api://…`.
    pub app_ids: Vec<String>,
    /// Further audiences, such as an Application ID URI of another form.
    pub audiences: Vec<String>,
    /// The operator's tenant, a GUID: its issuers are trusted besides Microsoft's own.
    pub tenant: Option<String>,
    /// Which of Microsoft's clouds.
    pub cloud: Cloud,
    /// Which apps may call.
    pub callers: Callers,
    /// Issuers besides the cloud's, or in the place of those of the same name.
    pub issuers: Vec<CustomIssuer>,
    /// Local mode: keys may come over plain http from this machine.
    pub local: bool,
}

/// An issuer that the operator names.
#[derive(Debug, Clone)]
pub struct CustomIssuer {
    /// What its tokens say in `iss`, to the letter. A GUID in its path is its tenant, which its tokens must then name.
    pub issuer: String,
    /// Which rules its tokens follow.
    pub kind: Kind,
    /// Its OpenID metadata. https, or this machine in local mode.
    pub metadata: Url,
    /// Hosts (`name` or `name:port`) that its keys may lie at, besides the metadata's own.
    pub key_hosts: Vec<String>,
}

/// Which apps may call. The Bot Service itself is none of them: its tokens name no app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callers {
    /// These app ids, compared without regard to case.
    Listed(Vec<String>),
    /// Any app of a trusted issuer. This must be asked for.
    Anyone,
}

impl Default for Callers {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Callers {
    /// Reads a list as it stands in a configuration: app ids, or `*` alone.
    ///
    /// # Errors
    /// When `*` stands beside others.
    pub fn from_list(list: Vec<String>) -> Result<Self, Mistake> {
        match list.iter().filter(|entry| *entry == "*").count() {
            0 => Ok(Self::Listed(list)),
            some if some == list.len() => Ok(Self::Anyone),
            _ => Err(Mistake::AnyoneAndSome),
        }
    }

    pub(crate) fn include(&self, app_id: &str) -> bool {
        match self {
            Self::Anyone => true,
            Self::Listed(list) => list.iter().any(|listed| listed.eq_ignore_ascii_case(app_id)),
        }
    }
}

impl BotRules {
    /// All mistakes of these rules.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.app_ids.is_empty() {
            mistakes.push(Mistake::NoAppId);
        }
        let callers: &[String] = match &self.callers {
            Callers::Listed(list) if list.is_empty() => {
                mistakes.push(Mistake::NoCallers);
                &[]
            }
            Callers::Listed(list) => list,
            Callers::Anyone => &[],
        };
        let guids =
            [("app id", self.app_ids.as_slice()), ("tenant", self.tenant.as_slice()), ("caller", callers)];
        for (what, list) in guids {
            let bad = list.iter().filter(|text| !is_guid(text));
            mistakes.extend(bad.map(|found| Mistake::NotAGuid { what, found: found.clone() }));
        }
        if self.audiences.iter().any(|audience| audience.trim().is_empty()) {
            mistakes.push(Mistake::AudienceEmpty);
        }
        if self.cloud == Cloud::Custom && self.issuers.is_empty() {
            mistakes.push(Mistake::NoIssuer);
        }
        for (index, custom) in self.issuers.iter().enumerate() {
            mistakes.extend(issuer_mistakes(&custom.issuer, &custom.metadata, self.local));
            if self.issuers[..index].iter().any(|before| before.issuer == custom.issuer) {
                mistakes.push(Mistake::IssuerTwice(custom.issuer.clone()));
            }
        }
        mistakes
    }

    /// What tokens may be made out to.
    pub(crate) fn all_audiences(&self) -> Vec<String> {
        let plain = self.app_ids.iter().map(|id| id.to_ascii_lowercase());
        let uris = self.app_ids.iter().map(|id| format!("api://{}", id.to_ascii_lowercase()));
        plain.chain(uris).chain(self.audiences.iter().cloned()).collect()
    }
}

/// Mistakes of one issuer's name and address.
pub(crate) fn issuer_mistakes(issuer: &str, url: &Url, local: bool) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if issuer.trim().is_empty() {
        mistakes.push(Mistake::IssuerEmpty);
    }
    if !is_protected(url, local) {
        mistakes.push(Mistake::AddressPlain { issuer: issuer.to_owned(), url: url.to_string() });
    }
    mistakes
}

/// Whether a text is a GUID as Microsoft writes it: hyphens, no braces.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// The tenant that an issuer's address belongs to: the GUID in its path.
pub(crate) fn tenant_of(issuer: &str) -> Option<String> {
    issuer.split('/').find(|segment| is_guid(segment)).map(str::to_ascii_lowercase)
}
