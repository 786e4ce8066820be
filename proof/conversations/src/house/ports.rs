//! Ports that stay free while a gateway is down: below those that the system hands out by itself.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port on loopback that nobody listens on; another one each time.
pub fn free() -> u16 {
    // Runs side by side begin at different places.
    let first = std::process::id().wrapping_mul(7919);
    loop {
        let nth = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let port = 10_000 + u16::try_from(nth).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
