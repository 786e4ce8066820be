//! The harness itself: its rules catch what they are for, and its database comes and goes.

mod database;
mod rules;
