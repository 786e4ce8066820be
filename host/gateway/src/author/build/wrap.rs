//! From a core module, as rustc and clang leave it, to a component of the world that its bindings name.

use std::borrow::Cow;

use wit_component::ComponentEncoder;

/// What a core module begins with; a component has another version there.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A component stays as it is.
pub(super) fn component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if !bytes.starts_with(MODULE) {
        return Ok(Cow::Borrowed(bytes));
    }
    let encoded =
        ComponentEncoder::default().validate(true).module(bytes).and_then(|encoder| encoder.encode());
    encoded.map(Cow::Owned).map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{MODULE, component};

    #[test]
    fn what_is_a_component_stays_as_it_is() {
        let small = b"\0asm\x0d\0\x01\0";
        assert_eq!(*component(small).unwrap(), *small);
    }

    #[test]
    fn a_module_becomes_a_component_and_a_broken_one_is_told() {
        assert_eq!(component(MODULE).unwrap()[4], 0x0d);
        let broken = [MODULE, b"\xff\xff"].concat();
        assert!(component(&broken).is_err());
    }
}
