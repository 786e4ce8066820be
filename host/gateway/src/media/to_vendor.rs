//! The customer's files on their way to the vendor: each gets an address of this gateway's, and what the vendor would
//! not take is held back, so that the customer can be told.

use std::time::Duration;

use handover_handoff::Session;
use handover_handoff::delivery::Delivery;
use handover_handoff::notice::FileRefusal;
use handover_handoff::vendor::{Attachment, CustomerMessage};
use handover_sandbox::Generation;
use handover_sandbox::description::{AttachmentMode, Attachments};
use handover_sandbox::files::NoFile;

use tokio::time::{Instant, timeout_at};

use super::{Media, kind};

/// How long the files of one message are looked at, all together: an attempt to deliver it has its own end.
const LOOKING: Duration = Duration::from_secs(10);

/// How long the bytes of a file are counted whose source does not tell how many there are.
const COUNTING: Duration = Duration::from_secs(3);

/// A message as the vendor can have it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) message: CustomerMessage,
    /// What it goes without: names, and why.
    pub(crate) refused: Vec<(String, FileRefusal)>,
}

impl Prepared {
    /// Nothing is left of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.message.text.trim().is_empty() && self.message.attachments.is_empty()
    }
}

impl Media {
    /// Looks at each file and gives it an address. Trouble that may pass holds nothing up: the file is fetched later, by
    /// the address.
    pub(crate) async fn prepare(
        &self,
        session: &Session,
        delivery: &Delivery,
        message: &CustomerMessage,
        connector: &Generation,
    ) -> Prepared {
        let takes = &connector.description().attachments;
        let bound = self.bound(takes, connector);
        let mut prepared = Prepared { message: message.clone(), refused: Vec::new() };
        prepared.message.attachments.clear();
        let by = Instant::now() + LOOKING;
        for (nth, file) in message.attachments.iter().enumerate() {
            let looked = timeout_at(by, self.look(session, file, takes, bound)).await;
            // What nobody had the time to look at is fetched by its address, or not.
            match looked.unwrap_or_else(|_| Ok((unsure(file), file.size))) {
                Ok((kind, size)) => {
                    let Some(url) = self.address(delivery, nth, delivery.created) else { continue };
                    let name = file.name.clone();
                    prepared.message.attachments.push(Attachment { name, content_type: kind, url, size });
                }
                Err(why) => prepared.refused.push((file.name.clone(), why)),
            }
        }
        prepared
    }

    fn bound(&self, takes: &Attachments, connector: &Generation) -> u64 {
        let most = self.limits.file_bytes.get().min(takes.size.unwrap_or(u64::MAX));
        match takes.mode {
            // It goes through the connector as a whole.
            AttachmentMode::Upload => most.min(connector.longest_request() as u64),
            AttachmentMode::ByUrl | AttachmentMode::None => most,
        }
    }

    /// What kind of file it is and how large, as far as can be told; or why it is not passed on.
    async fn look(
        &self,
        session: &Session,
        file: &Attachment,
        takes: &Attachments,
        bound: u64,
    ) -> Result<(String, Option<u64>), FileRefusal> {
        let named = kind::essence(&file.content_type).filter(|kind| !kind::is_vague(kind));
        if named.as_ref().is_some_and(|kind| !kind::takes(&takes.types, kind)) {
            return Err(FileRefusal::Kind);
        }
        if file.size.is_some_and(|size| size > bound) {
            return Err(FileRefusal::TooLarge(bound));
        }
        let opened = match self.source.open(session, &file.url).await {
            Ok(opened) => opened,
            Err(why) => {
                tracing::warn!(session = %session.id, reason = %why, "a file of the customer cannot be had");
                return match why {
                    NoFile::Unavailable(_) => Ok((unsure(file), file.size)),
                    NoFile::TooLarge { .. } => Err(FileRefusal::TooLarge(bound)),
                    NoFile::Gone(_) | NoFile::Unknown(_) => Err(FileRefusal::Gone),
                };
            }
        };
        let kind = named.or_else(|| opened.kind.clone()).unwrap_or_else(|| unsure(file));
        if !kind::takes(&takes.types, &kind) {
            return Err(FileRefusal::Kind);
        }
        match tokio::time::timeout(COUNTING, opened.count(bound)).await {
            Ok(Ok(size)) if size > bound => Err(FileRefusal::TooLarge(bound)),
            Ok(Ok(size)) => Ok((kind, Some(size))),
            // What is too large for the address to serve breaks off there.
            Ok(Err(_)) | Err(_) => Ok((kind, None)),
        }
    }
}

/// What kind of file it is as far as its message tells.
fn unsure(file: &Attachment) -> String {
    let named = kind::essence(&file.content_type).filter(|kind| !kind::is_vague(kind));
    named.unwrap_or_else(|| "application/octet-stream".to_owned())
}
