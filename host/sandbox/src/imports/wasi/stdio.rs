//! Standard output and error: lines of the connector's log, bounded as those are.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use super::super::log::LINE;
use super::super::wit::log::Level;
use super::super::{SharedJournal, journal};

/// Bytes that are taken at once.
const CHUNK: usize = 4 << 10;

/// Bytes of a line that are kept: so many characters have no more.
const KEPT: usize = LINE * 4;

/// One of the two. Streams that a guest opens of it share the line that is not ended yet.
#[derive(Clone)]
pub(super) struct Stdio {
    journal: SharedJournal,
    level: Level,
    line: Arc<Mutex<Vec<u8>>>,
}

impl Stdio {
    pub(super) fn new(journal: &SharedJournal, level: Level) -> Self {
        Self { journal: Arc::clone(journal), level, line: Arc::default() }
    }

    fn take_in(&self, bytes: &[u8]) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n");
            let room = KEPT.saturating_sub(line.len());
            let kept = text.unwrap_or(piece);
            line.extend_from_slice(kept.get(..room).unwrap_or(kept));
            if text.is_some() {
                self.end(&mut line);
            }
        }
    }

    /// What has no end yet is a line all the same: the call that wrote it is over.
    pub(super) fn end_line(&self) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        self.end(&mut line);
    }

    fn end(&self, line: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(line).into_owned();
        line.clear();
        // Interpreters end their reports with empty lines.
        if !text.trim().is_empty() {
            journal(&self.journal).write(self.level, text.trim_end_matches('\r'));
        }
    }
}

impl IsTerminal for Stdio {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stdio {
    /// Of WASI 0.3, which nobody can ask for.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Stdio {
    async fn ready(&mut self) {}
}

impl OutputStream for Stdio {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.take_in(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}
