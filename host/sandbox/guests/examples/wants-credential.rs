//! Requires a credential.

use handover_connector::{Credential, CredentialKind, Description};
use sandbox_guests::{Guest, description};

struct WantsCredential;

impl Guest for WantsCredential {
    fn describe() -> Description {
        Description {
            credentials: vec![Credential {
                name: "api-key".to_owned(),
                kinds: vec![CredentialKind::Bearer],
                required: true,
                help: "Settings, API, Keys".to_owned(),
            }],
            ..description()
        }
    }
}

sandbox_guests::sin!(WantsCredential);
