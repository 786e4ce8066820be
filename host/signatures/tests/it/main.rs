//! Stories of callbacks that come from the vendor, and of those that do not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address_and_form;
mod case;
mod certificate;
mod headers;
mod keys;
mod property;
mod rsa;
mod secrets;
mod sns;
mod standard;
mod time;
mod vendors;
