//! A simulated Teams channel and Copilot Studio agent, so that the gateway can be tried without a Microsoft account.
//!
//! One process plays four parts that the gateway meets separately in production: the *customer's channel* (a chat page
//! and the HTTP calls behind it), the *bot* that owns the conversation and calls the gateway as its skill, the two
//! services the gateway answers to: the bot's runtime (`/api/runtime/bots/{bot}/skillsV2/…`) and the Bot Connector
//! (`/teams/v3/…`), and the *authority* that issues the tokens all of them show each other: Entra (`/{tenant}/…`) and
//! Bot Service (`/v1/.well-known/…`). Everything that crosses the line to the gateway is kept and can be read at `GET /api/wire`.
#![forbid(unsafe_code)]

mod action;
mod activity;
mod authority;
mod bot;
mod config;
mod connector;
mod conversation;
mod customer;
mod cut;
mod events;
mod exchange;
mod faults;
mod handover;
mod identity;
mod limits;
mod locked;
mod page;
mod phrases;
mod redaction;
mod refusal;
mod runtime;
mod serve;
mod simulator;
mod skill;
mod switchboard;
mod transcript;
mod wire;

pub use authority::{Flaw, OldKeys, Secret, Tokens};
pub use config::{Config, Switches};
pub use serve::{Running, serve};
