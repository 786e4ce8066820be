//! The simulation: whole gateways in a world that is drawn from a seed, and the same again whenever it is played.
//!
//! Real are the domain, the relay and the store on SQLite in memory. Simulated are clocks, chance, the network, the
//! vendors, the bot with its customers, and processes that die. [`play`] plays one seed in [`world`]: [`customer`] and
//! [`agent`] are the sources, [`vendor`] and [`channel`] the sinks, [`faults`] befall the [`node`]s and their [`link`]s
//! to the store, and the [`book`] holds all that was committed and all that arrived against I1 to I8.
//!
//! What it takes as given:
//!
//! - No request takes effect more than 1.5 s after it was sent. One that is later could not be told from a node that
//!   has been replaced, whoever sent it.
//! - A response that takes along what is held, and is lost, is lost: that is the pane's limit. What was held in a
//!   session that ended unseen before the next one began is left behind; both are counted.
//! - A bot that has got control back does not open another `sendMessage` while the gateway does not know yet that the
//!   result has arrived.
//! - A message that was kept unread, and whose session is over when it can be read, is dropped; that is counted.

pub mod agent;
pub mod book;
pub mod bot_edge;
pub mod callback_edge;
pub mod chance;
pub mod channel;
pub mod cli;
pub mod connector;
pub mod crowd;
pub mod customer;
pub mod faults;
pub mod link;
pub mod news;
pub mod node;
pub mod operator;
pub mod outside;
pub mod play;
pub mod summary;
pub mod tally;
pub mod trace;
pub mod vendor;
pub mod weather;
pub mod wire;
pub mod world;
