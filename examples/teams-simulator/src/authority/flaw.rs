//! Which tokens the agent shows its skill, and what may be wrong with them.
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How the agent signs in when it calls its skill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Tokens {
    /// Not at all: for a skill that runs without authentication.
    #[default]
    None,
    /// With Entra's token of version 2.0: the caller is in `azp`.
    V2,
    /// With Entra's token of version 1.0: the caller is in `appid`, and the issuer has the shape of `sts.windows.net`'s.
    V1,
    /// With Bot Service's own token, which names the `serviceurl` and no caller.
    BotService,
}

/// What is wrong with the tokens the agent shows its skill. A flaw in a claim the token does not have changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Flaw {
    /// Nothing.
    #[default]
    None,
    /// It ended an hour ago.
    Expired,
    /// It begins in an hour.
    NotYetValid,
    /// Another tenant's, in `tid` and issuer alike, signed with the key that all tenants share.
    ForeignTenant,
    /// `tid` names another tenant than the issuer does.
    TenantMismatch,
    /// An issuer nobody knows.
    ForeignIssuer,
    /// It is meant for another app.
    WrongAudience,
    /// It was issued to another app than the agent.
    ForeignCaller,
    /// Signed with a key that is not published.
    UnknownKey,
    /// It names a published key, but another one signed it.
    BrokenSignature,
    /// `alg` is `none`, and there is no signature.
    Unsigned,
}

/// A tenant and an app that nobody here knows.
const FOREIGN_TENANT: &str = "f0e1911a-0000-4000-8000-0000000000f0";
const FOREIGN_APP: &str = "f0e1911a-0000-4000-8000-0000000000a9";

impl Flaw {
    /// Spoils the claims, where the flaw is in them.
    pub(super) fn spoil(self, claims: &mut Value, tenant: &str, now: i64) {
        let mut set = |name: &str, value: Value| {
            if let Some(claim) = claims.get_mut(name) {
                *claim = value;
            }
        };
        match self {
            Self::Expired => {
                set("iat", json!(now - 7200));
                set("nbf", json!(now - 7200));
                set("exp", json!(now - 3600));
            }
            Self::NotYetValid => {
                set("iat", json!(now + 3600));
                set("nbf", json!(now + 3600));
                set("exp", json!(now + 7200));
            }
            Self::ForeignTenant => {
                set("tid", json!(FOREIGN_TENANT));
                let issuer = claims["iss"].as_str().unwrap_or_default().replace(tenant, FOREIGN_TENANT);
                claims["iss"] = json!(issuer);
            }
            Self::TenantMismatch => set("tid", json!(FOREIGN_TENANT)),
            Self::ForeignIssuer => set("iss", json!("https://issuer.invalid/")),
            Self::WrongAudience => set("aud", json!(FOREIGN_APP)),
            Self::ForeignCaller => {
                set("azp", json!(FOREIGN_APP));
                set("appid", json!(FOREIGN_APP));
            }
            Self::None | Self::UnknownKey | Self::BrokenSignature | Self::Unsigned => {}
        }
    }
}
