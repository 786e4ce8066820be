//! Short ways to say what happened at the vendor, and what it is called.

use serde_json::Value;

use crate::{
    Answer, Attribute, EndReason, Ended, Event, MappedEvent, Participant, QueueStatus, Typing, Update, json,
};

impl Update {
    /// Nothing new to remember.
    pub const UNCHANGED: Self = Self { state: None, tokens: None };
}

impl Event {
    /// The customer waits; how long is not known.
    pub const QUEUED: Self = Self::Queued(QueueStatus { position: None, wait_seconds: None, text: None });

    /// Nothing to do, and why.
    pub fn ignored(why: impl Into<String>) -> Self {
        Self::Ignored(why.into())
    }

    /// The end, with the vendor's word for why.
    pub fn ended(by: EndReason, why: impl Into<String>) -> Self {
        Self::Ended(Ended { by, detail: Some(why.into()) })
    }

    /// Somebody types, or stops.
    pub fn typing(author: Option<Participant>, on: bool) -> Self {
        Self::Typing(Typing { author, on })
    }
}

impl Participant {
    /// A live agent.
    pub fn agent(id: Option<String>, name: Option<String>) -> Self {
        Self { id, name, role: Some("agent".to_owned()), avatar_url: None }
    }
}

impl Answer {
    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        let content_type =
            Attribute { name: "content-type".to_owned(), value: "application/json".to_owned() };
        Self { status, headers: vec![content_type], body: json::write(body).into_bytes() }
    }
}

/// The name of the `nth` of several events, parts or posts that one thing of this id becomes. The first has the id
/// itself, so that it is known by it elsewhere too.
pub fn nth(id: &str, nth: usize) -> String {
    if nth == 0 { id.to_owned() } else { format!("{id}/{nth}") }
}

/// All that one event of the vendor's becomes, in order, each under a name of its own.
pub fn mapped(lookup_key: &str, id: Option<&str>, time: Option<u64>, events: Vec<Event>) -> Vec<MappedEvent> {
    let named = |(place, event)| MappedEvent {
        lookup_key: lookup_key.to_owned(),
        dedupe_id: id.map(|id| nth(id, place)),
        time,
        event,
    };
    events.into_iter().enumerate().map(named).collect()
}

/// A name for what has none of its own, made of all that tells it apart: short however long the parts are, and the same
/// each time (FNV-1a, 128 bits, in hex; no protection against somebody who looks for two things of one name).
pub fn named_by(parts: &[&str]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    // A byte that no UTF-8 has keeps the parts apart.
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_id_is_named_by_all_of_its_parts() {
        assert_eq!(named_by(&[]), "6c62272e07bb014262b821756295c58d");
        assert_eq!(named_by(&["one", "two"]), named_by(&["one", "two"]));
        assert_ne!(named_by(&["one", "two"]), named_by(&["onet", "wo"]));
        assert_ne!(named_by(&["one", "two"]), named_by(&["one", "two", ""]));
        assert_eq!(named_by(&[&"long ".repeat(30_000)]).len(), 32);
    }

    #[test]
    fn each_of_several_events_has_a_name_of_its_own() {
        let named = mapped("c1", Some("e1"), None, vec![Event::QUEUED, Event::QUEUED]);
        let names: Vec<_> = named.iter().filter_map(|event| event.dedupe_id.as_deref()).collect();
        assert_eq!(names, ["e1", "e1/1"]);
        assert_eq!(mapped("c1", None, None, vec![Event::QUEUED])[0].dedupe_id, None);
    }
}
