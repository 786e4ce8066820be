//! The known weaknesses of Microsoft's sample, numbered as in its study (security 1 to 6, correctness 7 to 23), and
//! that none of those is here.

mod routing;
mod security;
