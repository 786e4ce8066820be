//! AWS Signature Version 4, by the signer of AWS's own SDK.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};

use super::{CredentialError, body};
use crate::keyring::Held;

/// What the signer sets.
pub(super) const OWNED: [&str; 4] =
    ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

#[derive(Debug)]
pub(super) struct SigV4 {
    pub service: String,
    pub region: String,
    pub access_key: Held,
    pub secret_key: Held,
    pub session_token: Option<Held>,
}

impl SigV4 {
    pub fn apply(&self, request: &mut Request, now: u64) -> Result<(), CredentialError> {
        let token = self.session_token.as_ref().map(|token| text("session_token", token)).transpose()?;
        let access_key = text("access_key", &self.access_key)?;
        let secret_key = text("secret_key", &self.secret_key)?;
        let identity = Credentials::new(access_key, secret_key, token, None, "handover").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(now))
            .settings(self.settings())
            .build()
            .map_err(|_| CredentialError::Unsignable)?
            .into();
        let headers = request.headers().iter().filter(|(name, _)| is_signed(name));
        let headers =
            headers.filter_map(|(name, value)| value.to_str().ok().map(|value| (name.as_str(), value)));
        let body = SignableBody::Bytes(body(request)?);
        let method = request.method().as_str();
        let signable = SignableRequest::new(method, request.url().as_str(), headers, body)
            .map_err(|_| CredentialError::Unsignable)?;
        let (signed, _) = sign(signable, &parameters).map_err(|_| CredentialError::Unsignable)?.into_parts();
        for (name, value) in signed.headers() {
            let name: HeaderName = name.parse().map_err(|_| CredentialError::Unsignable)?;
            let mut value = HeaderValue::from_str(value).map_err(|_| CredentialError::Unsignable)?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        // S3 takes paths as they are, and wants the body's hash in a header.
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }
}

fn text(field: &'static str, held: &Held) -> Result<String, CredentialError> {
    let error = CredentialError::Misconfigured { field, wanted: "it must be text" };
    held.current().text().map(str::to_owned).ok_or(error)
}

/// What AWS demands to be signed beside the host, and what no proxy on the way changes.
fn is_signed(name: &HeaderName) -> bool {
    *name == reqwest::header::CONTENT_TYPE || name.as_str().starts_with("x-amz-")
}
