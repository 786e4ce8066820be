//! Hostile components: each of their calls fails in bounded time and in its own words, and nobody else notices.

mod callbacks;
mod chats;

/// Grants a connector its one upstream.
fn granted(name: &str, upstream: &str) -> String {
    format!("[connectors.{name}.upstreams.api]\nbase_url = \"{upstream}\"\n\n")
}
