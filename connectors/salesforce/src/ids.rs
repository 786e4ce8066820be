//! Ids that the client makes. Salesforce takes lower-case UUIDs only, and its own clients make version 4.

use handover_connector::Session;

/// The id of one part of what the host calls `id`, the first being 0. The same input gives the same id, so that a
/// repeated request can be told to be one.
pub fn uuid(id: &str, part: usize) -> String {
    let mut digits: Vec<u8> = match plain(id) {
        Some(digits) if part == 0 => digits,
        _ => hashed(&format!("{id}/{part}")),
    };
    // RFC 9562, section 4: the version, and the variant of two bits.
    digits[12] = b'4';
    if !matches!(digits[16], b'8' | b'9' | b'a' | b'b') {
        digits[16] = b"89ab"[usize::from(digits[16] % 4)];
    }
    let mut uuid = String::with_capacity(36);
    for (place, digit) in digits.into_iter().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(char::from(digit));
    }
    uuid
}

/// The conversation's id: one per session, known before anything is asked.
pub fn conversation(session: &Session) -> String {
    session.lookup_keys.first().cloned().unwrap_or_else(|| uuid(&session.id, 0))
}

/// The 32 digits of a UUID.
fn plain(id: &str) -> Option<Vec<u8>> {
    let shaped = id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    shaped.then(|| id.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase()).collect())
}

/// 32 digits that differ where the texts differ; FNV-1a, twice.
fn hashed(text: &str) -> Vec<u8> {
    let half = |seed: u64| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    format!("{:016x}{:016x}", half(0), half(0x5bd1_e995_7fb5_d329)).into_bytes()
}
