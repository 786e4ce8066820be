//! I1 to I8, checked after every decision that the house commits.

use handover_handoff::address::Action;
use handover_handoff::decision::{Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction, Parcel, Receipt};
use handover_handoff::notice::Notice;
use handover_handoff::policy::Policy;
use handover_handoff::session::{Control, EndReason, Phase, StartAnswer, StartStatus};
use handover_handoff::turn::Verdict;
use handover_handoff::{DeliveryId, Timestamp};

use crate::house::{Cause, House, Kept, Place, Status};

/// `before` is the session and its lanes before the decision; none where it was opened by it.
pub fn check(
    house: &mut House,
    at: usize,
    before: Option<&Kept>,
    posted: &[Delivery],
    settlement: Option<&Settlement>,
    cause: &Cause,
) {
    one_open_session(house);
    order(house, at, posted);
    timers(house, at, cause);
    nothing_after_the_end(before, posted, cause);
    starts_are_answered_once(&mut house.sessions[at], posted, cause);
    control_goes_back_once(&mut house.sessions[at], before, posted, cause);
    delivered_or_told(&mut house.sessions[at], before, posted, settlement);
    if let Some(Settlement { fate: Fate::Again { due, counts, .. }, delivery, .. }) = settlement {
        assert!(*due >= house.now, "a retry is in the future");
        if let Cause::Outcome { due_not_before: Some(earliest) } = cause {
            assert!(due >= earliest, "Retry-After is honoured");
        }
        let kept = &house.sessions[at];
        let place = places(kept).find(|place| place.delivery.id == *delivery).unwrap();
        assert!(*due <= place.delivery.deadline || !counts, "no retry comes too late to be fresh");
    }
    // What is stored is what was decided.
    let session = &house.sessions[at].session;
    let text = serde_json::to_string(session).unwrap();
    assert_eq!(*session, serde_json::from_str(&text).unwrap());
    for delivery in posted {
        let text = serde_json::to_string(&delivery.parcel).unwrap();
        assert_eq!(delivery.parcel, serde_json::from_str(&text).unwrap());
    }
}

/// I1.
fn one_open_session(house: &House) {
    for kept in &house.sessions {
        let conversation = &kept.session.conversation;
        let ours = house.sessions.iter().filter(|other| other.session.conversation == *conversation);
        let open = ours.filter(|other| other.session.phase.is_open()).count();
        assert!(open <= 1, "I1: {open} open sessions in one conversation");
    }
}

/// I5.
fn order(house: &House, at: usize, posted: &[Delivery]) {
    let kept = &house.sessions[at];
    for direction in Direction::ALL {
        for (index, place) in kept.lane(direction).iter().enumerate() {
            let seq = index as u64 + 1;
            assert_eq!(place.delivery.seq, seq, "I5: numbers without gaps");
            assert_eq!(place.delivery.id, DeliveryId::of(kept.session.id, direction, seq));
            assert_eq!(place.delivery.parcel.direction(), direction);
        }
    }
    for delivery in posted {
        assert_eq!((delivery.session, delivery.created), (kept.session.id, house.now));
        assert_eq!(delivery.attempt, 1);
        let held = delivery.due == Timestamp::NEVER;
        let deadline = |policy: &Policy| match held {
            true => Timestamp::NEVER,
            false => house.now.plus(policy.patience(&delivery.parcel)),
        };
        // Receipts of what a response took along are made where no policy is at hand.
        let of_a_response =
            delivery.direction == Direction::Receipts && delivery.deadline == deadline(&Policy::default());
        assert!(of_a_response || delivery.deadline == deadline(&house.policy));
    }
}

/// A timer that has run out is not set again for the past, and who has ended needs none.
fn timers(house: &House, at: usize, cause: &Cause) {
    let kept = &house.sessions[at];
    if matches!(cause, Cause::Timer) {
        assert!(kept.wake.is_none_or(|wake| wake > house.now), "a timer that runs out again at once");
    }
    assert_eq!(
        kept.wake.is_some(),
        kept.session.phase.is_open(),
        "I6: what is open has a timer, and only that"
    );
}

/// I3: after the end's result of `sendMessage`, and after the decision that ended the session, nothing is posted
/// to the customer but what answers a further turn of the bot: a result, and the notice that explains it.
fn nothing_after_the_end(before: Option<&Kept>, posted: &[Delivery], cause: &Cause) {
    let to_customer: Vec<&Parcel> =
        posted.iter().filter(|d| d.direction == Direction::ToCustomer).map(|d| &d.parcel).collect();
    // That a message crossed the end is no part of the chat any more.
    let is_chat = |parcel: &&&Parcel| match parcel {
        Parcel::Notice(notice) => *notice != Notice::NotDelivered,
        parcel => matches!(parcel, Parcel::AgentMessage(_)),
    };
    if let Some(given_back) = to_customer.iter().position(|parcel| gives_back(parcel)) {
        assert_eq!(to_customer[given_back..].iter().filter(is_chat).count(), 0, "I3: chat after the result");
    }
    let was_over = before.is_some_and(|before| !before.session.phase.is_open());
    if was_over && to_customer.iter().any(|parcel| is_chat(&parcel)) {
        let explained = matches!(cause, Cause::Message { .. })
            && matches!(to_customer[..], [Parcel::Notice(Notice::NoAgents | Notice::StartFailed), result] if gives_back(result));
        assert!(explained, "I3: {to_customer:?} after the end");
    }
}

/// Each `startConversation` has one result, once it is known.
fn starts_are_answered_once(kept: &mut Kept, posted: &[Delivery], cause: &Cause) {
    if let Cause::Start { inline: false, action } = cause {
        kept.starts_owed.push(action.clone());
    }
    for delivery in posted {
        if let Parcel::ActionResult(result) = &delivery.parcel
            && result.to.action == Action::StartConversation
        {
            assert!(result.started.is_some());
            let owed = kept.starts_owed.iter().position(|action| *action == result.to);
            kept.starts_owed.remove(owed.expect("a start is answered once, and only where it was asked"));
        }
    }
    if matches!(kept.session.answer, StartAnswer::Given(_)) {
        assert!(kept.starts_owed.is_empty(), "a start's answer is given, but not to {:?}", kept.starts_owed);
    } else {
        assert!(kept.session.phase.is_open(), "a session ended and its start has no answer");
    }
}

/// I8: a bot that waits for the end of its `sendMessage` is told exactly once, and never once it has stopped.
fn control_goes_back_once(kept: &mut Kept, before: Option<&Kept>, posted: &[Delivery], cause: &Cause) {
    let mut given_back = posted.iter().filter(|delivery| gives_back(&delivery.parcel)).count();
    match cause {
        Cause::Message { verdict, anew } => {
            // A message that crosses the result on its way is answered by it.
            let crosses =
                !anew && before.is_some_and(|before| before.to_customer.iter().any(is_pending_return));
            if !crosses {
                kept.bot_waits = true;
            }
            if let Verdict::Over { result: Some(result), .. } = verdict {
                assert_eq!(result.to.action, Action::SendMessage);
                given_back += 1;
            }
        }
        Cause::Goodbye { verdict, action } => {
            kept.bot_waits = false;
            let results = posted.iter().filter(|delivery| match &delivery.parcel {
                Parcel::ActionResult(result) => result.to == *action,
                _ => false,
            });
            let inline =
                matches!(verdict, Verdict::Over { result: Some(result), .. } if result.to == *action);
            assert_eq!(results.count() + usize::from(inline), 1, "I8: a goodbye has one result");
        }
        Cause::Release => kept.bot_waits = false,
        _ => {}
    }
    assert!(given_back <= usize::from(kept.bot_waits), "I8: control given back to a bot that has it");
    if given_back == 1 {
        kept.bot_waits = false;
    }
    if kept.session.phase.is_open() {
        assert_eq!(kept.bot_waits, matches!(kept.session.control, Control::Skill { .. }));
    } else {
        assert!(!kept.bot_waits, "I8: the session is over and the customer is captured");
        let on_its_way = kept.to_customer.iter().any(is_pending_return);
        assert!(on_its_way || kept.session.control == Control::Bot, "I8: control returns, but by nothing");
    }
}

/// I4: what is dead has been told, by a notice or a receipt of its own or by that of the end.
fn delivered_or_told(
    kept: &mut Kept,
    before: Option<&Kept>,
    posted: &[Delivery],
    settlement: Option<&Settlement>,
) {
    let open = kept.session.phase.is_open();
    let was_open = before.is_none_or(|before| before.session.phase.is_open());
    if was_open && !open {
        // Who was told of a start that came to nothing, or of the end, knows of all that was not delivered.
        let waiting = |place: &Place| {
            matches!(place.delivery.parcel, Parcel::Message(_)) && place.status == Status::Pending
        };
        let count = kept.to_vendor.iter().filter(|place| waiting(place)).count() as u32;
        let by_notice = posted.iter().any(|delivery| match &delivery.parcel {
            Parcel::Notice(Notice::Ended { unseen, .. }) => *unseen == count,
            Parcel::Notice(Notice::NoAgents | Notice::StartFailed) => true,
            _ => false,
        });
        let left = matches!(kept.session.phase, Phase::Ending(EndReason::Customer | EndReason::Bot));
        let by_topic =
            matches!(kept.session.answer, StartAnswer::Given(StartStatus::NoAgents | StartStatus::Failed));
        assert!(by_notice || left || (by_topic && count == 0), "I4: an end that tells nobody");
        // Who has left of their own accord is told of each by itself.
        if kept.session.phase != Phase::Ending(EndReason::Customer) {
            kept.to_vendor.iter_mut().filter(|place| waiting(place)).for_each(|place| place.told = true);
        }
    }
    if let Some(Settlement { delivery, fate: Fate::Dead(_), .. }) = settlement {
        let place = places(kept).find(|place| place.delivery.id == *delivery).unwrap();
        let told = match &place.delivery.parcel {
            Parcel::Message(_) => {
                place.told || posted.iter().any(|d| d.parcel == Parcel::Notice(Notice::NotDelivered))
            }
            Parcel::AgentMessage(message) => posted.iter().any(|d| {
                matches!(&d.parcel, Parcel::Receipt { message: id, receipt: Receipt::NotDelivered(_) }
                    if Some(id) == message.id.as_ref())
            }),
            _ => true,
        };
        assert!(told, "I4: {:?} is dead and nobody knows", place.delivery.parcel);
    }
    if let Some(Settlement { delivery, fate: Fate::Done, .. }) = settlement {
        let place = places(kept).find(|place| place.delivery.id == *delivery).unwrap();
        if let Parcel::Message(message) = &place.delivery.parcel {
            let with_the_start = kept.to_vendor.iter().any(|earlier| {
                matches!(&earlier.delivery.parcel, Parcel::Start(start)
                    if earlier.shows_problem && earlier.status == Status::Done
                        && start.problem.as_deref().map(str::trim) == Some(message.text.trim()))
            });
            let messages = kept.to_vendor.iter().map(|place| &place.delivery);
            let first = messages.into_iter().find(|d| matches!(d.parcel, Parcel::Message(_)));
            let first = first.is_some_and(|first| first.id == *delivery);
            assert!(
                place.carried || (with_the_start && first),
                "I4: {message:?} is done and was never carried"
            );
        }
    }
    let in_hand = places(kept)
        .filter(|place| {
            matches!(place.delivery.parcel, Parcel::Message(_)) && place.status == Status::Pending
        })
        .count();
    assert_eq!(kept.session.in_hand as usize, in_hand, "I4: messages in hand");
}

fn places(kept: &Kept) -> impl Iterator<Item = &Place> {
    kept.to_vendor.iter().chain(&kept.to_customer).chain(&kept.receipts)
}

fn is_pending_return(place: &Place) -> bool {
    place.status == Status::Pending && gives_back(&place.delivery.parcel)
}

fn gives_back(parcel: &Parcel) -> bool {
    matches!(parcel, Parcel::ActionResult(result) if result.to.action == Action::SendMessage)
}
