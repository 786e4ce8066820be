//! Mistakes in the rules, all of them at once.

use std::fmt;

/// Rules that nobody can be judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError(pub Vec<Mistake>);

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rules of who may call cannot be used:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for RulesError {}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are what the messages say")]
pub enum Mistake {
    /// Nobody's skill.
    #[error("no app id: name the app registration of this skill")]
    NoAppId,
    /// App ids and tenants are GUIDs.
    #[error("the {what} `{found}` is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e")]
    NotAGuid { what: &'static str, found: String },
    /// Nobody may call. Anybody must be asked for.
    #[error("no callers: list the app ids of the bots that may call, or `*` for any of the trusted issuers")]
    NoCallers,
    /// `*` beside others, which then mean nothing.
    #[error("the callers hold `*` and app ids: write one or the other")]
    AnyoneAndSome,
    /// A custom cloud brings no issuers.
    #[error("no issuer: a custom cloud trusts only the issuers that are listed, and none is")]
    NoIssuer,
    /// One name, two meanings.
    #[error("the issuer `{0}` is listed twice")]
    IssuerTwice(String),
    /// Nobody.
    #[error("an issuer without a name")]
    IssuerEmpty,
    /// An audience that every token without one would suit.
    #[error("an audience without a name")]
    AudienceEmpty,
    /// Nobody's callbacks.
    #[error("no audience: name what the issuer makes its tokens out to")]
    NoAudience,
    /// No way to sign.
    #[error("no algorithm: name at least one")]
    NoAlgorithm,
    /// An address that anybody on the way can change.
    #[error(
        "the address {url} of the issuer `{issuer}` must be https (http only to this machine, in local mode)"
    )]
    AddressPlain { issuer: String, url: String },
    /// The process lacks what https needs.
    #[error("no client for https can be made: {0}")]
    NoClient(String),
}
