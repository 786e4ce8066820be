//! Declares an upstream that the operator has not granted.

use handover_connector::Description;
use sandbox_guests::{API, Guest, description, upstream};

struct AsksForUngrantedUpstream;

impl Guest for AsksForUngrantedUpstream {
    fn describe() -> Description {
        Description { upstreams: vec![upstream(API), upstream("billing")], ..description() }
    }
}

sandbox_guests::sin!(AsksForUngrantedUpstream);
