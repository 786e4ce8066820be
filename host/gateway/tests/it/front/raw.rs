//! A caller that writes what it likes, byte by byte.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing that is bounded takes this long.
const LONGEST: Duration = Duration::from_secs(60);

pub struct Raw(TcpStream);

impl Raw {
    /// Connects to an `http://host:port/…`.
    pub async fn open(url: &str) -> Self {
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let host = rest.split('/').next().expect("a host");
        Self(TcpStream::connect(host).await.expect("a connection"))
    }

    /// Writes; false where the other end has closed.
    pub async fn writes(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// All that comes until the other end closes; a reset is an end as well.
    pub async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        let read = async {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = self.0.read(&mut buffer).await {
                all.extend_from_slice(&buffer[..length]);
            }
        };
        tokio::time::timeout(LONGEST, read).await.expect("the other end closes");
        String::from_utf8_lossy(&all).into_owned()
    }

    /// What comes up to the end of one answer without closing: its head and the body that it tells the length of.
    pub async fn answer(&mut self) -> String {
        let mut all = Vec::new();
        let read = async {
            let mut buffer = [0; 4096];
            while !is_whole(&all) {
                match self.0.read(&mut buffer).await {
                    Ok(length @ 1..) => all.extend_from_slice(&buffer[..length]),
                    _ => break,
                }
            }
        };
        tokio::time::timeout(LONGEST, read).await.expect("an answer");
        String::from_utf8_lossy(&all).into_owned()
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_none_or(|length| body.len() >= length)
}

/// The status of an answer; 0 where there is none.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
