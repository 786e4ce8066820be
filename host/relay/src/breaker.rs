//! Breakers: a target that fails again and again is left alone for a while, then tried with one delivery at a time.
//!
//! The crates for this read the clock themselves; here time comes in as a value, so that simulated time will do.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use handover_handoff::Timestamp;
use handover_handoff::delivery::{FailureReason, Target};
use handover_handoff::outcome::Outcome;

/// So many failures in a row open it.
const FAILURES: u32 = 5;

/// How long it stays open at first, and at most, in milliseconds; doubled with each trial that fails.
const FIRST: u64 = 1_000;
const LONGEST: u64 = 30_000;

/// What an attempt says about the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Alive,
    /// It does not.
    Silent,
    /// Nothing.
    Unknown,
}

impl Health {
    /// What an outcome says. A refusal is an answer; a connector that breaks down says nothing about its vendor.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Started { .. }
            | Outcome::Progressed { .. }
            | Outcome::Done(_)
            | Outcome::DoneWithout { .. }
            | Outcome::DoneInPart { .. }
            | Outcome::EndTold { .. } => Health::Alive,
            Outcome::Unwanted | Outcome::Stale | Outcome::Postponed { .. } => Health::Unknown,
            Outcome::Failed(failure) => match failure.reason {
                FailureReason::Unavailable | FailureReason::TimedOut => Health::Silent,
                FailureReason::Rejected
                | FailureReason::RateLimited
                | FailureReason::NoAgents
                | FailureReason::ConversationGone
                | FailureReason::TooLarge => Health::Alive,
                _ => Health::Unknown,
            },
        }
    }
}

/// Whether a target is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Closed,
    /// It is not, until this time.
    Open(Timestamp),
    /// One delivery at a time is tried.
    Trying,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Breaker {
    failures: u32,
    /// Since it opened: until when it stays so, and for how long it was opened last.
    open: Option<(Timestamp, u64)>,
}

impl Breaker {
    fn state(self, now: Timestamp) -> State {
        match self.open {
            None => State::Closed,
            Some((until, _)) if now < until => State::Open(until),
            Some(_) => State::Trying,
        }
    }

    fn heard(&mut self, health: Health, now: Timestamp) {
        match (health, self.open) {
            (Health::Unknown, _) => {}
            (Health::Alive, _) => *self = Self { failures: 0, open: None },
            // Attempts from before it opened come to their ends: they say nothing new.
            (Health::Silent, Some((until, _))) if now < until => {}
            (Health::Silent, Some((_, span))) => {
                let span = (span * 2).min(LONGEST);
                self.open = Some((now.plus(span), span));
            }
            (Health::Silent, None) => {
                self.failures += 1;
                if self.failures >= FAILURES {
                    self.open = Some((now.plus(FIRST), FIRST));
                }
            }
        }
    }
}

/// The breakers of all targets that have failed.
#[derive(Debug, Default)]
pub struct Breakers {
    all: Mutex<BTreeMap<Target, Breaker>>,
}

impl Breakers {
    /// Takes in how an attempt went; the new state, where it changed.
    pub fn heard(&self, target: &Target, health: Health, now: Timestamp) -> Option<State> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(breaker) = all.get_mut(target) else {
            if health == Health::Silent {
                all.insert(target.clone(), Breaker { failures: 1, open: None });
            }
            return None;
        };
        let before = breaker.open;
        breaker.heard(health, now);
        let (after, state) = (breaker.open, breaker.state(now));
        if *breaker == (Breaker { failures: 0, open: None }) {
            all.remove(target);
        }
        (before != after).then_some(state)
    }

    /// Whether this target is sent to.
    pub fn state(&self, target: &Target, now: Timestamp) -> State {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(target).map_or(State::Closed, |breaker| breaker.state(now))
    }

    /// Those that are not closed.
    pub fn not_closed(&self, now: Timestamp) -> Vec<(Target, State)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let states = all.iter().map(|(target, breaker)| (target.clone(), breaker.state(now)));
        states.filter(|(_, state)| *state != State::Closed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendor() -> Target {
        Target::connector("contoso")
    }

    fn opened() -> Breakers {
        let breakers = Breakers::default();
        for failure in 1..=FAILURES {
            let changed = breakers.heard(&vendor(), Health::Silent, Timestamp(0));
            assert_eq!(changed.is_some(), failure == FAILURES);
        }
        breakers
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_does_not() {
        let breakers = Breakers::default();
        for _ in 0..3 {
            for _ in 1..FAILURES {
                breakers.heard(&vendor(), Health::Silent, Timestamp(0));
            }
            breakers.heard(&vendor(), Health::Unknown, Timestamp(0));
            breakers.heard(&vendor(), Health::Alive, Timestamp(0));
        }
        assert_eq!(breakers.state(&vendor(), Timestamp(0)), State::Closed);
        assert_eq!(opened().state(&vendor(), Timestamp(0)), State::Open(Timestamp(FIRST)));
        assert_eq!(opened().state(&Target::connector("other"), Timestamp(0)), State::Closed);
    }

    #[test]
    fn it_is_tried_less_and_less_often_until_it_answers() {
        let breakers = opened();
        let (mut now, mut spans) = (Timestamp(FIRST), Vec::new());
        for _ in 0..7 {
            assert_eq!(breakers.state(&vendor(), now), State::Trying);
            let Some(State::Open(until)) = breakers.heard(&vendor(), Health::Silent, now) else {
                panic!("it opens again")
            };
            spans.push(until.since(now));
            assert_eq!(breakers.heard(&vendor(), Health::Silent, now), None, "late news is no news");
            now = until;
        }
        assert_eq!(spans, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(breakers.heard(&vendor(), Health::Alive, now), Some(State::Closed));
        assert!(breakers.not_closed(now).is_empty());
    }
}
