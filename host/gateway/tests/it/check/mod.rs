//! The setup doctor: a set-up that is well, and many that are not, each with what is wrong and what to do about it.

mod offline;
mod online;
mod setup;
mod strangers;
