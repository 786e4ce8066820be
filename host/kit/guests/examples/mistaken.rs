//! Makes the mistake that its setting names; none where there is none.

struct Desk;

kit_guests::desk!(Desk, kit_guests::SETTINGS, kit_guests::Encoding::Base64);
