//! The known weaknesses of Microsoft's sample, numbered as in its study (security 1 to 6, correctness 7 to 23), and
//! that none of those is here. Number 22, a goodbye that was meant for the live agent, is the bot's to tell apart.

mod routing;
mod security;
mod talking;
