//! Says far too much of itself, where it is looked for least: in the ways to verify its callbacks.

use handover_connector::{CallbackRoute, Description, Verification};
use sandbox_guests::{Guest, description};

struct BoastsInDescribe;

impl Guest for BoastsInDescribe {
    fn describe() -> Description {
        let boast = CallbackRoute {
            path: String::new(),
            methods: vec!["POST".to_owned()],
            verification: vec![Verification::Basic("the greatest ".repeat(100_000))],
        };
        Description { callbacks: vec![boast], ..description() }
    }
}

sandbox_guests::sin!(BoastsInDescribe);
