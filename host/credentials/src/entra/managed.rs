//! Managed identity: tokens from the platform's own service, on virtual machines (IMDS) and in App Service.

use reqwest::header::HeaderName;
use url::Url;

use crate::endpoint::{Endpoint, Reach};
use crate::grant;
use crate::refusal::TokenError;
use crate::secret::Secret;
use crate::token::Fresh;

const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Where the platform hands out tokens.
#[derive(Debug, Clone)]
pub struct Platform {
    url: Url,
    version: &'static str,
    header: HeaderName,
    value: Secret,
}

impl Platform {
    /// App Service, Functions and Container Apps say where in `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`; everywhere
    /// else it is the instance metadata service.
    pub fn from_environment() -> Self {
        let told = std::env::var("IDENTITY_ENDPOINT").ok().and_then(|text| text.parse().ok());
        match (told, std::env::var("IDENTITY_HEADER")) {
            (Some(url), Ok(header)) => Self::app_service(url, Secret::new(header)),
            _ =>
            {
                #[expect(clippy::unwrap_used, reason = "a constant, read in a test")]
                Self::instance_metadata(IMDS.parse().unwrap())
            }
        }
    }

    /// The instance metadata service of a virtual machine, at this address.
    pub fn instance_metadata(url: Url) -> Self {
        let header = HeaderName::from_static("metadata");
        Self { url, version: "2018-02-01", header, value: Secret::new("true") }
    }

    /// The identity service of App Service, which wants the header that the platform gave to the app.
    pub fn app_service(url: Url, header: Secret) -> Self {
        let name = HeaderName::from_static("x-identity-header");
        Self { url, version: "2019-08-01", header: name, value: header }
    }

    /// A token for `scope`, of the user-assigned identity `client_id` or of the system's.
    pub(super) async fn token(
        &self,
        endpoint: &Endpoint,
        scope: &str,
        client_id: Option<&str>,
        now: u64,
    ) -> Result<Fresh, TokenError> {
        let mut url = self.url.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("api-version", self.version);
            // These services speak of resources, the older word: a scope without its `/.default`.
            query.append_pair("resource", scope.strip_suffix("/.default").unwrap_or(scope));
            if let Some(id) = client_id {
                query.append_pair("client_id", id);
            }
        }
        let header = Some((self.header.clone(), &self.value, ""));
        let answer = endpoint.get(&url, Reach::Platform, header).await?;
        grant::read(&answer, now)
    }
}
