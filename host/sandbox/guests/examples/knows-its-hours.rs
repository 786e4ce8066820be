//! Behaves, and can tell whether anybody is there: by the vendor's word at `/hours`.

use handover_connector::{Attribute, Availability, AvailabilityStatus, Context, Failure, http};
use sandbox_guests::{API, Guest, failure};

struct KnowsItsHours;

impl Guest for KnowsItsHours {}

impl Availability for KnowsItsHours {
    fn check(_: Context, routing: Vec<Attribute>) -> Result<AvailabilityStatus, Failure> {
        let queue = routing.first().map_or("none", |attribute| attribute.value.as_str());
        let response = http::get(API, format!("/hours?queue={queue}")).send()?;
        let status = |open, agents_online| AvailabilityStatus {
            open,
            agents_online,
            queue_length: None,
            wait_seconds: None,
        };
        match response.body.as_slice() {
            b"open" => Ok(status(true, Some(2))),
            b"open, as far as anybody knows" => Ok(status(true, None)),
            b"nobody" => Ok(status(true, Some(0))),
            b"closed" => Ok(status(false, None)),
            _ => Err(failure("no such word".to_owned())),
        }
    }
}

sandbox_guests::sin!(KnowsItsHours, Availability);
