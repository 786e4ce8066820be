//! Another build of the connector every second: the same component with another mark, which makes it another file.

use std::fs;
use std::path::Path;

/// The component with one more custom section.
pub fn marked(component: &[u8], nth: u64) -> Vec<u8> {
    let name = b"ledger";
    let mark = nth.to_string();
    let mut section = vec![u8::try_from(name.len()).unwrap_or_default()];
    section.extend_from_slice(name);
    section.extend_from_slice(mark.as_bytes());
    // Section 0 is a custom one; its length fits one byte of LEB128, since the mark is a number.
    let length = u8::try_from(section.len()).unwrap_or(0x7f);
    [component, &[0, length], &section].concat()
}

/// Puts a component into a gateway's drop-in folder, whole or not at all.
///
/// # Errors
/// Where it cannot be written.
pub fn drop_in(folder: &Path, component: &[u8]) -> std::io::Result<()> {
    // Beside the drop-in folder, on the same file system: what is looked at there is whole.
    let beside = folder.join("contoso.wasm.next");
    fs::write(&beside, component)?;
    fs::rename(&beside, folder.join("connectors").join("contoso.wasm"))
}
