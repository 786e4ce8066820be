//! Behaves. Its state is of schema 2, and it cannot read that of schema 1.

sandbox_guests::remembers!(2);
