//! A handover from start to end: what reaches whom, who is told what, and what happens when something goes wrong.

mod busy;
mod delivery;
mod ending;
mod pane;
mod simulator;
mod start;
mod typing;
mod vendor_down;
