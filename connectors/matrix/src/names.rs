//! Who is ours: the names of ghost users and of rooms, within the registration's namespaces.

use crate::settings::Settings;

/// The longest user id, in bytes (Matrix specification, appendix "User identifiers").
const LONGEST: usize = 255;

impl Settings {
    /// The ghost of a customer of a channel.
    pub fn ghost(&self, channel: &str, customer: &str) -> String {
        let mut local = format!("{}{}.{}", self.prefix, mapped(channel), mapped(customer));
        let room = LONGEST.saturating_sub(self.server_name.len() + 2);
        if local.len() > room {
            // Ids of the channel are ASCII here; what is cut off counts in the digest.
            let digest = format!(".{:032x}", fnv(local.as_bytes()));
            local.truncate(room.saturating_sub(digest.len()));
            local.push_str(&digest);
        }
        format!("@{local}:{}", self.server_name)
    }

    /// The local part of the alias of a session's room. It is taken once: that is what makes a second room impossible.
    pub fn room(&self, session: &str) -> String {
        format!("{}{session}", self.prefix)
    }

    /// Whether a user is one of our ghosts, or the application service's own.
    pub fn is_ours(&self, user: &str) -> bool {
        user.strip_prefix('@')
            .and_then(|user| user.strip_prefix(&self.prefix))
            .is_some_and(|rest| rest.strip_suffix(&self.server_name).is_some_and(|rest| rest.ends_with(':')))
    }

    /// What a user is called, where the operator says so.
    pub fn name(&self, user: &str) -> Option<String> {
        self.names.find(user)
    }
}

/// The local part of a user id.
pub fn local(user: &str) -> &str {
    let user = user.strip_prefix('@').unwrap_or(user);
    user.split_once(':').map_or(user, |(local, _)| local)
}

/// As the specification maps other alphabets (appendix "Mapping from other character sets"), with the dot kept as
/// our separator.
fn mapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => out.push(char::from(byte)),
            b'_' => out.push_str("__"),
            b'A'..=b'Z' => {
                out.push('_');
                out.push(char::from(byte.to_ascii_lowercase()));
            }
            _ => out.push_str(&format!("={byte:02x}")),
        }
    }
    out
}

/// FNV-1a with 128 bits: tells apart what was cut off.
fn fnv(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}
