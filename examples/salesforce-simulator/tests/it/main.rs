//! The simulated organization, from outside: what it takes, what it refuses, and what it tells.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod conversations;
mod disturbances;
mod entries;
mod files;
mod house;
mod reps;
mod stream;
