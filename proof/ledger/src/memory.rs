//! How much memory a process holds, as the system counts it.

use std::fs;

/// The most that this process has had resident so far, in KiB; none where the system does not say.
pub fn peak_kib(pid: u32) -> Option<u64> {
    counted(pid, "VmHWM:")
}

/// What this process has resident now, in KiB; none where the system does not say.
pub fn now_kib(pid: u32) -> Option<u64> {
    counted(pid, "VmRSS:")
}

fn counted(pid: u32, what: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
