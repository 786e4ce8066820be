//! What can only wait for the customer's next turn is taken by that turn, in order and for good.

use std::slice::from_ref;

use handover_handoff::address::{Action, ActionRef, Route};
use handover_handoff::delivery::Direction::{ToCustomer, ToVendor};
use handover_handoff::delivery::{ActionResult, Delivery, Parcel, Receipt, ResultCode};
use handover_handoff::session::Control;
use handover_handoff::vendor::{AgentMessage, Participant, TextFormat};
use handover_handoff::{Decision, Session, Timestamp};

use crate::premises::{NOW, Premises, at, becomes, claim, claimed, commit, post, session, stored};

const HELD: Timestamp = Timestamp::NEVER;

fn held_session() -> Session {
    let mut session = session(1, "one");
    session.address.to_customer = Route::Held;
    session
}

pub async fn what_is_held_is_taken_and_never_claimed(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = held_session();
    let held = vec![post(&mut session, ToCustomer, HELD), post(&mut session, ToCustomer, HELD)];
    commit(&*store, becomes(&session, held.clone())).await.unwrap();
    let due = claim(&*store, Timestamp(HELD.0 - 1)).await;
    assert!(due.claims.is_empty());
    assert_eq!(due.next, None);
    assert_eq!(store.take_held(session.id, NOW).await.unwrap(), held);
    assert!(store.take_held(session.id, NOW).await.unwrap().is_empty());
    drop(store);
    assert!(premises.open().take_held(session.id, NOW).await.unwrap().is_empty(), "for good");
}

pub async fn what_is_taken_has_arrived(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = held_session();
    session.control = Control::Returning { further: 0 };
    let to = ActionRef { action: Action::SendMessage, activity: None };
    let result = ActionResult { to, code: ResultCode::CompletedSuccessfully, started: None };
    let message = AgentMessage {
        id: Some("m-1".to_owned()),
        author: Participant::default(),
        text: "hello".to_owned(),
        format: TextFormat::Plain,
        attachments: Vec::new(),
        reply_to: None,
    };
    let parcels = [Parcel::AgentMessage(message), Parcel::ActionResult(result)];
    let held = parcels.map(|parcel| Delivery { parcel, ..post(&mut session, ToCustomer, HELD) });
    let decision = Decision { wake: Some(at(50)), ..becomes(&session, held.to_vec()) };
    commit(&*store, decision).await.unwrap();

    assert_eq!(store.take_held(session.id, NOW).await.unwrap(), held);
    let session = stored(&*store, &session).await.unwrap();
    assert_eq!(session.control, Control::Bot, "control has returned with the response");
    let due = claim(&*store, at(50)).await;
    let receipt = Parcel::Receipt { message: "m-1".to_owned(), receipt: Receipt::Delivered };
    assert_eq!(due.claims[0].delivery.parcel, receipt);
    assert_eq!(due.timers, [session.id], "the timer is as it was");
}

pub async fn what_waits_behind_it_goes_on(premises: &dyn Premises) {
    let store = premises.open();
    let mut session = held_session();
    let held = post(&mut session, ToCustomer, HELD);
    let pushed = post(&mut session, ToCustomer, at(5));
    commit(&*store, becomes(&session, vec![held.clone(), pushed.clone()])).await.unwrap();
    assert!(claimed(&*store, at(5)).await.is_empty(), "it waits for the one before it");
    assert_eq!(store.take_held(session.id, NOW).await.unwrap(), [held]);
    assert_eq!(claim(&*store, NOW).await.next, Some(at(5)));
    assert_eq!(claimed(&*store, at(5)).await, [pushed]);
}

pub async fn what_was_held_goes_out_once_there_is_a_way(premises: &dyn Premises) {
    let store = premises.open();
    let mut held_before = held_session();
    let held = post(&mut held_before, ToCustomer, HELD);
    let later = post(&mut held_before, ToVendor, at(9));
    commit(&*store, becomes(&held_before, vec![held.clone(), later])).await.unwrap();
    let mut reachable = Session { address: session(1, "one").address, ..held_before };
    let more = post(&mut reachable, ToCustomer, NOW);
    let released = Decision { released: Some(at(70)), ..becomes(&reachable, vec![more.clone()]) };
    commit(&*store, released).await.unwrap();
    let head = claimed(&*store, NOW).await;
    assert_eq!(head, [Delivery { due: NOW, deadline: at(70), ..held.clone() }], "in order, and alone");
    let next = crate::premises::settle(&*store, &held, handover_handoff::decision::Fate::Done, NOW).await;
    assert_eq!(next.unwrap().delivery, more);
}

pub async fn what_is_held_stays_so_until_it_is_released(premises: &dyn Premises) {
    let store = premises.open();
    let mut held_before = held_session();
    let pushed = post(&mut held_before, ToCustomer, NOW);
    let held = post(&mut held_before, ToCustomer, HELD);
    commit(&*store, becomes(&held_before, vec![pushed.clone(), held.clone()])).await.unwrap();
    assert_eq!(claimed(&*store, NOW).await, from_ref(&pushed));
    let reachable = Session { address: session(1, "one").address, ..held_before };
    commit(&*store, becomes(&reachable, Vec::new())).await.unwrap();
    assert!(store.take_held(reachable.id, NOW).await.unwrap().is_empty(), "something is before it");
    let released = Decision { released: Some(at(70)), ..becomes(&reachable, Vec::new()) };
    commit(&*store, released).await.unwrap();
    assert!(claimed(&*store, NOW).await.is_empty(), "the first is in hand");
    let next = crate::premises::settle(&*store, &pushed, handover_handoff::decision::Fate::Done, NOW).await;
    assert_eq!(next.unwrap().delivery, Delivery { due: NOW, deadline: at(70), ..held });
}
