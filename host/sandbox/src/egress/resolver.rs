//! Resolves a name once for each new connection, and lets the connection go only to addresses that were looked at.
//!
//! The client connects to what comes out of here and asks nobody else: what was checked is what is connected to, also
//! where the name means something else a moment later (DNS rebinding). A connection that is used again goes where it
//! went before. An address in the place of a name never comes here; [`route`](super::route) looks at those.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::addresses::refused;

/// The addresses of a name, or why there are none.
pub type Addresses = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub trait Resolver: Send + Sync {
    /// All addresses of `name`, as they are now. Each is looked at before anything connects to it.
    fn resolve(&self, name: &str) -> Addresses;
}

/// Asks the machine that the gateway runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: &str) -> Addresses {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Stands before a resolver and lets through what may be connected to.
pub(super) struct Guard {
    pub(super) resolver: Arc<dyn Resolver>,
    /// The operator's leave for the own network.
    pub(super) inside: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, inside) = (self.resolver.resolve(name.as_str()), self.inside);
        Box::pin(async move { allowed(name.as_str(), found.await?, inside) })
    }
}

type Refusal = Box<dyn std::error::Error + Send + Sync>;

fn allowed(name: &str, found: Vec<IpAddr>, inside: bool) -> Result<Addrs, Refusal> {
    let mut why = None;
    let allowed: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| match refused(*address, inside) {
            Some(purpose) => {
                why = Some(purpose);
                false
            }
            None => true,
        })
        // The client puts in the port of the request.
        .map(|address| SocketAddr::new(address, 0))
        .collect();
    match (allowed.is_empty(), why) {
        (false, _) => Ok(Box::new(allowed.into_iter())),
        (true, Some(purpose)) => Err(format!("{name} has no public address, but one for {purpose}").into()),
        (true, None) => Err(format!("{name} has no address").into()),
    }
}
