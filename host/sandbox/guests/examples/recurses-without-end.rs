//! Calls itself until its stack is full.

use handover_connector::{Context, Failure, Message, Sent, Session};
use sandbox_guests::{Guest, sent};

struct RecursesWithoutEnd;

impl Guest for RecursesWithoutEnd {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        Ok(sent(deeper(message.text.len()).to_string()))
    }
}

#[inline(never)]
#[allow(unconditional_recursion, reason = "that is the sin")]
fn deeper(depth: usize) -> usize {
    std::hint::black_box(deeper(depth + 1)) + std::hint::black_box(depth)
}

sandbox_guests::sin!(RecursesWithoutEnd);
