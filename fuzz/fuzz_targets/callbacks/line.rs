//! A connection in memory: so many bytes at once, then silence for a while, then its end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub struct Line<'a> {
    left: &'a [u8],
    pace: usize,
    /// Looks in vain that are left before the end; the other side may still have something to say.
    silence: u8,
    pub written: Vec<u8>,
}

impl<'a> Line<'a> {
    pub fn new(bytes: &'a [u8], pace: u8) -> Self {
        let pace = if pace == 0 { usize::MAX } else { pace.into() };
        Self { left: bytes, pace, silence: 8, written: Vec::new() }
    }
}

impl AsyncRead for Line<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left.is_empty() && self.silence > 0 {
            self.silence -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (now, left) = self.left.split_at(self.left.len().min(self.pace).min(buf.remaining()));
        buf.put_slice(now);
        self.left = left;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
