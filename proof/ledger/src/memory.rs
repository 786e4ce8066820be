//! How much memory a process has held at most, as the system counts it.

use std::fs;

/// The most that this process has had resident so far, in KiB; none where the system does not say.
pub fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
