//! What an instance can be configured with.

use std::net::SocketAddr;

use agent_desk::Secret;

use crate::authorization::SignIn;

/// How messages prove themselves beside, or instead of, whoever is signed in (Configure Message Authentication).
#[derive(Clone, Debug)]
pub enum MessageAuth {
    /// Static token: the header `token`.
    Static(Secret),
    /// Hash token: the header `x-b2b-signature`.
    Hash(Secret),
}

/// An instance.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Whether the address may be another than loopback. Whoever reaches the console is an agent.
    pub beyond_loopback: bool,
    /// "Requires authentication" of the REST resource: who may sign in; nobody has to where it is empty.
    pub sign_in: Vec<SignIn>,
    /// `Message auth` of the provider channel identity.
    pub message_auth: Option<MessageAuth>,
    /// The Connection URL of the outbound connection; an empty one is nowhere.
    pub callback_url: String,
    /// Its Attributes: at most ten headers.
    pub callback_headers: Vec<(String, Secret)>,
    /// Its Credential.
    pub callback_basic: Option<(String, Secret)>,
    /// The custom adapter property `third_party_chat`: messages have ids, and `UPDATE_MESSAGES` is valid.
    pub third_party_chat: bool,
    /// Trusted domains of `sys_cs_provider`; all where it is empty.
    pub trusted_domains: Vec<String>,
}

impl Default for Config {
    /// On loopback, next to the gateway, without any proof.
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 5020)),
            beyond_loopback: false,
            sign_in: Vec::new(),
            message_auth: None,
            callback_url: "http://127.0.0.1:5001/api/callbacks/servicenow".to_owned(),
            callback_headers: Vec::new(),
            callback_basic: None,
            third_party_chat: true,
            trusted_domains: Vec::new(),
        }
    }
}
