//! Breaks down before it has said who it is.

use handover_connector::Description;
use sandbox_guests::Guest;

struct TrapsInDescribe;

impl Guest for TrapsInDescribe {
    fn describe() -> Description {
        panic!("who am I?")
    }
}

sandbox_guests::sin!(TrapsInDescribe);
