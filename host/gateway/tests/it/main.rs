//! The gateway from outside: the real program as a process of its own, the Contoso live chat behind it, and a bot
//! before it; one module per story.

mod bot;
mod choice;
mod compiled;
mod component;
mod customer;
mod desk;
mod gateway;
mod house;
mod page;
mod patience;
mod ports;

mod appsettings;
mod asked;
mod author;
mod check;
mod closed;
mod crash;
mod defects;
mod front;
mod handover;
mod hostile;
mod ledger;
mod media;
mod reload;
mod routing;
mod run;
mod wire;
