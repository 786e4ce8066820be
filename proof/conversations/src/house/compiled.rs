//! Compiled code, handed from a vendor's first gateway to the others: compiling takes longer than all else of a start.

use std::fs;
use std::io;
use std::path::Path;

/// Copies what the one folder has and the other has not.
///
/// # Errors
/// A folder cannot be written.
pub fn carry(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    for entry in entries.flatten() {
        let (file, target) = (entry.path(), to.join(entry.file_name()));
        if file.extension().is_some_and(|ending| ending == "cwasm") && !target.exists() {
            // Others may do the same now: whole or not at all.
            let beside = to.join(uuid::Uuid::now_v7().to_string());
            fs::copy(&file, &beside)?;
            fs::rename(&beside, &target)?;
        }
    }
    Ok(())
}
