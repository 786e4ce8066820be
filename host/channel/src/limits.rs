//! What a channel takes: how much text in one activity, and how many activities in which time.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// How long a delivery may wait for its turn before it is put back.
const PATIENCE: Duration = Duration::from_secs(2);

/// At most so many activities per conversation in any stretch of time of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub most: NonZeroU32,
    /// In which time.
    pub within: Duration,
}

impl Window {
    /// `most` activities in `within`.
    pub const fn new(most: NonZeroU32, within: Duration) -> Self {
        Self { most, within }
    }

    /// A leaky bucket lets through its burst and what drips in the same time. Half of the allowance each, so that
    /// no stretch of time, wherever it begins, sees more than the channel takes.
    fn quota(self) -> Option<Quota> {
        let burst = NonZeroU32::new(self.most.get().div_ceil(2))?;
        let drips = (self.most.get() - burst.get()).max(1);
        Some(Quota::with_period(self.within / drips)?.allow_burst(burst))
    }
}

/// The limits of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelLimits {
    /// The longest text of one activity in bytes, counted in UTF-8 or UTF-16, whichever is more. Longer texts are
    /// sent in several.
    pub text_bytes: usize,
    /// How fast in one conversation; shortest first.
    pub windows: Vec<Window>,
    /// How fast in all conversations of a tenant together.
    pub in_sum: Vec<Window>,
}

impl ChannelLimits {
    /// What Teams takes: activities of about 28 KB; 7 per second, 8 per 2 s, 60 per 30 s and 1800 per hour in one
    /// conversation; 30 per second of one app in one tenant.
    pub fn teams() -> Self {
        let windows = |all: &[(u32, u64)]| {
            let window = |(most, seconds): &(u32, u64)| {
                Some(Window::new(NonZeroU32::new(*most)?, Duration::from_secs(*seconds)))
            };
            all.iter().filter_map(window).collect()
        };
        Self {
            text_bytes: 24_000,
            windows: windows(&[(7, 1), (8, 2), (60, 30), (1800, 3600)]),
            in_sum: windows(&[(30, 1)]),
        }
    }

    /// For channels that say nothing of limits: long texts are still split, nothing is slowed down.
    pub fn unhurried() -> Self {
        Self { text_bytes: 64_000, windows: Vec::new(), in_sum: Vec::new() }
    }
}

/// The limits of all channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// By channel id; the part before a `:` stands for all of its sub-channels.
    pub channels: HashMap<String, ChannelLimits>,
    /// For every other channel.
    pub other: ChannelLimits,
}

impl Default for Limits {
    fn default() -> Self {
        let channels = HashMap::from([("msteams".to_owned(), ChannelLimits::teams())]);
        Self { channels, other: ChannelLimits::unhurried() }
    }
}

impl Limits {
    /// Those of one channel.
    pub fn of(&self, channel: &str) -> &ChannelLimits {
        by_channel(&self.channels, channel).unwrap_or(&self.other)
    }
}

/// The channel without its sub-channel: `msteams` of `msteams:COPILOT`.
pub(crate) fn first_part(channel: &str) -> &str {
    channel.split_once(':').map_or(channel, |(first, _)| first)
}

fn by_channel<'a, T>(channels: &'a HashMap<String, T>, channel: &str) -> Option<&'a T> {
    channels.get(channel).or_else(|| channels.get(first_part(channel)))
}

type Gate<C> = RateLimiter<String, HashMapStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Keeps the limits, conversation by conversation.
pub(crate) struct Limiter<C: Clock = DefaultClock> {
    channels: HashMap<String, Vec<Gate<C>>>,
    other: Vec<Gate<C>>,
    clock: C,
    checks_until_sweep: AtomicUsize,
}

/// Not yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    /// The window that is full. The ones before it have counted this activity already.
    pub(crate) gate: usize,
    /// When to come back.
    pub(crate) wait: Duration,
}

impl Limiter {
    /// For single conversations.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::with_clock(limits, |of| &of.windows, DefaultClock::default())
    }

    /// For all conversations of a tenant together.
    pub(crate) fn in_sum(limits: &Limits) -> Self {
        Self::with_clock(limits, |of| &of.in_sum, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limiter<C> {
    const LEAST_CHECKS_UNTIL_SWEEP: usize = 1024;

    pub(crate) fn with_clock(
        limits: &Limits,
        windows: impl Fn(&ChannelLimits) -> &Vec<Window>,
        clock: C,
    ) -> Self {
        let gates = |limits: &ChannelLimits| -> Vec<Gate<C>> {
            let quotas = windows(limits).iter().filter_map(|window| window.quota());
            quotas.map(|quota| Gate::hashmap_with_clock(quota, clock.clone())).collect()
        };
        Self {
            channels: limits.channels.iter().map(|(name, of)| (name.clone(), gates(of))).collect(),
            other: gates(&limits.other),
            clock,
            checks_until_sweep: AtomicUsize::new(Self::LEAST_CHECKS_UNTIL_SWEEP),
        }
    }

    /// Counts one activity in every window from the `from`-th on, or says which one is full.
    pub(crate) fn check(&self, channel: &str, conversation: &str, from: usize) -> Result<(), Denied> {
        let gates = by_channel(&self.channels, channel).unwrap_or(&self.other);
        if gates.is_empty() {
            return Ok(());
        }
        self.sweep();
        // Neither part has control characters in it.
        let key = format!("{channel}\n{conversation}");
        for (gate, limiter) in gates.iter().enumerate().skip(from) {
            if let Err(not_until) = limiter.check_key(&key) {
                return Err(Denied { gate, wait: not_until.wait_time_from(self.clock.now()) });
            }
        }
        Ok(())
    }

    /// As [`Limiter::check`], but waits a little where that helps; otherwise says how long it would take.
    pub(crate) async fn pass(&self, channel: &str, conversation: &str) -> Result<(), Duration> {
        let mut from = 0;
        let mut patience = PATIENCE;
        loop {
            match self.check(channel, conversation, from) {
                Ok(()) => return Ok(()),
                Err(Denied { wait, .. }) if wait > patience => return Err(wait),
                Err(Denied { gate, wait }) => {
                    // Clocks of different grain may ask for no wait at all; it must end all the same.
                    let wait = wait.max(Duration::from_millis(1));
                    tokio::time::sleep(wait).await;
                    patience = patience.saturating_sub(wait);
                    from = gate;
                }
            }
        }
    }

    /// Forgets conversations that have been silent for long enough, so that memory follows those that are not.
    /// The more there are the more rarely, so that the cost of one check stays the same.
    fn sweep(&self) {
        let left = self.checks_until_sweep.fetch_sub(1, Ordering::Relaxed);
        if left != 1 {
            return;
        }
        let all = || self.channels.values().flatten().chain(&self.other);
        for limiter in all() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let next = self.remembered().max(Self::LEAST_CHECKS_UNTIL_SWEEP);
        self.checks_until_sweep.store(next, Ordering::Relaxed);
    }

    /// How many conversations are kept in mind, counted in each window.
    fn remembered(&self) -> usize {
        self.channels.values().flatten().chain(&self.other).map(RateLimiter::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn teams() -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limiter::with_clock(&Limits::default(), |of| &of.windows, clock.clone()), clock)
    }

    /// Sends as fast as it may for an hour and a half; returns when, in milliseconds.
    fn as_fast_as_possible(limiter: &Limiter<FakeRelativeClock>, clock: &FakeRelativeClock) -> Vec<u64> {
        let (mut now, mut sent, mut from) = (0, Vec::new(), 0);
        while now < 5_400_000 {
            match limiter.check("msteams", "a:1", from) {
                Ok(()) => {
                    sent.push(now);
                    from = 0;
                }
                Err(Denied { gate, wait }) => {
                    let wait = wait.as_millis() as u64 + 1;
                    clock.advance(Duration::from_millis(wait));
                    now += wait;
                    from = gate;
                }
            }
        }
        sent
    }

    #[test]
    fn no_stretch_of_time_sees_more_than_teams_takes() {
        let (limiter, clock) = teams();
        let sent = as_fast_as_possible(&limiter, &clock);
        for (most, ms) in [(7, 1_000), (8, 2_000), (60, 30_000), (1_800, 3_600_000)] {
            for (place, begin) in sent.iter().enumerate() {
                let within = sent[place..].iter().take_while(|&&at| at < begin + ms).count();
                assert!(within <= most, "{within} within {ms} ms from {begin}");
            }
        }
        assert!(sent.len() > 1_800, "{}", sent.len());
    }

    #[test]
    fn conversations_do_not_slow_each_other_down() {
        let (limiter, _clock) = teams();
        while limiter.check("msteams", "a:1", 0).is_ok() {}
        assert_eq!(limiter.check("msteams", "a:2", 0), Ok(()));
        assert!(limiter.check("msteams", "a:1", 0).is_err());
    }

    #[test]
    fn sub_channels_are_the_channel_and_others_are_free() {
        let (limiter, _clock) = teams();
        while limiter.check("msteams:COPILOT", "a:1", 0).is_ok() {}
        for _ in 0..10_000 {
            assert_eq!(limiter.check("directline", "a:1", 0), Ok(()));
        }
        assert_eq!(limiter.remembered(), 4);
    }

    #[test]
    fn silent_conversations_are_forgotten() {
        let (limiter, clock) = teams();
        for conversation in 0..20_000 {
            let _ = limiter.check("msteams", &conversation.to_string(), 0);
            clock.advance(Duration::from_secs(30));
        }
        assert!(limiter.remembered() < 10_000, "{}", limiter.remembered());
    }

    #[test]
    fn one_in_a_window_is_one() {
        let clock = FakeRelativeClock::default();
        let second = Window::new(NonZeroU32::MIN, Duration::from_secs(3));
        let other = ChannelLimits { text_bytes: 100, windows: vec![second], in_sum: Vec::new() };
        let limits = Limits { channels: HashMap::new(), other };
        let limiter = Limiter::with_clock(&limits, |of| &of.windows, clock.clone());
        assert!(limiter.check("webchat", "1", 0).is_ok());
        clock.advance(Duration::from_millis(2_999));
        let wait = Duration::from_millis(1);
        assert_eq!(limiter.check("webchat", "1", 0), Err(Denied { gate: 0, wait }));
        clock.advance(wait);
        assert!(limiter.check("webchat", "1", 0).is_ok());
    }
}
