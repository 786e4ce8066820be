//! When a failed attempt is made again: in time, later each time, and never before it was asked for.

use handover_handoff::delivery::{Delivery, Direction, FailureReason, RetryAdvice};
use handover_handoff::policy::{Env, Policy};
use handover_handoff::{Timestamp, retry};
use proptest::prelude::*;

use crate::house::{House, Status};
use crate::words::failed;

fn delivery(attempt: u32) -> Delivery {
    let mut house = House::new();
    house.start();
    let deadline = Timestamp(Policy::default().fresh_to_vendor);
    Delivery {
        attempt,
        created: Timestamp(0),
        deadline,
        ..house.last().head(Direction::ToVendor).unwrap().clone()
    }
}

fn next(attempt: u32, advice: RetryAdvice, jitter: f64, now: u64) -> Option<u64> {
    let policy = Policy::default();
    let env = Env::new(Timestamp(now), &policy);
    retry::next(&delivery(attempt), advice, jitter, env).map(|due| due.0)
}

#[test]
fn what_fails_again_is_not_tried_again() {
    assert_eq!(next(1, RetryAdvice::Never, 0.5, 0), None);
}

#[test]
fn delays_double_up_to_the_cap_and_jitter_spreads_them() {
    let full: Vec<_> =
        (1..8).map(|attempt| next(attempt, RetryAdvice::Safe(None), 1.0, 0).unwrap()).collect();
    assert_eq!(full, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    assert_eq!(next(3, RetryAdvice::UnknownOutcome, 0.5, 100), Some(1_100));
    assert_eq!(next(3, RetryAdvice::Safe(None), 0.0, 100), Some(100));
    assert_eq!(next(u32::MAX, RetryAdvice::Safe(None), 1.0, 0), Some(15_000));
}

#[test]
fn what_the_other_side_asks_for_is_honoured_beyond_the_cap() {
    assert_eq!(next(1, RetryAdvice::Safe(Some(60_000)), 0.0, 0), Some(60_000));
    assert_eq!(next(1, RetryAdvice::Safe(Some(60_000)), 1.0, 0), Some(60_500));
}

#[test]
fn no_retry_comes_too_late_to_be_fresh() {
    let fresh = Policy::default().fresh_to_vendor;
    assert_eq!(next(1, RetryAdvice::Safe(Some(fresh)), 0.0, 0), Some(fresh));
    assert_eq!(next(1, RetryAdvice::Safe(Some(fresh + 1)), 0.0, 0), None);
    assert_eq!(next(1, RetryAdvice::Safe(Some(u64::MAX)), 0.0, 0), None);
    assert_eq!(next(1, RetryAdvice::UnknownOutcome, 0.0, fresh + 1), None);
}

#[test]
fn an_attempt_without_a_known_outcome_marks_the_next_one() {
    let mut house = House::new();
    house.start();
    house.vendor(failed(FailureReason::TimedOut, RetryAdvice::UnknownOutcome));
    house.wait(500);
    house.vendor(failed(FailureReason::Unavailable, RetryAdvice::Safe(None)));
    let head = house.last().head(Direction::ToVendor).unwrap();
    assert_eq!((head.attempt, head.maybe_duplicate), (3, true), "and it stays marked");
}

#[test]
fn a_message_waits_for_the_one_before_it_through_its_retries() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("one");
    house.say("two");
    house.vendor(failed(FailureReason::RateLimited, RetryAdvice::Safe(Some(5_000))));
    assert!(house.vendor_gets().is_empty() && house.session().in_hand == 2, "nothing overtakes");
    house.wait(6_000);
    assert_eq!(house.vendor_gets(), ["one", "two"]);
    assert_eq!(house.session().in_hand, 0);
}

#[test]
fn what_is_given_up_is_kept_with_its_reason() {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.say("one");
    house.vendor(failed(FailureReason::TooLarge, RetryAdvice::Never));
    let dead = &house.last().to_vendor[1];
    assert_eq!(dead.status, Status::Dead("too-large: told by the test".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_retry_is_never_in_the_past_and_always_fresh(
        attempt in any::<u32>(), asked in any::<Option<u64>>(), jitter in any::<f64>(), now in 0..1_000_000_u64,
    ) {
        if let Some(due) = next(attempt, RetryAdvice::Safe(asked), jitter, now) {
            prop_assert!(due >= now.saturating_add(asked.unwrap_or(0)));
            prop_assert!(due <= Policy::default().fresh_to_vendor);
        }
    }
}
