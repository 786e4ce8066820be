//! Microsoft's clouds: where each one hands out tokens and keeps its vaults.

use serde::Deserialize;
use url::Url;

/// A cloud of Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The one that nearly everybody uses.
    #[default]
    Public,
    /// Azure for the government of the United States (GCC High, DoD).
    UsGov,
    /// Azure in China, run by 21Vianet.
    China,
}

impl Cloud {
    /// The address in front of the tenant.
    pub fn authority(self) -> Url {
        let text = match self {
            Self::Public => "https://login.microsoftonline.com/",
            Self::UsGov => "https://login.microsoftonline.us/",
            Self::China => "https://login.partner.microsoftonline.cn/",
        };
        #[expect(clippy::unwrap_used, reason = "three constants, each read in a test")]
        text.parse().unwrap()
    }

    /// The scope of tokens for the Bot Connector: how a bot speaks to its channels.
    pub fn bot_scope(self) -> &'static str {
        match self {
            Self::Public => "https://api.botframework.com/.default",
            Self::UsGov => "https://api.botframework.us/.default",
            Self::China => "https://api.botframework.azure.cn/.default",
        }
    }

    /// The domain of key vaults.
    pub fn vault_suffix(self) -> &'static str {
        match self {
            Self::Public => "vault.azure.net",
            Self::UsGov => "vault.usgovcloudapi.net",
            Self::China => "vault.azure.cn",
        }
    }

    /// The audience with which a managed identity vouches for an app registration.
    pub fn exchange(self) -> &'static str {
        match self {
            Self::Public => "api://AzureADTokenExchange",
            Self::UsGov => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }
}
