//! The live chat over real HTTP, told as the stories of those who use it.
#![allow(clippy::unwrap_used)]

mod agent_ends;
mod agents;
mod api_key;
mod console_page;
mod customer_context;
mod failures;
mod gateway;
mod house;
mod idempotency;
mod isolation;
mod pushes;
mod receipts;
mod sample_contract;
mod shutdown;
mod signatures;
mod switches;
