//! A secret in a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// The longest file that is taken for a secret, in bytes; a chain of certificates is far shorter.
const LONGEST: u64 = 256 * 1024;

/// The content without one trailing line break, which editors and `echo` add.
pub(crate) fn read(path: &Path) -> io::Result<Secret> {
    let mut content = Zeroizing::new(Vec::new());
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    if content.last() == Some(&b'\n') {
        content.pop();
        if content.last() == Some(&b'\r') {
            content.pop();
        }
    }
    Ok(Secret::new(std::mem::take(&mut *content)))
}
