//! Webhooks signed as Contoso signs them.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ring::hmac;

/// The key, and where the gateway finds it.
pub struct Signing {
    pub file: PathBuf,
    key: hmac::Key,
}

impl Signing {
    /// A key of this run.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let (secret, file) = (uuid::Uuid::new_v4().to_string(), folder.join("webhook"));
        std::fs::write(&file, &secret)?;
        Ok(Self { file, key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) })
    }

    /// Timestamp and signature of a body.
    pub fn of(&self, body: &str) -> (String, String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let tag = hmac::sign(&self.key, format!("{now}.{body}").as_bytes());
        let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (now.to_string(), format!("sha256={digits}"))
    }
}
