//! Times as vendors write them.

/// RFC 3339 in UTC with milliseconds, e.g. `2026-11-22T21:24:05.120Z`.
pub fn rfc3339(ms: u64) -> String {
    let (seconds, millis) = (ms / 1000, ms % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The date that is so many days after 1970-01-01. Years are counted from March, so that leap days come last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468; // days since 0000-03-01
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Milliseconds of a time as RFC 3339 writes it, e.g. `2026-11-22T21:24:05.120Z` or `2026-11-22T22:24:05+01:00`.
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let is = |at: usize, wanted: &[u8]| text.as_bytes().get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    let mut zone = text.get(19..)?;
    let mut millis = 0;
    if let Some(fraction) = zone.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let three: String = fraction[..digits].chars().chain("000".chars()).take(3).collect();
        millis = three.parse().ok()?;
        zone = &fraction[digits..];
    }
    // Years are counted from March, as in `civil`.
    let shifted = if month > 2 { year } else { year - 1 };
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + of_year - 719_468;
    let utc = (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000 + millis;
    let offset = |zone: &str| {
        let (hours, minutes) = zone.split_once(':')?;
        Some((hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?) * 60_000)
    };
    match zone.as_bytes().first()? {
        b'Z' | b'z' if zone.len() == 1 => Some(utc),
        b'+' => utc.checked_sub(offset(&zone[1..])?),
        b'-' => utc.checked_add(offset(&zone[1..])?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_right() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_763_846_645_120, "2025-11-22T21:24:05.120Z"),
        ] {
            assert_eq!(super::rfc3339(ms), text);
        }
    }

    #[test]
    fn times_are_read_back() {
        for ms in [0, 951_782_400_000, 1_709_251_199_999, 1_763_846_645_120, 4_102_444_800_000] {
            assert_eq!(super::from_rfc3339(&super::rfc3339(ms)), Some(ms));
        }
        assert_eq!(super::from_rfc3339("2025-11-22T22:24:05.12+01:00"), Some(1_763_846_645_120));
        assert_eq!(super::from_rfc3339("2025-11-22T21:24:05Z"), Some(1_763_846_645_000));
        for nonsense in [
            "",
            "yesterday",
            "2025-11-22",
            "2025-11-22T21:24:05",
            "2025-13-22T21:24:05Z",
            "2025-11-22T21:24:05é",
        ] {
            assert_eq!(super::from_rfc3339(nonsense), None, "{nonsense}");
        }
    }
}
