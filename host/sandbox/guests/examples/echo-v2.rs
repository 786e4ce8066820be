//! Behaves. Version 2, which it says in all that it answers.

sandbox_guests::echo!("2.0.0");
