//! The contract on SQLite with sealed records, and what a file owes besides: nothing in the clear, keys that are held
//! against it, and values that are read in their own place only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use handover_handoff::delivery::Direction::ToVendor;
use handover_store::{Keys, SqliteStore, Store, StoreError};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::premises::{NOW, Premises, becomes, claimed, commit, put, session, stored};
use crate::sealing::{
    SECRETS, assert_altered, assert_the_others_are_listed, bury, counts, found, keep, key, keys, plant,
    plant_failures, reseal_all, show,
};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn with(&self, keys: Keys) -> Result<SqliteStore, StoreError> {
        SqliteStore::open_sealed(&self.path(), keys)
    }

    /// All bytes of all files.
    fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// Does what another program could, while no store has the file.
    fn execute(&self, sql: &str, values: impl rusqlite::Params) {
        let changed =
            Connection::open(self.path().join("handover.db")).unwrap().execute(sql, values).unwrap();
        assert!(changed > 0, "{sql}");
    }
}

impl Premises for Folder {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.with(keys(&["one"])).unwrap())
    }

    fn beside(&self) -> Option<Arc<dyn Store>> {
        None
    }
}

crate::contract!(Folder::new());

#[tokio::test]
async fn nothing_of_what_was_said_stands_in_any_file() {
    for sealed in [false, true] {
        let folder = Folder::new();
        let open =
            || if sealed { folder.open() } else { Arc::new(SqliteStore::open(&folder.path()).unwrap()) };
        let store = open();
        let (_, deliveries) = plant(&*store, 1).await;
        plant_failures(&*store, &deliveries).await;
        let wanted: &[&str] = if sealed { &[] } else { &SECRETS };
        assert_eq!(found(&folder.bytes()), wanted, "while it is open, with its log");
        let shown = show(&*store).await;
        drop(store);
        assert_eq!(found(&folder.bytes()), wanted, "when it is closed");
        assert_eq!(show(&*open()).await, shown);
    }
}

#[tokio::test]
async fn what_was_in_the_clear_is_read_and_sealed_when_it_is_written_again() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.path()).unwrap();
    let (session, deliveries) = plant(&store, 1).await;
    plant_failures(&store, &deliveries).await;
    let shown = show(&store).await;
    drop(store);

    let store = folder.open();
    assert_eq!(show(&*store).await, shown);
    assert_eq!(counts(&*store).await, [(String::new(), 5)]);
    commit(&*store, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(counts(&*store).await, [(String::new(), 4), ("one".to_owned(), 1)]);
    assert_eq!(reseal_all(&*store).await, 4);
    assert_eq!(counts(&*store).await, [("one".to_owned(), 5)]);
    assert_eq!(show(&*store).await, shown);
    assert!(found(&folder.bytes()).is_empty(), "{:?}", found(&folder.bytes()));
}

#[tokio::test]
async fn a_key_is_changed_and_the_old_one_taken_away() {
    let folder = Folder::new();
    let store = folder.open();
    let (session, deliveries) = plant(&*store, 1).await;
    plant(&*store, 2).await;
    plant_failures(&*store, &deliveries).await;
    let shown = show(&*store).await;
    drop(store);

    let store = folder.with(keys(&["second", "one"])).unwrap();
    assert_eq!(show(&store).await, shown);
    commit(&store, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(counts(&store).await, [("one".to_owned(), 8), ("second".to_owned(), 1)]);
    assert_eq!(reseal_all(&store).await, 8);
    assert_eq!(counts(&store).await, [("second".to_owned(), 9)]);
    drop(store);

    let store = folder.with(keys(&["second"])).unwrap();
    assert_eq!(show(&store).await, shown);
    assert_eq!(store.reseal(100).await.unwrap(), 0);
}

#[tokio::test]
async fn keys_that_are_missing_are_all_named_and_nothing_is_changed() {
    let folder = Folder::new();
    plant(&*folder.open(), 1).await;
    let store = folder.with(keys(&["second", "one"])).unwrap();
    plant(&store, 2).await;
    let shown = show(&store).await;
    drop(store);
    for (with, missing) in [
        (Keys::default(), vec!["one", "second"]),
        (keys(&["third"]), vec!["one", "second"]),
        (keys(&["third", "one"]), vec!["second"]),
    ] {
        let refused = folder.with(with).err().unwrap();
        assert!(matches!(&refused, StoreError::KeysMissing { keys, .. } if *keys == missing), "{refused}");
        assert!(missing.iter().all(|key| refused.to_string().contains(&format!("`{key}`"))), "{refused}");
    }
    assert_eq!(show(&folder.with(keys(&["one", "second"])).unwrap()).await, shown);
}

#[tokio::test]
async fn another_key_under_the_same_id_is_refused() {
    let folder = Folder::new();
    plant(&*folder.open(), 1).await;
    let other = || key("one", 77);
    for keys in [Keys::new(other(), []), Keys::new(key("second", 2), [other()]), Keys::to_read([other()])] {
        let refused = folder.with(keys.unwrap()).err().unwrap();
        assert!(matches!(&refused, StoreError::KeyWrong { key, .. } if key == "one"), "{refused}");
    }
    drop(folder.open());
}

#[tokio::test]
async fn sealing_can_be_given_up() {
    let folder = Folder::new();
    let (session, _) = plant(&*folder.open(), 1).await;
    let store = folder.with(Keys::to_read([key("one", 3)]).unwrap()).unwrap();
    assert_eq!(stored(&store, &session).await, Some(session.clone()));
    commit(&store, becomes(&session, Vec::new())).await.unwrap();
    assert_eq!(counts(&store).await, [("one".to_owned(), 3)], "the deliveries");
    assert_eq!(store.reseal(100).await.unwrap(), 0);
}

#[tokio::test]
async fn rows_that_are_exchanged_are_refused() {
    let folder = Folder::new();
    let store = folder.open();
    let [one, two, three] = [1, 2, 3].map(|n| session(n, "").id);
    for n in 1..=3 {
        put(&*store, n, &[(ToVendor, 2)]).await;
    }
    drop(store);
    // The document of another session, and the next delivery of the same lane.
    let document =
        "UPDATE sessions SET document = (SELECT document FROM sessions WHERE id = ?2) WHERE id = ?1";
    folder.execute(document, params![one.to_string(), two.to_string()]);
    let parcel =
        "UPDATE deliveries SET parcel = (SELECT parcel FROM deliveries WHERE session = ?1 AND seq = 2)
                  WHERE session = ?1 AND seq = 1";
    folder.execute(parcel, [two.to_string()]);

    let store = folder.open();
    let claimed: Vec<_> = claimed(&*store, NOW).await.into_iter().map(|d| d.session).collect();
    assert_eq!(claimed, [three]);
    assert_altered(&*store, one, "one").await;
    assert!(store.session(two).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_altered_or_cut_off_takes_nothing_else_down() {
    let folder = Folder::new();
    let store = folder.open();
    for n in 1..=3 {
        plant(&*store, n).await;
    }
    for n in 1..=3 {
        keep(&*store, &format!("request {n}")).await;
    }
    drop(store);
    let [one, two, three] = [1, 2, 3].map(|n| session(n, "").id);
    let cut = "UPDATE sessions SET document = substr(document, 1, length(document) - 1) WHERE id = ?1";
    folder.execute(cut, [one.to_string()]);
    let altered = "UPDATE sessions SET document = CAST(document || x'00' AS BLOB) WHERE id = ?1";
    folder.execute(altered, [two.to_string()]);
    folder.execute("UPDATE callbacks SET request = substr(request, 1, 40) WHERE id = 2", []);

    // The values are of a key that is to be taken away.
    let store = folder.with(keys(&["second", "one"])).unwrap();
    assert_altered(&store, one, "one").await;
    assert_altered(&store, two, "one").await;
    assert!(claimed(&store, NOW).await.iter().all(|delivery| delivery.session == three));
    let of_ann: Vec<_> = store.of_customer("ann", true).await.unwrap().iter().map(|s| s.id).collect();
    assert_eq!(of_ann, [three]);
    let kept = store.kept("contoso", "version 2", 0, 2).await.unwrap();
    let requests: Vec<_> = kept.into_iter().map(|kept| kept.callback.request).collect();
    assert_eq!(requests, [b"request 1", b"request 3"]);
    assert_eq!(reseal_all(&store).await, 9 + 1 + 2);
    assert_eq!(counts(&store).await, [("one".to_owned(), 3), ("second".to_owned(), 12)]);
    assert_altered(&store, one, "one").await;
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_read_hides_no_other() {
    let folder = Folder::new();
    bury(&*folder.open(), 3).await;
    let altered = "UPDATE deliveries SET parcel = substr(parcel, 1, 50) WHERE session = ?1";
    folder.execute(altered, [session(1, "").id.to_string()]);
    assert_the_others_are_listed(&*folder.open()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_its_owners() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.path()).unwrap();
    plant(&store, 1).await;
    assert_eq!(mode(&folder.path()), 0o700);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 2, "the log is beside it: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
