//! Microsoft's clouds: who issues the tokens of each, and where its keys are published.

/// One of Microsoft's clouds, or none of them.
///
/// Source: `AspNetExtensions.cs` and `AuthenticationConstants.cs` of the Microsoft 365 Agents SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cloud {
    /// The worldwide cloud.
    #[default]
    Public,
    /// US Government.
    UsGov,
    /// Operated by 21Vianet.
    China,
    /// No cloud: only the issuers that the rules name themselves.
    Custom,
}

/// An issuer of Microsoft's directory, in both of its spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntraIssuers {
    /// The tenant that issues.
    pub tenant: String,
    /// Of tokens of version 1.0.
    pub v1: String,
    /// Of tokens of version 2.0.
    pub v2: String,
}

/// What a cloud is made of.
struct Places {
    bot: (&'static str, &'static str),
    entra_metadata: &'static str,
    sts: &'static str,
    login: &'static str,
    /// Microsoft's own tenants, from which its services sign.
    tenants: &'static [&'static str],
}

const PUBLIC: Places = Places {
    bot: (
        "https://api.botframework.com",
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
    ),
    entra_metadata: "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
    sts: "https://sts.windows.net",
    login: "https://login.microsoftonline.com",
    tenants: &[
        "d6d49420-f39b-4df7-a1dc-d59a935871db",
        "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "69e9b82d-4842-4902-8d1e-abc5b98a55e8",
    ],
};

const US_GOV: Places = Places {
    bot: (
        "https://api.botframework.us",
        "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    ),
    entra_metadata: "https://login.microsoftonline.us/cab8a31a-1906-4287-a0d8-4eef66b95f6e/v2.0/.well-known/openid-configuration",
    sts: "https://sts.windows.net",
    login: "https://login.microsoftonline.us",
    tenants: &["cab8a31a-1906-4287-a0d8-4eef66b95f6e"],
};

const CHINA: Places = Places {
    bot: (
        "https://api.botframework.azure.cn",
        "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
    ),
    entra_metadata: "https://login.partner.microsoftonline.cn/a55a4d5b-9241-49b1-b4ff-befa8db00269/.well-known/openid-configuration",
    sts: "https://sts.chinacloudapi.cn",
    login: "https://login.partner.microsoftonline.cn",
    tenants: &["a55a4d5b-9241-49b1-b4ff-befa8db00269"],
};

impl Places {
    fn issuers_of(&self, tenant: String) -> EntraIssuers {
        let v1 = format!("{}/{tenant}/", self.sts);
        let v2 = format!("{}/{tenant}/v2.0", self.login);
        EntraIssuers { tenant, v1, v2 }
    }
}

impl Cloud {
    fn places(self) -> Option<&'static Places> {
        match self {
            Self::Public => Some(&PUBLIC),
            Self::UsGov => Some(&US_GOV),
            Self::China => Some(&CHINA),
            Self::Custom => None,
        }
    }

    /// Issuer and metadata address of the Bot Service.
    pub(crate) fn bot_service(self) -> Option<(&'static str, &'static str)> {
        self.places().map(|places| places.bot)
    }

    /// Metadata address of the directory.
    pub(crate) fn entra_metadata(self) -> Option<&'static str> {
        self.places().map(|places| places.entra_metadata)
    }

    /// The directory's issuers: Microsoft's own tenants, and the operator's where it is named.
    pub(crate) fn entra_issuers(self, tenant: Option<&str>) -> Vec<EntraIssuers> {
        let Some(places) = self.places() else {
            return Vec::new();
        };
        let mut tenants: Vec<String> = places.tenants.iter().map(|&tenant| tenant.to_owned()).collect();
        tenants.extend(
            tenant.map(str::to_ascii_lowercase).filter(|tenant| !places.tenants.contains(&tenant.as_str())),
        );
        tenants.into_iter().map(|tenant| places.issuers_of(tenant)).collect()
    }

    /// How this cloud spells the issuer of a tenant.
    pub(crate) fn issuers_of(self, tenant: &str) -> Option<EntraIssuers> {
        self.places().map(|places| places.issuers_of(tenant.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_clouds_issuers_are_those_of_the_sdk() {
        let all: Vec<String> = Cloud::Public
            .entra_issuers(Some("0F8FAD5B-d9cb-469f-a165-70867728950e"))
            .into_iter()
            .flat_map(|issuer| [issuer.v1, issuer.v2])
            .collect();
        assert_eq!(
            all,
            [
                "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
                "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0",
                "https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/",
                "https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0",
                "https://sts.windows.net/69e9b82d-4842-4902-8d1e-abc5b98a55e8/",
                "https://login.microsoftonline.com/69e9b82d-4842-4902-8d1e-abc5b98a55e8/v2.0",
                "https://sts.windows.net/0f8fad5b-d9cb-469f-a165-70867728950e/",
                "https://login.microsoftonline.com/0f8fad5b-d9cb-469f-a165-70867728950e/v2.0",
            ]
        );
    }

    #[test]
    fn the_government_clouds_issuers_are_its_own() {
        let all: Vec<String> =
            Cloud::UsGov.entra_issuers(None).into_iter().flat_map(|issuer| [issuer.v1, issuer.v2]).collect();
        assert_eq!(
            all,
            [
                "https://sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/",
                "https://login.microsoftonline.us/cab8a31a-1906-4287-a0d8-4eef66b95f6e/v2.0",
            ]
        );
    }

    #[test]
    fn a_tenant_that_is_microsofts_own_is_listed_once() {
        let named = Cloud::Public.entra_issuers(Some("d6d49420-f39b-4df7-a1dc-d59a935871db"));
        assert_eq!(named, Cloud::Public.entra_issuers(None));
    }

    #[test]
    fn no_cloud_brings_no_issuer() {
        assert!(Cloud::Custom.entra_issuers(Some("0f8fad5b-d9cb-469f-a165-70867728950e")).is_empty());
        assert_eq!(Cloud::Custom.bot_service(), None);
        assert_eq!(Cloud::Custom.entra_metadata(), None);
    }

    #[test]
    fn every_metadata_address_is_https() {
        for cloud in [Cloud::Public, Cloud::UsGov, Cloud::China] {
            for address in [cloud.bot_service().map(|bot| bot.1), cloud.entra_metadata()] {
                let url = url::Url::parse(address.expect("an address")).expect("a url");
                assert_eq!(url.scheme(), "https", "{url}");
            }
        }
    }
}
