//! What a run comes to, in figures and in words.

use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

use crate::check::{Figures, Findings, Violation};
use crate::faults::Fault;
use crate::trouble::Machines;
use crate::world::World;

/// How many violations are shown.
pub const SHOWN: usize = 20;

/// How long it took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// Until as many messages as were wanted had been acknowledged.
    pub load: Duration,
    /// Until the last session had ended, which some outages make late.
    pub all: Duration,
}

/// The figures of a run.
#[derive(Debug)]
pub struct Summary {
    /// The rules that did not hold.
    pub violations: Vec<Violation>,
    /// What became of messages and sessions.
    pub figures: Figures,
    /// How long it took.
    pub took: Took,
    wanted: u64,
    kills: u64,
    restarts: u64,
    swaps: u64,
    faults: Vec<(Fault, u64)>,
    peaks: Vec<u64>,
}

impl Summary {
    /// Of a run that is over.
    pub fn of(world: &World, machines: &Machines, findings: Findings, took: Took) -> Self {
        Self {
            violations: findings.violations,
            figures: findings.figures,
            took,
            wanted: world.options.messages,
            kills: machines.kills.get(),
            restarts: machines.restarts.get(),
            swaps: machines.swaps.get(),
            faults: world.faults.counted().collect(),
            peaks: machines.peaks.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn violated(&self, rule: crate::check::Rule) -> usize {
        self.violations.iter().filter(|violation| violation.rule == rule).count()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::check::Rule;
        let of = &self.figures;
        let load = self.took.load.as_secs_f64();
        writeln!(
            f,
            "to the vendor    accepted {}, delivered {}, reported undelivered {}, crossed by the customer's own \
             goodbye {}, by the agent's {}; the oldest {:.1} s",
            of.to_vendor_accepted,
            of.to_vendor_delivered,
            of.to_vendor_reported,
            of.to_vendor_crossed_own,
            of.to_vendor_crossed_agent,
            of.oldest_at_vendor.as_secs_f64()
        )?;
        writeln!(
            f,
            "to the customer  accepted {}, delivered {}, reported undelivered {}, shown again and flagged {}, \
             shown without a receipt {}; the oldest {:.1} s",
            of.to_customer_accepted,
            of.to_customer_delivered,
            of.to_customer_reported,
            of.to_customer_flagged,
            of.without_receipt,
            of.oldest_at_customer.as_secs_f64()
        )?;
        writeln!(
            f,
            "violations       lost {}, doubled unflagged {}, out of order {}, after the end {}, strangers {}, \
             control kept {}, control twice {}, others {}",
            self.violated(Rule::Lost),
            self.violated(Rule::Doubled),
            self.violated(Rule::OutOfOrder),
            self.violated(Rule::AfterEnd),
            self.violated(Rule::Stranger),
            self.violated(Rule::ControlKept),
            self.violated(Rule::ControlTwice),
            [Rule::FalseReceipt, Rule::StartedTwice, Rule::EndUntold, Rule::Refused]
                .into_iter()
                .map(|rule| self.violated(rule))
                .sum::<usize>()
        )?;
        writeln!(
            f,
            "sessions         started {}, ended by customers {}, by agents {}, failed {}; results repeated and \
             flagged {}; conversations without a session {}",
            of.sessions, of.ended_by_customer, of.ended_by_agent, of.failed, of.results_flagged, of.orphans
        )?;
        writeln!(
            f,
            "disturbed by     {} kills, {} database restarts, {} swaps",
            self.kills, self.restarts, self.swaps
        )?;
        write!(f, "faults          ")?;
        for (fault, count) in &self.faults {
            write!(f, " {} {count}", fault.name())?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "took             {load:.1} s for {} messages, {:.0} messages/s; {:.1} s until the last session's end",
            self.wanted,
            self.wanted as f64 / load,
            self.took.all.as_secs_f64()
        )?;
        write!(f, "memory at most  ")?;
        for peak in &self.peaks {
            write!(f, " {} MiB", peak / 1024)?;
        }
        for violation in self.violations.iter().take(SHOWN) {
            write!(f, "\nVIOLATION {violation}")?;
        }
        if self.violations.len() > SHOWN {
            write!(f, "\nand {} more", self.violations.len() - SHOWN)?;
        }
        Ok(())
    }
}
