//! Has credentials, and tries to have them elsewhere, or otherwise, than they were given; the message's text says how.

use std::collections::BTreeMap;

use handover_connector::crypto::{self, Algorithm, Hash};
use handover_connector::{
    Context, Credential, CredentialKind, Description, Failure, Message, Sent, Session, Upstream,
};
use sandbox_guests::wander::{names_of_headers, wander};
use sandbox_guests::{API, Guest, description, sent, upstream};

const NO_CLAIMS: BTreeMap<&str, &str> = BTreeMap::new();

struct MisusesCredentials;

impl Guest for MisusesCredentials {
    fn describe() -> Description {
        let credential = |name: &str, kinds: Vec<CredentialKind>| Credential {
            name: name.to_owned(),
            kinds,
            required: false,
            help: String::new(),
        };
        Description {
            credentials: vec![
                credential(
                    "api-key",
                    vec![
                        CredentialKind::Bearer,
                        CredentialKind::Header,
                        CredentialKind::Oauth2ClientCredentials,
                    ],
                ),
                credential("signing", vec![CredentialKind::Key, CredentialKind::JwtBearer]),
            ],
            upstreams: vec![
                Upstream { credential: Some("api-key".to_owned()), ..upstream(API) },
                upstream("files"),
            ],
            ..description()
        }
    }

    /// `hmac credential data`, `verify credential data`, `jwt credential`, `names way`, or a way.
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        let mut words = message.text.splitn(3, ' ');
        let first = words.next().unwrap_or_default();
        let (second, third) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Ok(sent(match first {
            "hmac" => hex(&crypto::hmac(second, Hash::Sha256, third.as_bytes())?),
            "verify" => crypto::rsa_verify(second, Hash::Sha256, third.as_bytes(), &[0; 256])?.to_string(),
            "jwt" => crypto::jwt_sign(second, Algorithm::Hs256, &[], &NO_CLAIMS)?,
            "names" => names_of_headers(second),
            _ => wander(&message.text),
        }))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

sandbox_guests::sin!(MisusesCredentials);
