//! The way to the database: its URL, TLS, and the pool of connections.
//!
//! The driver is tokio-postgres: it sends statements without waiting for the answer to the one before, which makes
//! a transaction two round trips where a driver that waits needs eight, and it hands out notifications. sqlx does
//! neither on one connection, and brings macros, a second pool and two more databases. The pool is deadpool: small,
//! keeps prepared statements by connection, and replaces connections that have broken.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::fault::Rows;
use crate::StoreError;

/// The schema that holds the tables where the URL names none.
const SCHEMA: &str = "handover";

/// How long the way to the database may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an operation waits for a connection.
const WAIT: Duration = Duration::from_secs(5);

/// What each connection begins with; what the URL's own options say comes after and wins.
///
/// Every statement is written to be answered by an index, whatever the planner believes about tables that grew a
/// moment ago, and planning each time would cost more than most statements. A node that is cut off in the midst of
/// a transaction must not keep its locks.
const SETTINGS: &str = "-c statement_timeout=10s -c idle_in_transaction_session_timeout=15s \
    -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off";

/// Where a database is, and how it is reached.
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
    /// For people: without the password.
    pub(super) place: String,
}

impl Way {
    /// Reads a URL as libpq does. Certificates are verified whenever TLS is used: `verify-ca` and `verify-full` mean
    /// the same as `require`, and `sslrootcert` names a file of further roots.
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        let refused = |reason: String| StoreError::Database { place: "PostgreSQL".to_owned(), reason };
        let (url, roots) = tls_of(url);
        // What is wrong with it is not repeated: it may be a piece of the password.
        let form = "its URL cannot be read: postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require";
        let mut config = Config::from_str(&url).map_err(|_| refused(form.to_owned()))?;
        let place = place(&config);
        let refused = |reason: String| StoreError::Database { place: place.clone(), reason };
        let own = config.get_options().unwrap_or_default().to_owned();
        let path =
            if own.contains("search_path") { String::new() } else { format!(" -c search_path={SCHEMA}") };
        config.options(format!("{SETTINGS}{path} {own}"));
        if config.get_application_name().is_none() {
            config.application_name("handover");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(15));
        }
        config.keepalives_idle(config.get_keepalives_idle().min(Duration::from_secs(30)));
        if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            // Of several, the one that takes writes.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let tls = MakeRustlsConnect::new(trust(&config, roots).map_err(refused)?);
        Ok(Self { config, tls, place })
    }

    /// A pool of so many connections; none is opened yet.
    pub(super) fn pool(&self, connections: usize) -> Result<Pool, StoreError> {
        // Whether a connection is closed is known without asking: its end is read in the background.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(2 * CONNECT))
            .recycle_timeout(Some(CONNECT))
            .build()
            .map_err(|e| StoreError::Database { place: self.place.clone(), reason: e.to_string() })
    }
}

/// Takes out of a URL what tokio-postgres does not know: the stricter modes, and the file of roots.
fn tls_of(url: &str) -> (String, Option<PathBuf>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut roots = None;
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(pair),
        }
    }
    let query = kept.join("&");
    (if query.is_empty() { base.to_owned() } else { format!("{base}?{query}") }, roots)
}

fn trust(config: &Config, file: Option<PathBuf>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if config.get_ssl_mode() != SslMode::Disable {
        // What cannot be read of the system's is missing where it is needed, and the handshake says so.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Some(file) = file {
        let unreadable = |e: &dyn std::fmt::Display| format!("sslrootcert {}: {e}", file.display());
        for root in CertificateDer::pem_file_iter(&file).map_err(|e| unreadable(&e))? {
            roots.add(root.map_err(|e| unreadable(&e))?).map_err(|e| unreadable(&e))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(|e| e.to_string())?.with_root_certificates(roots).with_no_client_auth())
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(n, host)| {
        let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts: Vec<_> = hosts.collect();
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let name = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{user}{}/{name}", hosts.join(","))
}

/// A connection for one operation. It goes back to the pool where the operation came to its end; where it was given
/// up in the midst of a transaction, or nobody knows, it is closed.
pub(super) struct Connection(Option<deadpool_postgres::Client>);

impl Connection {
    pub(super) async fn of(pool: &Pool) -> Rows<Self> {
        Ok(Self(Some(pool.get().await?)))
    }

    /// Ends the operation with what it came to.
    pub(super) async fn end<T>(mut self, outcome: Rows<T>) -> Rows<T> {
        if let Some(client) = &self.0
            && (outcome.is_ok() || super::pipeline::undo(client).await.is_ok())
        {
            // Given back by its own drop.
            drop(self.0.take());
        }
        outcome
    }
}

impl std::ops::Deref for Connection {
    type Target = deadpool_postgres::Client;

    #[expect(clippy::expect_used, reason = "it is there until the end, which takes all of this")]
    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect("a connection")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(deadpool_postgres::Object::take(client));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Way, tls_of};

    #[test]
    fn a_place_shows_no_password() {
        let way = Way::read("postgres://me:hunter2@db.example:6543/chats?sslmode=verify-full").ok();
        assert_eq!(way.map(|way| way.place).as_deref(), Some("postgres://me@db.example:6543/chats"));
        for wrong in
            ["postgres://me:hunter2@db.example:port/chats", "postgres://me:hunter2@db/chats?hunter=2"]
        {
            let refused = Way::read(wrong).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(refused.contains("its URL cannot be read") && !refused.contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn stricter_modes_and_roots_are_understood() {
        let (url, roots) = tls_of("postgres://db/x?sslrootcert=/etc/ca.pem&sslmode=verify-ca&user=me");
        assert_eq!(url, "postgres://db/x?sslmode=require&user=me");
        assert_eq!(roots.as_deref(), Some(std::path::Path::new("/etc/ca.pem")));
    }

    #[test]
    fn the_urls_own_options_win() {
        let way = Way::read("postgres://db/x?options=-c%20search_path%3Dother").ok();
        let options = way.and_then(|way| way.config.get_options().map(str::to_owned)).unwrap_or_default();
        assert!(options.ends_with(" -c search_path=other") && !options.contains("handover"), "{options}");
    }
}
