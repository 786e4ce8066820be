//! Teams' limits on what one bot sends to one conversation.
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::locked::Locked;

/// So many messages in so many seconds, as Teams documents them per bot and thread.
const WINDOWS: [(usize, Duration); 4] = [
    (7, Duration::from_secs(1)),
    (8, Duration::from_secs(2)),
    (60, Duration::from_secs(30)),
    (1800, Duration::from_secs(3600)),
];

#[derive(Default)]
pub(crate) struct TeamsLimits(Locked<HashMap<String, VecDeque<Instant>>>);

impl TeamsLimits {
    /// Counts a message; where it is one too many, says after how many seconds the next may come.
    pub fn count(&self, conversation_id: &str) -> Result<(), u64> {
        self.count_at(conversation_id, Instant::now())
    }

    fn count_at(&self, conversation_id: &str, now: Instant) -> Result<(), u64> {
        let mut sent = self.0.lock();
        let sent = sent.entry(conversation_id.to_owned()).or_default();
        let longest = WINDOWS[WINDOWS.len() - 1].1;
        while sent.front().is_some_and(|at| now.duration_since(*at) >= longest) {
            sent.pop_front();
        }
        let wait = WINDOWS
            .iter()
            .filter_map(|(most, window)| {
                // The message that has to leave the window before another fits.
                let oldest = sent.len().checked_sub(*most)?;
                window.checked_sub(now.duration_since(sent[oldest])).filter(|wait| !wait.is_zero())
            })
            .max();
        match wait {
            Some(wait) => Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            None => {
                sent.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::TeamsLimits;

    #[test]
    fn the_eighth_in_a_second_is_one_too_many() {
        let (limits, now) = (TeamsLimits::default(), Instant::now());
        for _ in 0..7 {
            assert_eq!(limits.count_at("a", now), Ok(()));
        }
        assert_eq!(limits.count_at("a", now), Err(1));
        assert_eq!(limits.count_at("b", now), Ok(()), "another conversation");
        let later = now + Duration::from_secs(1);
        assert_eq!(limits.count_at("a", later), Ok(()));
        assert_eq!(limits.count_at("a", later), Err(1), "eight in two seconds");
        assert_eq!(limits.count_at("a", now + Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn sixty_in_half_a_minute_are_the_most() {
        let (limits, start) = (TeamsLimits::default(), Instant::now());
        let every = |n: u32| start + Duration::from_millis(300) * n;
        let through = (0..100).filter(|n| limits.count_at("a", every(*n)).is_ok()).count();
        assert_eq!(through, 60);
    }
}
