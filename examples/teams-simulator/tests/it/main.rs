//! The simulator over real HTTP, with a small skill in the gateway's place; one module per story.

mod connector;
mod ending;
mod escalation;
mod faults;
mod goodbye;
mod inline_replies;
mod ordering;
mod page;
mod parked;
mod pushed;
mod serving;
mod skill;
mod small_talk;
mod world;
