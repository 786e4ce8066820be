//! What goes wrong on purpose: which faults there are, how often they strike, and how often they did.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::chance::Chance;

/// Where a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A request to the vendor.
    Vendor,
    /// A post to the channel.
    Channel,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal $vendor:literal $channel:literal)*) => {
        /// One thing that goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault { $($(#[$doc])* $fault,)* }

        impl Fault {
            /// All of them.
            pub const ALL: &[Fault] = &[$(Fault::$fault,)*];

            /// As the command line spells it.
            pub fn name(self) -> &'static str {
                match self { $(Fault::$fault => $name,)* }
            }

            /// Of ten thousand requests to this place so many are struck.
            fn often(self, place: Place) -> u64 {
                match (self, place) { $((Fault::$fault, Place::Vendor) => $vendor, (Fault::$fault, _) => $channel,)* }
            }
        }
    };
}

// Those without a figure do not strike requests: sources and sessions ask for them by name.
faults! {
    /// 500 at the vendor, 503 at the channel; nothing has happened.
    Unavailable "unavailable" 60 50
    /// 429 with `Retry-After`.
    Busy "busy" 40 40
    /// 412, as Teams says it where two change a conversation at once.
    Conflict "conflict" 0 60
    /// 403: this message never gets through.
    Forbidden "forbidden" 0 15
    /// No answer within the call's deadline, and nothing has happened.
    HangBefore "hang-before" 15 0
    /// No answer within the call's deadline, but it has taken effect.
    HangAfter "hang-after" 25 0
    /// The connection breaks, and nothing has happened.
    ResetBefore "reset-before" 50 50
    /// It has taken effect, and the connection breaks before the answer.
    ResetAfter "reset-after" 80 80
    /// An answer that takes a while.
    Slow "slow" 300 300
    /// One conversation gets nowhere for longer than messages are fresh.
    Outage "outage" 0 0
    /// Nobody is there to take a session.
    NoAgents "no-agents" 0 0
    /// The vendor tells the same event again: at the same time, or late.
    RepeatedCallback "repeated-callback" 0 0
    /// The bot tells the same turn again: at the same time, or late.
    RepeatedTurn "repeated-turn" 0 0
    /// Another build of the connector, every second.
    Swap "swap" 0 0
}

/// The faults that a run is to have.
#[derive(Debug, Clone)]
pub struct Chosen(Vec<Fault>);

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => return Ok(Self(Fault::ALL.to_vec())),
            "none" => return Ok(Self(Vec::new())),
            _ => {}
        }
        let find = |name: &str| {
            let names = || Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ");
            let found = Fault::ALL.iter().find(|fault| fault.name() == name.trim());
            found.copied().ok_or_else(|| format!("there is no fault `{name}`; there are {}", names()))
        };
        text.split(',').map(find).collect::<Result<_, _>>().map(Self)
    }
}

/// The faults of a run.
#[derive(Debug)]
pub struct Faults {
    chosen: Vec<Fault>,
    off: AtomicBool,
    counts: Vec<AtomicU64>,
}

impl Faults {
    /// These, from now on.
    pub fn new(chosen: Chosen) -> Self {
        let counts = Fault::ALL.iter().map(|_| AtomicU64::new(0)).collect();
        Self { chosen: chosen.0, off: AtomicBool::new(false), counts }
    }

    /// From now on everything goes well.
    pub fn stop(&self) {
        self.off.store(true, Ordering::Relaxed);
    }

    /// Whether this one may strike now.
    pub fn has(&self, fault: Fault) -> bool {
        !self.off.load(Ordering::Relaxed) && self.chosen.contains(&fault)
    }

    /// Whether this one strikes now, so often in ten thousand.
    pub fn strikes(&self, fault: Fault, often: u64, chance: &Chance) -> bool {
        self.has(fault) && chance.of_ten_thousand(often)
    }

    /// What strikes this request, if anything.
    pub fn draw(&self, place: Place, chance: &Chance) -> Option<Fault> {
        let mut drawn = chance.below(10_000);
        for fault in Fault::ALL.iter().filter(|fault| self.has(**fault)) {
            let often = fault.often(place);
            if drawn < often {
                return Some(*fault);
            }
            drawn -= often;
        }
        None
    }

    /// It struck.
    pub fn count(&self, fault: Fault) {
        self.counts[fault as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often each struck.
    pub fn counted(&self) -> impl Iterator<Item = (Fault, u64)> + '_ {
        Fault::ALL.iter().map(|fault| (*fault, self.counts[*fault as usize].load(Ordering::Relaxed)))
    }
}
