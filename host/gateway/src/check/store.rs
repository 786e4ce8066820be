//! Whether the store can be where it is said to be. Nothing is written into it: `serve` makes its tables.

use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use url::Url;
use uuid::Uuid;

use super::report::Report;
use super::web;
use crate::config::Config;

/// How long a database may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(config: &Config, report: &mut Report) {
    report.group("Store");
    match config.store_url() {
        // It has been told with the other mistakes.
        Err(_) => report.skipped("store.url", "it is no address"),
        Ok(Some(url)) => database(&url, report).await,
        Ok(None) => folder("gateway.data", &config.gateway.data, report),
    }
}

/// Whether somebody takes connections there. The URL may hold a password: only host and port are named.
async fn database(url: &str, report: &mut Report) {
    let Ok(url) = url.parse::<Url>() else {
        report.skipped("store.url", "its host cannot be told from here; `serve` says more");
        return;
    };
    let host = url.host_str().filter(|host| !host.is_empty() && !host.contains(['%', ',', '/']));
    let Some(host) = host else {
        report.skipped("store.url", "it names a socket or several hosts; `serve` says more");
        return;
    };
    let port = url.port().unwrap_or(5432);
    let connected = tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await;
    match connected {
        Ok(Ok(_)) => report.ok(
            "store.url",
            format!("{host}:{port} takes connections; user, password and tables are tried by `serve`"),
        ),
        Ok(Err(error)) => report.failed(
            "store.url",
            format!("{host}:{port} cannot be reached: {error}"),
            web::hint(&error.to_string()).unwrap_or("check the database's host and port, and the firewall"),
        ),
        Err(_) => report.failed(
            "store.url",
            format!("{host}:{port} takes no connection within 5 s"),
            "check the database's host and port, and the firewall",
        ),
    }
}

/// Whether a file can be made there, or in the nearest folder above it that there is.
fn folder(key: &str, wanted: &Path, report: &mut Report) {
    let absolute = std::path::absolute(wanted).unwrap_or_else(|_| wanted.to_owned());
    let there = absolute.ancestors().find(|folder| folder.symlink_metadata().is_ok()).unwrap_or(&absolute);
    let probe = there.join(format!(".handover-check-{}", Uuid::now_v7()));
    let made = std::fs::File::create_new(&probe).and_then(|_| std::fs::remove_file(&probe));
    match made {
        Ok(()) => report.ok(key, format!("{} can be written", wanted.display())),
        Err(error) => report.failed(
            key,
            format!("{} cannot be written: {error}", there.display()),
            format!("let the user that runs Handover write there, or set `{key}` to another folder"),
        ),
    }
}
