//! State of an older schema: a version that can make it its own does so, and to one that cannot it is not given.

use std::sync::Arc;

use handover_handoff::outcome::{Outcome, Update};
use handover_handoff::vendor::StartRequest;
use handover_handoff::{Session, SessionId};
use handover_sandbox::status::State;
use handover_sandbox::{CallError, Generation, Sandbox};
use uuid::Uuid;

use crate::house::{House, built, eventually, serving, shown, version};
use crate::people::{NOW, delivery, message, session};

const NAME: &str = "remembers";

/// A session that version 1 has begun.
fn begun(state: &str) -> Session {
    let mut session = session();
    session.connector = NAME.to_owned();
    session.vendor.state = state.to_owned();
    session.vendor.schema = Some(1);
    session
}

fn house(guest: &str) -> House {
    let mut house = House::new();
    house.grant(NAME, "http://127.0.0.1:1");
    house.put(&format!("{NAME}.wasm"), &built(guest));
    house
}

async fn swap(house: &House, sandbox: &Sandbox, guest: &str, number: &str) {
    house.put(&format!("{NAME}.wasm"), &built(guest));
    eventually(sandbox, number, || version(sandbox, NAME).as_deref() == Some(number)).await;
}

async fn send(connector: &Generation, session: &Session, text: &str) -> Result<Update, CallError> {
    match connector.send(session, delivery(), &message(text), 1, NOW).await? {
        Outcome::Done(update) => Ok(update),
        other => panic!("{other:?}"),
    }
}

fn left(state: &str, schema: u32) -> Update {
    Update { state: Some(state.to_owned()), tokens: None, schema: Some(schema) }
}

/// The version that goes on with a session.
async fn reader(sandbox: &Sandbox, session: &Session) -> Arc<Generation> {
    sandbox.connector_of(session).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_is_migrated_before_the_first_call_and_kept_with_its_outcome() {
    let house = house("remembers-v1");
    let sandbox = house.open().await;
    let one = serving(&sandbox, NAME);
    let Outcome::Started { update, .. } =
        one.start(&session(), &StartRequest::default(), 1, NOW).await.unwrap()
    else {
        panic!("it begins")
    };
    assert_eq!(update, left("1: begun", 1));
    drop(one);
    swap(&house, &sandbox, "remembers-v2", "2.0.0").await;
    let old = begun("1: begun");
    let two = reader(&sandbox, &old).await;
    assert_eq!(two.description().version, "2.0.0");
    assert_eq!(send(&two, &old, "hi").await.unwrap(), left("2: once begun, hi", 2));
    // Where the call itself leaves nothing, too.
    assert_eq!(send(&two, &old, "forget it").await.unwrap(), left("2: once begun", 2));
    // What is migrated is not migrated again.
    let mut new = begun("2: once begun");
    new.vendor.schema = Some(2);
    assert_eq!(send(&two, &new, "again").await.unwrap(), left("2: once begun, again", 2));
    // Where the call fails nothing is left behind, and the next one begins with the old state.
    assert!(send(&two, &old, "refuse").await.is_err());
    let illegible = send(&two, &begun("1: illegible"), "hi").await.unwrap_err();
    assert!(illegible.to_string().contains("1: illegible"), "{illegible}");
    eventually(&sandbox, "no session needs the version before", || {
        shown(&sandbox, NAME, State::Draining).is_none()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_migration_old_sessions_stay_with_the_old_version() {
    let house = house("remembers-v1");
    let sandbox = house.open().await;
    swap(&house, &sandbox, "remembers-v2-alone", "2.0.0").await;
    stays(&sandbox).await;
    // A restart changes nothing of that.
    drop(sandbox);
    let sandbox = house.open().await;
    stays(&sandbox).await;
    // Until a version comes that reads it.
    swap_to_one_that_migrates(&house, &sandbox).await;
}

async fn stays(sandbox: &Sandbox) {
    let old = begun("1: begun");
    let one = reader(sandbox, &old).await;
    assert_eq!(one.description().version, "1.0.0");
    assert_eq!(send(&one, &old, "hi").await.unwrap(), left("1: begun, hi", 1));
    let new = session();
    assert_eq!(serving(sandbox, NAME).description().version, "2.0.0");
    let new = Session { connector: NAME.to_owned(), ..new };
    assert_eq!(reader(sandbox, &new).await.description().version, "2.0.0", "new ones go to the new one");
    let line = shown(sandbox, NAME, State::Draining).unwrap();
    assert_eq!(line.version.as_deref(), Some("1.0.0"));
    assert!(line.reason.unwrap().contains("cannot read their state"));
}

async fn swap_to_one_that_migrates(house: &House, sandbox: &Sandbox) {
    let digest = serving(sandbox, NAME).digest().to_owned();
    house.put(&format!("{NAME}.wasm"), &built("remembers-v2"));
    eventually(sandbox, "the next version", || serving(sandbox, NAME).digest() != digest).await;
    let old = begun("1: begun");
    assert_eq!(send(&*reader(sandbox, &old).await, &old, "hi").await.unwrap(), left("2: once begun, hi", 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_while_the_gateway_is_down_leaves_old_sessions_their_version() {
    let house = house("remembers-v1");
    drop(house.open().await);
    house.put(&format!("{NAME}.wasm"), &built("remembers-v2-alone"));
    let sandbox = house.open().await;
    stays(&sandbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_gone_back_to_does_not_read_what_the_newer_one_wrote() {
    let house = house("remembers-v2");
    let sandbox = house.open().await;
    swap(&house, &sandbox, "remembers-v1", "1.0.0").await;
    let mut new = begun("2: begun");
    new.vendor.schema = Some(2);
    assert_eq!(send(&*reader(&sandbox, &new).await, &new, "hi").await.unwrap(), left("2: begun, hi", 2));
    // Where that version is not there, the one that serves says what is wrong.
    let refused = send(&serving(&sandbox, NAME), &new, "hi").await.unwrap_err();
    assert!(refused.to_string().contains("schema 2"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_state_cannot_be_migrated_stays_with_the_version_before() {
    let house = house("remembers-v1");
    let sandbox = house.open().await;
    swap(&house, &sandbox, "remembers-v2", "2.0.0").await;
    is_kept_back(&sandbox).await;
    let line = shown(&sandbox, NAME, State::Draining).unwrap();
    assert_eq!(line.version.as_deref(), Some("1.0.0"));
    assert!(line.reason.unwrap().contains("failed to migrate"));
    // After a restart too.
    drop(sandbox);
    is_kept_back(&*house.open().await).await;
}

async fn is_kept_back(sandbox: &Sandbox) {
    let illegible = begun("1: illegible");
    for _ in 0..2 {
        let one = reader(sandbox, &illegible).await;
        assert_eq!(one.description().version, "1.0.0");
        assert_eq!(send(&one, &illegible, "hi").await.unwrap(), left("1: illegible, hi", 1));
    }
    // Others go on.
    let mut other = begun("1: begun");
    other.id = SessionId(Uuid::from_u128(77));
    let two = reader(sandbox, &other).await;
    assert_eq!(send(&two, &other, "hi").await.unwrap(), left("2: once begun, hi", 2));
}
