//! How the contract grows: 1.1 adds one interface, `trial`, that nobody has to export. Components of 1.0 go on as they
//! are, and may take up the new interface alone.

use std::fs;
use std::path::{Path, PathBuf};

use handover_handoff::delivery::FailureReason;
use handover_sandbox::Limits;

use crate::contoso::{callbacks, conversation};
use crate::contract::{Contract, broken};
use crate::frozen::{component, frozen};
use crate::house::{House, serving};
use crate::people::NOW;
use crate::vendor::Vendor;

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

#[test]
fn the_contract_1_1_holds_all_of_1_0_unchanged() {
    let broken = broken(&Contract::of(&frozen().join("wit")), &Contract::of(&wit().join("1.1")));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The documentation of what both have is the same, too: one of the two would be out of date.
#[test]
fn what_both_versions_have_is_told_in_the_same_words() {
    for file in ["connector.wit", "host.wit", "optional.wit", "types.wit"] {
        let read = |folder: PathBuf| fs::read_to_string(folder.join(file)).unwrap();
        let as_1_1 = read(wit()).replace("connector@1.0.0", "connector@1.1.0");
        assert!(as_1_1 == read(wit().join("1.1")), "wit/{file} and wit/1.1/{file} say different things");
    }
}

/// What tools of 1.1 make differs in the names that it imports and exports.
#[tokio::test]
async fn a_component_that_is_all_of_1_1_serves_as_one_of_1_0() {
    for name in ["sdk", "rust", "c"] {
        println!("{name}");
        let newer = of_1_1(&component(name));
        conversation(&newer).await;
        callbacks(&newer).await;
    }
}

fn of_1_1(bytes: &[u8]) -> Vec<u8> {
    let (from, to) = (b"@1.0.0", b"@1.1.0");
    let mut bytes = bytes.to_vec();
    let mut renamed = 0;
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            renamed += 1;
        }
    }
    assert!(renamed > 5, "{renamed}");
    bytes
}

#[tokio::test]
async fn a_connector_of_1_0_with_the_new_interface_tries_its_own_setup() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, connector) = House::with("tries-itself", &vendor.base, Limits::default()).await;
    assert!(connector.description().capabilities.trial);
    let findings = connector.try_out(NOW).await.unwrap().unwrap();
    assert_eq!(vendor.asked()[0].path, "/below/whoami");
    let [answers, queue] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((answers.subject.as_str(), &answers.failure), ("the address answers", &None));
    let failure = queue.failure.as_ref().unwrap();
    assert_eq!((queue.subject.as_str(), failure.detail.as_str()), ("the queue exists", "there is none"));
    assert_eq!(failure.reason, FailureReason::Rejected);
}

#[tokio::test]
async fn what_does_not_answer_is_found_by_trying() {
    let mut house = House::new();
    house.drop_in("tries-itself", "http://127.0.0.1:1", Limits::default());
    let sandbox = house.open().await;
    let findings = serving(&sandbox, "tries-itself").try_out(NOW).await.unwrap().unwrap();
    assert_eq!(findings[0].failure.as_ref().unwrap().reason, FailureReason::Unavailable);
}

#[tokio::test]
async fn who_cannot_try_says_so() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, echo) = House::with("echo-v1", &vendor.base, Limits::default()).await;
    assert!(!echo.description().capabilities.trial);
    assert_eq!(echo.try_out(NOW).await, Ok(None));
    assert!(vendor.asked().is_empty());
}
