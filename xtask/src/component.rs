//! From a core module to a component that says what it was built from.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use wasm_encoder::{ComponentSection as _, CustomSection, Encode as _};
use wasmparser::{Parser, Payload, Validator};
use wit_component::ComponentEncoder;

/// The custom section that holds the hexadecimal digest of the sources.
pub const SECTION: &str = "handover-sources";

/// Wraps a core module, as rustc leaves it, into a component of the world that its bindings name.
pub fn wrap(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("the module's bindings cannot be read")?
        .encode()
        .context("the module cannot be wrapped into a component")
}

/// Appends the digest, and proves that the whole still is a valid component.
pub fn stamp(mut component: Vec<u8>, digest: &str) -> Result<Vec<u8>> {
    let section = CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Borrowed(digest.as_bytes()) };
    component.push(section.id());
    section.encode(&mut component);
    Validator::new().validate_all(&component).context("the stamped component is not valid")?;
    Ok(component)
}

/// The digest that a component was stamped with; none where it was not built by this command.
pub fn read_stamp(bytes: &[u8]) -> Result<Option<String>> {
    let mut depth = 0_u32;
    let mut first = true;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.context("the file is not WebAssembly, or only a part of it")? {
            Payload::Version { encoding, .. } if first => {
                if encoding != wasmparser::Encoding::Component {
                    bail!("the file is a core module, not a component");
                }
                first = false;
            }
            // What is nested brings its own sections; only the component's own one counts.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                let text =
                    std::str::from_utf8(section.data()).context("the component's stamp is not text")?;
                return Ok(Some(text.to_owned()));
            }
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight bytes of header: the smallest component there is.
    const EMPTY: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

    #[test]
    fn a_stamp_is_read_back() {
        let stamped = stamp(EMPTY.to_vec(), "c0ffee").expect("is valid");
        assert_eq!(read_stamp(&stamped).expect("is whole"), Some("c0ffee".to_owned()));
        assert_eq!(read_stamp(&EMPTY).expect("is whole"), None);
    }

    #[test]
    fn a_stamp_inside_a_nested_component_is_not_ours() {
        let inner = stamp(EMPTY.to_vec(), "inner").expect("is valid");
        let mut outer = wasm_encoder::Component::HEADER.to_vec();
        outer.push(4);
        inner.as_slice().encode(&mut outer);
        assert_eq!(read_stamp(&outer).expect("is whole"), None);
        let stamped = stamp(outer, "outer").expect("is valid");
        assert_eq!(read_stamp(&stamped).expect("is whole"), Some("outer".to_owned()));
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(read_stamp(b"hello, this is text").is_err());
        assert!(read_stamp(&MODULE).is_err());
        let stamped = stamp(EMPTY.to_vec(), "c0ffee").expect("is valid");
        assert!(read_stamp(&stamped[..stamped.len() - 3]).is_err());
    }
}
