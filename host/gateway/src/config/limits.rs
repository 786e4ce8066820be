//! `[limits]`: how much of everything the two listeners take before they say no.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};

use serde::Deserialize;

use crate::front::Proxies;

/// `[limits]`. None of them can be switched off: a figure of 0 is a mistake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrontSection {
    /// Connections of bots and vendors at the same time; for a further one the longest silent one makes way.
    pub connections: NonZeroU32,
    /// Connections of operators at the same time.
    pub admin_connections: NonZeroU32,
    /// How long the head of a request may take to arrive; an idle connection is kept for as long.
    pub head_ms: NonZeroU64,
    /// A request's line and headers together; at least 8192.
    pub head_bytes: NonZeroUsize,
    /// Headers of a request.
    pub headers: NonZeroUsize,
    /// The body of a request.
    pub body_bytes: NonZeroUsize,
    /// All bodies that are in memory at the same time, on each listener.
    pub bodies_bytes: NonZeroU32,
    /// How long a body may take to arrive.
    pub body_ms: NonZeroU64,
    /// How fast a body has to arrive after its first five seconds.
    pub body_bytes_per_second: NonZeroU32,
    /// How long a request may take from its head to its answer.
    pub request_ms: NonZeroU64,
    /// How long a caller may leave an answer unread.
    pub unread_ms: NonZeroU64,
    /// Turns of the bot that are under way at the same time.
    pub turns: NonZeroUsize,
    /// Callbacks of vendors that are under way at the same time.
    pub callbacks: NonZeroUsize,
    /// Requests of one address.
    pub caller_per_second: NonZeroU32,
    /// Callbacks to one connector.
    pub connector_per_second: NonZeroU32,
    /// Turns of one conversation within ten seconds.
    pub conversation_per_10_seconds: NonZeroU32,
    /// Sessions that are open at the same time; a further start is told `no-agents`.
    pub max_open_sessions: NonZeroU64,
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
}

const fn figure(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("a figure above 0")
}

const fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("a figure above 0")
}

const fn long(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).expect("a figure above 0")
}

impl Default for FrontSection {
    fn default() -> Self {
        Self {
            connections: figure(10_000),
            admin_connections: figure(256),
            head_ms: long(10_000),
            head_bytes: count(32 << 10),
            headers: count(64),
            body_bytes: count(1 << 20),
            bodies_bytes: figure(256 << 20),
            body_ms: long(20_000),
            body_bytes_per_second: figure(1024),
            request_ms: long(30_000),
            unread_ms: long(30_000),
            turns: count(512),
            callbacks: count(1024),
            caller_per_second: figure(1_000),
            connector_per_second: figure(2_000),
            conversation_per_10_seconds: figure(30),
            max_open_sessions: long(100_000),
            trusted_proxies: Vec::new(),
        }
    }
}

impl FrontSection {
    /// What cannot be served as it is, a line each.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.head_bytes.get() < 8192 {
            wrong.push(format!("`limits.head_bytes`: {} is less than 8192", self.head_bytes));
        }
        if u64::from(self.bodies_bytes.get()) < self.body_bytes.get() as u64 {
            wrong.push("`limits.bodies_bytes`: less than one body of `limits.body_bytes`".to_owned());
        }
        wrong.extend(Proxies::read(&self.trusted_proxies).err());
        wrong
    }
}
