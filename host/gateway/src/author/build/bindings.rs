//! C's bindings of the contract, as `wit-bindgen c` makes them, so that nobody has to install it.

use std::path::Path;

use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::{InterfaceId, Resolve, WorldId, WorldItem};

/// The contract's package, whose names would begin every one in C.
const CONTRACT: &str = "handover:connector/";

/// Files by their names: a header, a source, and an object file that tells the world.
pub(super) fn c(wit: &Path, world: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(|error| format!("{error:#}"))?;
    let world = resolve.select_world(&[package], Some(world)).map_err(|error| format!("{error:#}"))?;
    let rename = interfaces(&resolve, world).filter_map(|id| resolve.id_of(id));
    let rename = rename.filter_map(|name| short(&name).map(|short| (name.clone(), short))).collect();
    let options = wit_bindgen_c::Opts { rename, ..wit_bindgen_c::Opts::default() };
    let mut files = Files::default();
    let made = options.build().generate(&mut resolve, world, &mut files);
    made.map_err(|error| format!("{error:#}"))?;
    Ok(files.iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect())
}

fn interfaces(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = InterfaceId> {
    let world = &resolve.worlds[world];
    world.imports.values().chain(world.exports.values()).filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    })
}

/// `handoff`, of `handover:connector/handoff@1.0.0`.
fn short(name: &str) -> Option<String> {
    let (name, _version) = name.strip_prefix(CONTRACT)?.split_once('@')?;
    Some(name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::Path;

    use super::{c, short};

    #[test]
    fn the_examples_world_has_bindings_with_short_names() {
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/connectors/c/wit");
        let files = c(Path::new(wit), "contoso").unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["contoso.c", "contoso.h", "contoso_component_type.o"]);
        let header = std::str::from_utf8(&files[1].1).unwrap();
        assert!(header.contains("http_send(") && header.contains("types_failure_t"), "{header}");
        assert!(c(Path::new(wit), "acme").is_err());
    }

    #[test]
    fn only_the_contracts_names_become_short() {
        assert_eq!(short("handover:connector/handoff@1.0.0").unwrap(), "handoff");
        assert_eq!(short("wasi:io/poll@0.2.9"), None);
    }
}
