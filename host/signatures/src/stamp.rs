//! Timestamps: how they are written, and how far from now they may be.

use crate::refusal::Refusal;
use crate::scheme::StampFormat;

/// From so many digits on, a number counts milliseconds.
const MILLISECONDS_FROM: usize = 12;

/// Reads a timestamp into ms since 1970; `place` names the header or field for the refusal.
pub(crate) fn read(format: StampFormat, text: &str, place: &str) -> Result<u64, Refusal> {
    let number = || {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let seconds = || number()?.checked_mul(1000);
    let rfc3339 = || u64::try_from(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()).ok();
    let read = match format {
        StampFormat::Seconds => seconds(),
        StampFormat::Milliseconds => number(),
        StampFormat::Rfc3339 => rfc3339(),
        StampFormat::Any if !text.bytes().all(|byte| byte.is_ascii_digit()) => rfc3339(),
        StampFormat::Any if text.len() < MILLISECONDS_FROM => seconds(),
        StampFormat::Any => number(),
    };
    read.ok_or_else(|| Refusal::TimestampMalformed { place: place.to_owned() })
}

/// Judges a timestamp; both ends of the window are within. Returns the end, in ms since 1970.
pub(crate) fn check(stamp_ms: u64, tolerance_s: u32, now_ms: u64) -> Result<u64, Refusal> {
    let tolerance_ms = u64::from(tolerance_s) * 1000;
    let (age, ahead) = (now_ms.saturating_sub(stamp_ms), stamp_ms.saturating_sub(now_ms));
    if age > tolerance_ms {
        return Err(Refusal::TooOld { age_s: age.div_ceil(1000), tolerance_s });
    }
    if ahead > tolerance_ms {
        return Err(Refusal::InTheFuture { ahead_s: ahead.div_ceil(1000), tolerance_s });
    }
    Ok(stamp_ms.saturating_add(tolerance_ms))
}
