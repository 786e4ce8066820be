//! Secrets change while the gateway runs.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover_credentials::{Keyring, KeyringConfig, Reference, SecretError};

use crate::stand_in::{Secrets, endpoint};

#[tokio::test]
async fn a_file_that_changes_is_a_new_secret_everywhere_it_is_held() {
    let secrets = Secrets::new();
    secrets.write("token", "first\n");
    let one = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
    let other = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
    assert_eq!(one.current().expose(), b"first");
    secrets.write("token", "second\r\n");
    secrets.keyring.refresh().await;
    assert_eq!(one.current().expose(), b"second");
    assert_eq!(other.current().expose(), b"second");
}

#[tokio::test]
async fn only_one_line_break_is_taken_off() {
    let secrets = Secrets::new();
    secrets.write("token", " kept \n\n");
    let held = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
    assert_eq!(held.current().expose(), b" kept \n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_mount_of_kubernetes_that_swaps_its_links_is_seen() {
    use std::os::unix::fs::symlink;

    let secrets = Secrets::new();
    for (folder, content) in [("v1", "old"), ("v2", "new")] {
        std::fs::create_dir(secrets.path(folder)).unwrap();
        secrets.write(&format!("{folder}/token"), content);
    }
    symlink("v1", secrets.path("..data")).unwrap();
    symlink("..data/token", secrets.path("token")).unwrap();
    let held = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
    symlink("v2", secrets.path("..data_tmp")).unwrap();
    std::fs::rename(secrets.path("..data_tmp"), secrets.path("..data")).unwrap();
    secrets.keyring.refresh().await;
    assert_eq!(held.current().expose(), b"new");
}

#[tokio::test]
async fn a_file_that_vanishes_or_empties_keeps_its_last_value() {
    let secrets = Secrets::new();
    secrets.write("token", "good");
    let held = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
    secrets.write("token", "\n");
    secrets.keyring.refresh().await;
    assert_eq!(held.current().expose(), b"good");
    std::fs::remove_file(secrets.path("token")).unwrap();
    secrets.keyring.refresh().await;
    assert_eq!(held.current().expose(), b"good");
    secrets.write("token", "better");
    secrets.keyring.refresh().await;
    assert_eq!(held.current().expose(), b"better");
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_file_that_vanishes_is_warned_of_once_by_name_and_without_its_content() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    // For the whole process: tracing asks but once per place in the code whether anybody listens, and it may be a test
    // on another thread that comes there first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let secrets = Secrets::new();
    for round in 0..2 {
        secrets.write("token", format!("planted-{round}"));
        let _held = secrets.keyring.hold(&secrets.reference("token")).await.unwrap();
        secrets.keyring.refresh().await;
        std::fs::remove_file(secrets.path("token")).unwrap();
        for _ in 0..3 {
            secrets.keyring.refresh().await;
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let name = secrets.reference("token").to_string();
    let warnings = log.lines().filter(|line| line.contains("WARN") && line.contains(&name));
    assert_eq!(warnings.count(), 2, "{log}");
    assert!(!log.contains("planted"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn the_keyring_looks_by_itself() {
    let secrets = Secrets::new();
    let every = Duration::from_secs(5);
    let config = KeyringConfig { files_every: every, ..KeyringConfig::default() };
    let keyring = Keyring::new(config, endpoint());
    secrets.write("token", "first");
    let held = keyring.hold(&secrets.reference("token")).await.unwrap();
    secrets.write("token", "second");
    // Paused time leaps from timer to timer; the bound is how many looks it may take, not how long.
    for _ in 0..100 {
        if held.current().expose() == b"second" {
            return;
        }
        tokio::time::sleep(every).await;
    }
    panic!("the change was never seen");
}

#[tokio::test]
async fn what_is_not_there_is_named_at_once() {
    let secrets = Secrets::new();
    let missing = secrets.keyring.hold(&secrets.reference("missing")).await.unwrap_err();
    assert!(
        matches!(missing, SecretError::Unreadable { why: std::io::ErrorKind::NotFound, .. }),
        "{missing}"
    );
    secrets.write("empty", "\n");
    let empty = secrets.keyring.hold(&secrets.reference("empty")).await.unwrap_err();
    assert!(matches!(empty, SecretError::Empty { .. }), "{empty}");
    secrets.write("huge", vec![b'x'; 300 * 1024]);
    let huge = secrets.keyring.hold(&secrets.reference("huge")).await.unwrap_err();
    assert!(matches!(huge, SecretError::Unreadable { .. }), "{huge}");
    let unset = Reference::Env("HANDOVER_TEST_NEVER_SET".to_owned());
    let unset = secrets.keyring.hold(&unset).await.unwrap_err().to_string();
    assert!(unset.starts_with("env:HANDOVER_TEST_NEVER_SET"), "{unset}");
}

#[tokio::test]
async fn a_variable_is_read() {
    let secrets = Secrets::new();
    // Cargo sets it for every test.
    let held = secrets.keyring.hold(&"env:CARGO_PKG_NAME".parse().unwrap()).await.unwrap();
    assert_eq!(held.current().text(), Some("handover-credentials"));
}
