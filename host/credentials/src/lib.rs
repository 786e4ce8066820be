//! Secrets by reference, what is made of them, and outbound tokens.
//!
//! The way of a secret: a [`Reference`] in the configuration is resolved by the [`Keyring`], which keeps the [`Held`]
//! value fresh; a [`Credential`] puts it, or a token that was got for it, on requests to a vendor; a
//! [`entra::Connection`] gets tokens for Microsoft's services. No type here shows a secret in `Debug`, `Display` or an
//! error. [`jose`] is the cryptography of JSON Web Tokens, for whoever makes or checks them.
//!
//! Deliberately absent: a clock (`now` comes from the caller), who may send what where, and the names of vendors.

#![forbid(unsafe_code)]

pub mod credential;
mod endpoint;
pub mod entra;
mod grant;
pub mod jose;
mod keyring;
mod pem;
mod reference;
mod refusal;
mod secret;
mod token;

pub use credential::{Credential, CredentialConfig, CredentialError};
pub use endpoint::{Endpoint, EndpointError};
pub use keyring::{Held, Keyring, KeyringConfig, SecretError, VaultConfig, VaultError};
pub use reference::{NotAReference, Reference};
pub use refusal::{Refusal, TokenError};
pub use secret::Secret;
