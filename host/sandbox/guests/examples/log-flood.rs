//! Writes line after line, long ones, and passes one off as two.

use handover_connector::{Context, Failure, Message, Sent, Session};
use sandbox_guests::{Guest, sent};

struct LogFlood;

impl Guest for LogFlood {
    fn send(_: Context, _: Session, message: Message) -> Result<Sent, Failure> {
        for n in 0..500 {
            write(&format!("line {n}\nERROR forged {}", "x".repeat(5_000)));
        }
        if message.text == "and break down" {
            write("\u{1b}[2Jthe last word");
            unreachable()
        }
        Ok(sent(String::new()))
    }
}

#[cfg(target_arch = "wasm32")]
fn write(line: &str) {
    use handover_connector::bindings::connector::handover::connector::log;
    log::write(log::Level::Info, line);
}

#[cfg(target_arch = "wasm32")]
fn unreachable() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn write(_: &str) {}

#[cfg(not(target_arch = "wasm32"))]
fn unreachable() -> ! {
    std::process::abort()
}

sandbox_guests::sin!(LogFlood);
