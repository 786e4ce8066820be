//! A handover from start to end: what reaches whom, who is told what, and what happens when something goes wrong.

mod busy;
mod delivery;
mod ending;
mod letters;
mod pane;
mod silence;
mod simulator;
mod start;
mod typing;
mod unread;
mod vendor_down;
