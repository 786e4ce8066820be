//! The wire: the sample's activities in, the sample's activities, posts and answers out, field by field.

mod actions;
mod inline;
mod proactive;
mod refusals;
mod serving;
mod settings;
mod webhook;
