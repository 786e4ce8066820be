//! Wants its callbacks verified.

use handover_connector::{CallbackRoute, Description, Verification};
use sandbox_guests::{Guest, description};

struct WantsVerification;

impl Guest for WantsVerification {
    fn describe() -> Description {
        Description {
            callbacks: vec![CallbackRoute {
                path: "events/*".to_owned(),
                methods: vec!["POST".to_owned()],
                verification: vec![Verification::Basic("hook".to_owned()), Verification::AwsSns],
            }],
            ..description()
        }
    }
}

sandbox_guests::sin!(WantsVerification);
