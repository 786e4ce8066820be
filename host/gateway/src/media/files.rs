//! The customer's files for connectors that upload them: `media.read`.

use handover_handoff::delivery::{Direction, Parcel};
use handover_sandbox::files::{File, Files, NoFile, Reading};

use super::{Media, kind};
use crate::clock;

impl Files for Media {
    fn read<'a>(&'a self, connector: &'a str, url: &'a str, bound: usize) -> Reading<'a> {
        Box::pin(async move {
            let unknown = |why: &str| NoFile::Unknown(why.to_owned());
            let token = url.strip_prefix(&self.base).ok_or_else(|| unknown("it is no address of a file"))?;
            let statement = self.seals.open(token, clock::now());
            let statement = statement.map_err(|_| unknown("the address is not good, or no longer"))?;
            let found = self.find(&statement).await;
            let found = found.map_err(|_| NoFile::Unavailable("the store does not answer".to_owned()))?;
            let (session, delivery) = found.ok_or_else(|| unknown("the message is not kept any more"))?;
            let Parcel::Message(message) = &delivery.parcel else {
                return Err(unknown("it is no file of the customer"));
            };
            if session.connector != connector || delivery.direction != Direction::ToVendor {
                return Err(unknown("it is another connector's"));
            }
            let file = message.attachments.get(usize::from(statement.nth));
            let file = file.ok_or_else(|| unknown("the message has no such file"))?;
            let opened = self.source.open(&session, &file.url).await?;
            let told = opened.kind.clone().filter(|told| !kind::is_vague(told));
            let content_type = match (kind::essence(&file.content_type), told) {
                (Some(named), _) if !kind::is_vague(&named) => named,
                (_, Some(told)) => told,
                _ => "application/octet-stream".to_owned(),
            };
            let bound = self.limits.file_bytes.get().min(bound as u64);
            Ok(File { content_type, body: opened.whole(bound).await? })
        })
    }
}
