//! A few of the seeds that the program plays by the thousand.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

use handover_simulation::{crowd, play};

#[test]
fn every_rule_holds_in_every_seed() {
    let summary = crowd::play_all(1, 150, 2, false);
    for played in &summary.violations {
        handover_simulation::summary::print_violation(played);
    }
    assert!(summary.is_clean(), "unsteady: {:?}", summary.unsteady);
}

#[test]
fn a_seed_is_the_same_whenever_it_is_played() {
    for seed in 1..=5 {
        let (one, two) = (play::play(seed, false), play::play(seed, false));
        assert_eq!((one.hash, one.lines), (two.hash, two.lines), "seed {seed}");
    }
}
