//! Says far too much of itself.

use handover_connector::Description;
use sandbox_guests::{Guest, description, upstream};

struct BoastsInDescribe;

impl Guest for BoastsInDescribe {
    fn describe() -> Description {
        Description {
            vendor: "the greatest ".repeat(100_000),
            upstreams: (0..1_000).map(|n| upstream(&n.to_string())).collect(),
            ..description()
        }
    }
}

sandbox_guests::sin!(BoastsInDescribe);
