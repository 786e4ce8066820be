//! Behaves. Version 1, which it says in all that it answers.

sandbox_guests::echo!("1.0.0");
