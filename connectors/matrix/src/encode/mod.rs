//! To the homeserver: a room per session, the customer's ghost in it, and what it says there.

mod end;
mod ghost;
mod message;
mod room;
mod signals;
mod start;

use handover_connector::Failure;
use handover_connector::http::{Method, Response};
use handover_connector::text::percent;
use serde_json::{Value, json};

use crate::server;
use crate::settings::Settings;

pub use end::end;
pub use message::send;
pub use start::start;

/// UTF-16 units of the longest text in one event. An event has at most 65 536 bytes (client-server API, "Size
/// limits"), and a text stands in it twice: in HTML and without.
pub const LONGEST: usize = 8_000;

/// Where one speaks: as whom, in which room.
pub struct Place<'a> {
    pub settings: &'a Settings,
    pub room: &'a str,
    pub ghost: &'a str,
}

impl Place<'_> {
    /// A path below the room's.
    pub fn path(&self, below: &str) -> String {
        format!("client/v3/rooms/{}/{below}", percent(self.room))
    }

    /// Says something once, however often it is tried: the homeserver knows the transaction again (client-server API,
    /// "Transaction identifiers"). Synapse keeps them on disk for users with a device, else only in memory.
    pub fn say(&self, transaction: &str, content: &Value) -> Result<String, Failure> {
        let said = self.try_say(transaction, content).and_then(|said| {
            // An administrator may have removed the device.
            if server::code(&said) != "M_UNKNOWN_DEVICE" {
                return Ok(said);
            }
            ghost::device(self.settings, self.ghost)?;
            self.try_say(transaction, content)
        });
        let said =
            said.and_then(|said| if said.is_success() { Ok(said) } else { Err(server::refusal(&said)) });
        let forgets = self.settings.device.is_empty();
        let said = said.map_err(|failure| if forgets { failure } else { failure.repeatable() })?;
        Ok(said.value()["event_id"].as_str().unwrap_or_default().to_owned())
    }

    /// A notice, which programs are not to answer.
    pub fn notice(&self, transaction: &str, text: &str) -> Result<String, Failure> {
        self.say(transaction, &json!({ "msgtype": "m.notice", "body": text }))
    }

    fn try_say(&self, transaction: &str, content: &Value) -> Result<Response, Failure> {
        let mut path = self.path(&format!("send/m.room.message/{}", percent(transaction)));
        if !self.settings.device.is_empty() {
            path.push_str(&format!("?device_id={}", percent(&self.settings.device)));
        }
        server::request(Method::Put, &path, self.ghost).json(content).send()
    }
}
