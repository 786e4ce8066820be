//! The conversation suite: the same conversations with every vendor's connector, in one table.
//!
//! Each cell is one [`Row`] played in a [`House`](house::House) of its own: the gateway as a process, the vendor's
//! simulator behind it, a bot before it. Rows are told in the words of the agents' desk, which all simulators share;
//! what is particular to a vendor stands in its file below [`vendors`]: how it is configured, which requests it makes
//! at which step, and what it cannot, with the source of that.

pub mod cli;
pub mod house;
pub mod patience;
pub mod rows;
pub mod run;
pub mod table;
pub mod vendors;

pub use rows::Row;
pub use vendors::Vendor;
