//! Describes its settings by something that is no schema.

use handover_connector::Description;
use sandbox_guests::{Guest, description};

struct BadSettingsSchema;

impl Guest for BadSettingsSchema {
    fn describe() -> Description {
        Description { config_schema: r#"{"type": "banana"}"#.to_owned(), ..description() }
    }
}

sandbox_guests::sin!(BadSettingsSchema);
