//! The simulator over real HTTP, with a small skill in the gateway's place; one module per story.

mod authority;
mod checked_tokens;
mod connector;
mod ending;
mod escalation;
mod faults;
mod goodbye;
mod inline_replies;
mod jwt;
mod ordering;
mod page;
mod parked;
mod pushed;
mod serving;
mod signing_in;
mod skill;
mod small_talk;
mod token_endpoint;
mod world;
