//! The listeners on the internet: what is too slow, too long, too much or from elsewhere, and who may do what.

mod admin;
mod audit;
mod bodies;
mod connections;
mod heads;
mod overload;
mod raw;
