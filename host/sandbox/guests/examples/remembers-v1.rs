//! Behaves. Its state is of schema 1.

sandbox_guests::remembers!(1);
