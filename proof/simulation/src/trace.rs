//! The trace: a line for all that happens. Its hash is the same whenever the same seed is played.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many of the last lines a violation shows.
const LAST: usize = 60;

/// What has happened so far.
#[derive(Debug)]
pub struct Trace {
    printed: bool,
    lines: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    last: VecDeque<String>,
    hash: u64,
    count: u64,
}

impl Trace {
    /// An empty one; with `printed` each line is printed as it comes.
    pub fn new(printed: bool) -> Self {
        let lines = Lines { last: VecDeque::with_capacity(LAST), hash: 0xcbf2_9ce4_8422_2325, count: 0 };
        Self { printed, lines: Mutex::new(lines) }
    }

    /// Adds a line.
    pub fn add(&self, at: u64, what: &str) {
        let line = format!("{:>5}.{:03} {what}", at / 1_000, at % 1_000);
        if self.printed {
            println!("{line}");
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // FNV-1a.
        for byte in line.bytes().chain([b'\n']) {
            lines.hash = (lines.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        lines.count += 1;
        if lines.last.len() == LAST {
            lines.last.pop_front();
        }
        lines.last.push_back(line);
    }

    /// The hash of all lines, and how many they are.
    pub fn hash(&self) -> (u64, u64) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        (lines.hash, lines.count)
    }

    /// The last lines.
    pub fn last(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).last.iter().cloned().collect()
    }
}
