//! `media.read`: a file of the customer's, by the address that the connector was given with the message.

use super::{CallState, wit};
use crate::files::NoFile;
use crate::fuel::REQUEST;
use wit::media::{Error, File};

/// An address of a file, in bytes.
const ADDRESS: usize = 16 << 10;

impl wit::media::Host for CallState {
    async fn read(&mut self, url: String) -> wasmtime::Result<Result<File, Error>> {
        self.fuel.spend(REQUEST, 0)?;
        let Some(files) = &self.files else {
            return Ok(Err(Error::Unknown("this call may not reach anything".to_owned())));
        };
        if url.len() > ADDRESS {
            return Ok(Err(Error::Unknown(format!("an address may have {ADDRESS} bytes"))));
        }
        // A file is read so that it can be sent on: what may not be sent need not be read.
        let bound = self.limits.request;
        let file = match files.read(&self.connector, &url, bound).await {
            Ok(file) => file,
            Err(why) => return Ok(Err(error(why))),
        };
        self.fuel.spend(0, file.body.len())?;
        Ok(Ok(File { content_type: file.content_type, body: file.body }))
    }
}

fn error(why: NoFile) -> Error {
    match why {
        NoFile::Unknown(why) => Error::Unknown(why),
        NoFile::Unavailable(why) => Error::Unavailable(why),
        NoFile::Gone(why) => Error::Gone(why),
        NoFile::TooLarge { bound } => Error::TooLarge(format!("a file may have {bound} bytes")),
    }
}
