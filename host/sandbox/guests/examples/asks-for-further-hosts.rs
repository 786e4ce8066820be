//! Declares hosts that its vendor hands out at run time.

use handover_connector::{Description, Upstream};
use sandbox_guests::{API, Guest, description, upstream};

struct AsksForFurtherHosts;

impl Guest for AsksForFurtherHosts {
    fn describe() -> Description {
        let further_hosts = vec!["*.eu.vendor.example".to_owned()];
        Description { upstreams: vec![Upstream { further_hosts, ..upstream(API) }], ..description() }
    }
}

sandbox_guests::sin!(AsksForFurtherHosts);
