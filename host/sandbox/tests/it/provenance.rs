//! Only signed components load, where the operator says so.
//!
//! Keys and signatures are made here by the crate of minisign's author, and once, as they are kept in `signed/`, by the
//! `minisign` 0.11 that Debian ships.

use std::fs;
use std::io::Cursor;
use std::sync::Arc;

use handover_sandbox::status::State;
use handover_sandbox::{Provenance, Sandbox, Signer};
use minisign::{KeyPair, SecretKeyBox};

use crate::house::{House, built, eventually, refusal, serving, shown, version};

const KEY_OF_DEBIANS: &str = include_str!("../signed/acme.pub");

struct Author {
    name: &'static str,
    keys: KeyPair,
}

impl Author {
    fn new(name: &'static str) -> Self {
        Self { name, keys: KeyPair::generate_unencrypted_keypair().unwrap() }
    }

    fn signer(&self) -> Signer {
        Signer::new(self.name, &self.keys.pk.to_box().unwrap().to_string()).unwrap()
    }

    fn sign(&self, bytes: &[u8]) -> String {
        minisign::sign(Some(&self.keys.pk), &self.keys.sk, Cursor::new(bytes), None, None)
            .unwrap()
            .into_string()
    }
}

/// A house that loads what these have signed, and nothing else.
fn strict(authors: &[&Author]) -> House {
    let mut house = House::new();
    house.provenance = Provenance {
        required: true,
        signers: authors.iter().map(|author| author.signer()).collect(),
        ..Provenance::default()
    };
    house.grant("echo", "http://127.0.0.1:1");
    house
}

fn put(house: &House, bytes: &[u8], signature: &str) {
    house.put("echo.wasm.minisig", signature.as_bytes());
    house.put("echo.wasm", bytes);
}

/// Nothing serves, for this reason.
fn refused(sandbox: &Arc<Sandbox>, why: &str) {
    let reason = refusal(sandbox, "echo").unwrap_or_else(|| panic!("not refused: {:#?}", sandbox.status()));
    assert!(reason.contains(why), "{reason}");
    assert!(sandbox.connector("echo").is_none());
}

#[tokio::test]
async fn a_signed_component_loads_and_its_signer_is_shown() {
    let acme = Author::new("acme");
    let house = strict(&[&Author::new("other"), &acme]);
    let bytes = built("echo-v1");
    put(&house, &bytes, &acme.sign(&bytes));
    let sandbox = house.open().await;
    assert_eq!(serving(&sandbox, "echo").signer(), Some("acme"));
    assert_eq!(shown(&sandbox, "echo", State::Active).unwrap().signer.as_deref(), Some("acme"));
    // The signature is no connector.
    assert_eq!(sandbox.status().len(), 1, "{:#?}", sandbox.status());
}

#[tokio::test]
async fn what_debians_minisign_signed_loads() {
    let mut house = strict(&[]);
    house.provenance.signers = vec![Signer::new("acme", KEY_OF_DEBIANS).unwrap()];
    put(&house, include_bytes!("../frozen/1.0/rust.wasm"), include_str!("../signed/rust.wasm.minisig"));
    let sandbox = house.open().await;
    assert_eq!(serving(&sandbox, "echo").signer(), Some("acme"));
}

#[tokio::test]
async fn a_signature_of_the_old_kind_is_refused_and_the_way_out_is_told() {
    let mut house = strict(&[]);
    house.provenance.signers = vec![Signer::new("acme", KEY_OF_DEBIANS).unwrap()];
    put(
        &house,
        include_bytes!("../frozen/1.0/rust.wasm"),
        include_str!("../signed/rust.wasm.legacy.minisig"),
    );
    refused(&house.open().await, "has a signature of the old kind: with minisign 0.10 or later");
}

#[tokio::test]
async fn an_unsigned_component_is_refused_and_told_how_to_sign_it() {
    let house = strict(&[&Author::new("acme")]);
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    refused(
        &sandbox,
        "is not signed, and only what is signed by acme loads here: sign it with `minisign -S -m echo.wasm` and put \
         echo.wasm.minisig beside it",
    );
    assert_eq!(shown(&sandbox, "echo", State::Rejected).unwrap().signer, None);
}

#[tokio::test]
async fn one_byte_changed_anywhere_is_refused() {
    let acme = Author::new("acme");
    let house = strict(&[&acme]);
    let bytes = built("echo-v1");
    let signature = acme.sign(&bytes);
    let sandbox = {
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        put(&house, &changed, &signature);
        house.open().await
    };
    refused(&sandbox, "is not what acme signed");
    drop(sandbox);
    // Nor one that a section was added to, which would still be a component.
    let added = [&bytes[..], &[0, 2, 1, b'x']].concat();
    put(&house, &added, &signature);
    refused(&house.open().await, "is not what acme signed");
    // Nor what is said of it in the signature itself, such as the file's name.
    put(&house, &bytes, &signature.replace("timestamp:", "timestamp:9"));
    refused(&house.open().await, "is not what acme signed");
}

#[tokio::test]
async fn what_a_stranger_signed_is_refused() {
    let (acme, stranger) = (Author::new("acme"), Author::new("stranger"));
    let house = strict(&[&acme]);
    let bytes = built("echo-v1");
    put(&house, &bytes, &stranger.sign(&bytes));
    refused(&house.open().await, "is signed with a key that nobody listed here has; let one of acme sign it");
}

#[tokio::test]
async fn what_is_no_signature_is_refused() {
    let house = strict(&[&Author::new("acme")]);
    for text in ["", "signed, honestly", "untrusted comment: a\nRUS7\ntrusted comment: b\nAAAA\n"] {
        put(&house, &built("echo-v1"), text);
        refused(&house.open().await, "has a signature, echo.wasm.minisig, that is none of minisign's");
    }
}

#[tokio::test]
async fn where_nothing_is_demanded_everything_loads_and_shows_its_signer_or_none() {
    let acme = Author::new("acme");
    let mut house = strict(&[&acme]);
    house.provenance.required = false;
    let bytes = built("echo-v1");
    house.grant("plain", "http://127.0.0.1:1");
    house.put("plain.wasm", &bytes);
    put(&house, &bytes, &acme.sign(&bytes));
    house.grant("odd", "http://127.0.0.1:1");
    house.put("odd.wasm", &bytes);
    house.put("odd.wasm.minisig", acme.sign(b"something else").as_bytes());
    let sandbox = house.open().await;
    let signers = ["echo", "plain", "odd"].map(|name| serving(&sandbox, name).signer().map(str::to_owned));
    assert_eq!(signers, [Some("acme".to_owned()), None, None]);
}

#[tokio::test]
async fn one_connector_can_demand_a_signer_of_its_own() {
    let (acme, other) = (Author::new("acme"), Author::new("other"));
    let mut house = strict(&[&acme, &other]);
    house.provenance.required = false;
    house.provenance.signed_by.insert("echo".to_owned(), vec!["acme".to_owned()]);
    house.grant("free", "http://127.0.0.1:1");
    let bytes = built("echo-v1");
    house.put("free.wasm", &bytes);
    put(&house, &bytes, &other.sign(&bytes));
    let sandbox = house.open().await;
    refused(&sandbox, "is signed by other; this connector loads what is signed by acme");
    assert_eq!(serving(&sandbox, "free").signer(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_is_looked_at_again_when_its_signature_comes_and_until_then_the_last_good_one_serves() {
    let acme = Author::new("acme");
    let house = strict(&[&acme]);
    let (old, new) = (built("echo-v1"), built("echo-v2"));
    put(&house, &old, &acme.sign(&old));
    let sandbox = house.open().await;
    house.put("echo.wasm", &new);
    eventually(&sandbox, "the new build is refused under the old signature", || {
        refusal(&sandbox, "echo").is_some_and(|reason| reason.contains("is not what acme signed"))
    })
    .await;
    assert_eq!(version(&sandbox, "echo").as_deref(), Some("1.0.0"));
    house.put("echo.wasm.minisig", acme.sign(&new).as_bytes());
    eventually(&sandbox, "the new build serves", || version(&sandbox, "echo").as_deref() == Some("2.0.0"))
        .await;
    assert_eq!(refusal(&sandbox, "echo"), None);
    // Unsigned again, it is refused, and what was signed goes on serving.
    fs::remove_file(house.file("echo.wasm.minisig")).unwrap();
    eventually(&sandbox, "it is refused", || refusal(&sandbox, "echo").is_some()).await;
    assert_eq!(serving(&sandbox, "echo").signer(), Some("acme"));
}

#[tokio::test]
async fn the_last_good_build_serves_after_a_restart_by_the_signature_that_was_kept_with_it() {
    let acme = Author::new("acme");
    let house = strict(&[&acme]);
    let bytes = built("echo-v1");
    put(&house, &bytes, &acme.sign(&bytes));
    drop(house.open().await);
    house.put("echo.wasm", &built("echo-v2"));
    let sandbox = house.open().await;
    assert_eq!(version(&sandbox, "echo").as_deref(), Some("1.0.0"));
    assert_eq!(serving(&sandbox, "echo").signer(), Some("acme"));
    assert!(refusal(&sandbox, "echo").unwrap().contains("is not what acme signed"));
}

#[tokio::test]
async fn once_a_key_is_no_longer_trusted_neither_the_file_nor_the_last_good_build_serves() {
    let acme = Author::new("acme");
    let mut house = strict(&[&acme]);
    let bytes = built("echo-v1");
    put(&house, &bytes, &acme.sign(&bytes));
    drop(house.open().await);
    house.provenance.signers = vec![Author::new("other").signer()];
    refused(&house.open().await, "is signed with a key that nobody listed here has");
    // Nor where the file is gone.
    fs::remove_file(house.file("echo.wasm")).unwrap();
    refused(&house.open().await, "is signed with a key that nobody listed here has");
}

#[test]
fn a_secret_key_is_not_taken_for_a_public_one() {
    let acme = Author::new("acme");
    let secret: SecretKeyBox = acme.keys.sk.to_box(None).unwrap();
    assert!(Signer::new("acme", &secret.to_string()).is_err());
    assert!(Signer::new("acme", "").is_err());
}
