//! Declares signatures in hex, where the desk writes them in base64.

struct Desk;

kit_guests::desk!(Desk, kit_guests::SETTINGS, kit_guests::Encoding::Hex);
