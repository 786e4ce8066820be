//! Where a secret lies: `env:NAME`, `file:PATH` or `keyvault:VAULT/NAME`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};

/// Names a secret without being one, so that a configuration can be shown, stored and logged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A variable of the process's environment.
    Env(String),
    /// A file whose content, but for one trailing line break, is the secret.
    File(PathBuf),
    /// A secret in an Azure key vault, in its current version.
    KeyVault {
        /// The vault's name, without its domain.
        vault: String,
        /// The secret's name in it.
        name: String,
    },
}

/// What was written is no reference. The text is not repeated: it may be the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a reference to a secret (the text is not shown, it may be one): write env:NAME, file:PATH or \
     keyvault:VAULT/NAME"
)]
pub struct NotAReference;

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let (scheme, rest) = text.split_once(':').ok_or(NotAReference)?;
        match scheme {
            "env" if is_variable(rest) => Ok(Self::Env(rest.to_owned())),
            "file" if !rest.is_empty() && !rest.contains('\0') => Ok(Self::File(PathBuf::from(rest))),
            "keyvault" => match rest.split_once('/') {
                // Names as Azure allows them; nothing in them can change the address they are put into.
                Some((vault, name)) if is_azure_name(vault, 24) && is_azure_name(name, 127) => {
                    Ok(Self::KeyVault { vault: vault.to_owned(), name: name.to_owned() })
                }
                _ => Err(NotAReference),
            },
            _ => Err(NotAReference),
        }
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
}

fn is_azure_name(name: &str, longest: usize) -> bool {
    !name.is_empty()
        && name.len() <= longest
        && name.chars().all(|each| each.is_ascii_alphanumeric() || each == '-')
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::KeyVault { vault, name } => write!(f, "keyvault:{vault}/{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Of any type: a deserializer that was asked for text answers other types itself, and repeats them.
        deserializer.deserialize_any(Text)
    }
}

/// Reads a reference. serde's own answer to a value of another type repeats the value, so each type is met here.
struct Text;

impl Visitor<'_> for Text {
    type Value = Reference;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("env:NAME, file:PATH or keyvault:VAULT/NAME")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Reference, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Reference, E> {
        Err(E::custom(NotAReference))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Reference, E> {
        Err(E::custom(NotAReference))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Reference, E> {
        Err(E::custom(NotAReference))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Reference, E> {
        Err(E::custom(NotAReference))
    }
}
