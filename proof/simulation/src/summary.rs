//! What many seeds came to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::play::Played;

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many.
    pub seeds: u64,
    /// Seeds in which a rule did not hold.
    pub violations: Vec<Played>,
    /// Seeds that came to something else when they were played again.
    pub unsteady: Vec<u64>,
    lines: u64,
    simulated: u64,
    sums: BTreeMap<&'static str, u64>,
    hit: BTreeMap<&'static str, u64>,
}

impl Summary {
    /// Adds what one seed came to.
    pub fn add(&mut self, played: Played, differs: bool) {
        self.seeds += 1;
        self.lines += played.lines;
        self.simulated += played.simulated;
        for (what, times) in &played.tally {
            *self.sums.entry(what).or_default() += times;
            *self.hit.entry(what).or_default() += 1;
        }
        if differs {
            self.unsteady.push(played.seed);
        }
        if played.violation.is_some() {
            self.violations.push(played);
        }
    }

    /// Whether every rule held in every seed.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.unsteady.is_empty()
    }

    /// All of it, for people.
    pub fn print(&self, took: Duration) {
        for played in &self.violations {
            print_violation(played);
        }
        for seed in &self.unsteady {
            println!("seed {seed} came to something else when it was played again");
        }
        let seconds = took.as_secs_f64().max(0.001);
        let sum = |what: &str| self.sums.get(what).copied().unwrap_or_default();
        println!("{} seeds in {seconds:.1} s, {:.1} seeds/s", self.seeds, self.seeds as f64 / seconds);
        println!(
            "{} h simulated, {} steps, {} commits, {} messages of customers, {} of live agents",
            self.simulated / 3_600_000,
            self.lines,
            sum("commits"),
            sum("messages of customers"),
            sum("messages of live agents"),
        );
        println!("  seeds      times  what");
        for (what, hit) in &self.hit {
            println!("{:>6.1}% {:>10}  {what}", 100.0 * *hit as f64 / self.seeds.max(1) as f64, sum(what));
        }
        println!("{} violations", self.violations.len() + self.unsteady.len());
    }
}

/// A rule that did not hold, and how to see it again.
pub fn print_violation(played: &Played) {
    let Some((violation, last)) = &played.violation else { return };
    println!("\n{} does not hold in seed {}: {}", violation.invariant, played.seed, violation.what);
    for line in last {
        println!("  {line}");
    }
    println!("again: cargo run --release -p handover-simulation -- --seed {} --trace\n", played.seed);
}
