//! Times that were measured, in few words.

use std::time::Duration;

/// Median, 99th percentile and longest.
pub fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    format!("p50 {:.1?}, p99 {:.1?}, longest {:.1?} of {}", at(0.5), at(0.99), at(1.0), times.len())
}
