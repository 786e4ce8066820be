//! The folder and the file of a database, which nobody else is to read.

use std::io;
use std::path::Path;

/// Makes the folder and the file where they are not there, readable by their owner only. What SQLite puts beside the
/// file has the file's permissions.
///
/// Returns what is to be said to an operator: where others can read what was there before, and how to mend that.
pub(super) fn make(folder: &Path, file: &Path) -> io::Result<Vec<String>> {
    let mut warnings = Vec::new();
    if folder.is_dir() {
        warnings.extend(open_to_others(folder, "700")?);
    } else {
        make_folder(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            for file in [file.to_owned(), beside(file)] {
                if file.exists() {
                    warnings.extend(open_to_others(&file, "600")?);
                }
            }
        }
        Err(e) => return Err(e),
    }
    Ok(warnings)
}

/// The write-ahead log, which outlives a process that was killed.
fn beside(file: &Path) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn open_to_others(path: &Path, wanted: &str) -> io::Result<Option<String>> {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    let path = path.display();
    Ok((mode & 0o077 != 0).then(|| {
        format!(
            "{path} has mode {mode:03o}: other users of this machine can get at what customers wrote; \
             run `chmod {wanted} {path}`"
        )
    }))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path, _: &str) -> io::Result<Option<String>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::make;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    fn open_up(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn what_is_made_is_its_owners() {
        let above = tempfile::tempdir().expect("a folder");
        let folder = above.path().join("var/data");
        let file = folder.join("handover.db");
        assert!(make(&folder, &file).expect("made").is_empty());
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
        assert!(make(&folder, &file).expect("there").is_empty(), "nothing is wrong with it");
    }

    #[test]
    fn what_others_can_read_is_told_with_the_remedy() {
        let above = tempfile::tempdir().expect("a folder");
        let (folder, file) = (above.path().join("data"), above.path().join("data/handover.db"));
        make(&folder, &file).expect("made");
        open_up(&folder, 0o755);
        open_up(&file, 0o640);
        let told = make(&folder, &file).expect("there");
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("mode 755") && told[0].ends_with(&format!("`chmod 700 {}`", folder.display()))
        );
        assert!(
            told[1].contains("mode 640") && told[1].ends_with(&format!("`chmod 600 {}`", file.display()))
        );
        assert_eq!(mode(&folder), 0o755, "what was there is the operator's");
    }
}
