//! Behaves. Its state is of schema 2, and it can make that of schema 1 its own.

use handover_connector::{Context, Failure, Migration};

impl Migration for Remembers {
    fn migrate(context: Context, from_schema: u32, state: String) -> Result<String, Failure> {
        sandbox_guests::remembers::migrate(context, from_schema, state)
    }
}

sandbox_guests::remembers!(2, Migration);
