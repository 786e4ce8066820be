//! Wants 4 GiB: in `send` piece by piece, in `map` at once, and is content when it gets none.

use handover_connector::{CallbackRequest, Context, Failure, Mapped, Message, Refusal, Sent, Session};
use sandbox_guests::Guest;

struct MemoryHog;

impl Guest for MemoryHog {
    fn send(_: Context, _: Session, _: Message) -> Result<Sent, Failure> {
        let pieces: Vec<Vec<u8>> = (0..4096).map(|_| vec![1; 1 << 20]).collect();
        Ok(sandbox_guests::sent(format!("has {} MiB", pieces.len())))
    }

    fn map(_: Context, _: CallbackRequest) -> Result<Mapped, Refusal> {
        Err(Refusal::Unmapped(format!("was given: {}", all_at_once())))
    }
}

#[cfg(target_arch = "wasm32")]
fn all_at_once() -> bool {
    core::arch::wasm32::memory_grow(0, 65_000) != usize::MAX
}

#[cfg(not(target_arch = "wasm32"))]
fn all_at_once() -> bool {
    false
}

sandbox_guests::sin!(MemoryHog);
