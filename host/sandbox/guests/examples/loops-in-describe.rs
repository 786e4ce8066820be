//! Never says who it is.

use handover_connector::Description;
use sandbox_guests::Guest;

struct LoopsInDescribe;

impl Guest for LoopsInDescribe {
    fn describe() -> Description {
        loop {
            std::hint::black_box(());
        }
    }
}

sandbox_guests::sin!(LoopsInDescribe);
