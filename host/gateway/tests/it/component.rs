//! Components to drop in: the built Contoso connector, the same one changed, and the sandbox's fixtures.

use std::fs;
use std::path::Path;

/// The built Contoso connector; the one of the folder `HANDOVER_CONNECTORS` where that is set.
pub fn contoso() -> Vec<u8> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("HANDOVER_CONNECTORS").unwrap_or_else(|| "connectors/installed".into());
    let file = project.join(folder).join("contoso.wasm");
    fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The same component with one more custom section: it does the same, and is another file.
pub fn marked(component: &[u8], mark: &str) -> Vec<u8> {
    let name = b"mark";
    let section = [&[u8::try_from(name.len()).expect("short")], &name[..], mark.as_bytes()].concat();
    let length = u8::try_from(section.len()).expect("short");
    assert!(length < 0x80, "one byte of LEB128");
    [component, &[0, length], &section].concat()
}

/// A fixture of the sandbox, named after the sin that it commits.
pub fn guest(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sandbox/guests/built");
    fs::read(format!("{folder}/{name}.wasm")).unwrap_or_else(|e| panic!("{folder}/{name}.wasm: {e}"))
}
