//! The shelf: the customer's files, which the component reads by the addresses of its messages.

use std::sync::{Mutex, PoisonError};

use handover_handoff::vendor::Attachment;
use handover_sandbox::files::{File, Files, NoFile, Reading};

/// Where the gateway would have them.
const BASE: &str = "https://handover.example/media";

/// What is to be had of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Given {
    #[default]
    Whole,
    /// The channel does not give it now.
    NotNow,
    /// The channel no longer has it.
    Gone,
}

/// At most one file at a time.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Option<(String, File, Given)>>);

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shelf").finish_non_exhaustive()
    }
}

impl Shelf {
    /// Puts a file there, as it stands in a message.
    pub(crate) fn put(&self, name: &str, content_type: &str, body: Vec<u8>, given: Given) -> Attachment {
        let url = format!("{BASE}/kit-file/{name}");
        let size = u64::try_from(body.len()).ok();
        let file = File { content_type: content_type.to_owned(), body };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((url.clone(), file, given));
        Attachment { name: name.to_owned(), content_type: content_type.to_owned(), url, size }
    }

    fn get(&self, url: &str, bound: usize) -> Result<File, NoFile> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_ref().filter(|(known, _, _)| known == url) {
            None => Err(NoFile::Unknown("no message of the scenario has it".to_owned())),
            Some((_, _, Given::NotNow)) => {
                Err(NoFile::Unavailable("the channel answers 503, as the kit wants it".to_owned()))
            }
            Some((_, _, Given::Gone)) => {
                Err(NoFile::Gone("the channel answers 410, as the kit wants it".to_owned()))
            }
            Some((_, file, Given::Whole)) if file.body.len() > bound => Err(NoFile::TooLarge { bound }),
            Some((_, file, Given::Whole)) => Ok(file.clone()),
        }
    }
}

impl Files for Shelf {
    fn read<'a>(&'a self, _: &'a str, url: &'a str, bound: usize) -> Reading<'a> {
        let found = self.get(url, bound);
        Box::pin(async move { found })
    }
}

/// A file with every byte, so that whoever takes it for a text spoils it; and with a part of its own.
pub(crate) fn content(part: &str) -> Vec<u8> {
    let mut body = b"\x89PNG\r\n\x1a\n".to_vec();
    body.extend(0..=u8::MAX);
    body.extend_from_slice(b"\r\n");
    body.extend_from_slice(part.as_bytes());
    body.extend((0..=u8::MAX).rev());
    body
}
