//! Server-sent events byte by byte: HTML Living Standard, section 9.2 "Server-sent events", with a bound.
//!
//! The crates for this keep what is not yet a whole event without a bound. Here an event that is larger than it may be
//! ends the stream. `retry` is the host's own affair and passed over.

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The id that it, or one before it on this stream, was given.
    pub id: Option<String>,
    /// What it carries.
    pub data: Vec<u8>,
}

/// What came of a stream and is not yet a whole event.
pub(crate) struct Events {
    bytes: Vec<u8>,
    /// Where the line at hand begins, and how far it has been looked for its end.
    line: usize,
    seen: usize,
    most: usize,
    begun: bool,
    name: Option<String>,
    id: Option<String>,
    data: Option<Vec<u8>>,
}

impl Events {
    /// Of so many bytes each at most.
    pub(crate) fn new(most: usize) -> Self {
        let bytes = Vec::new();
        Self { bytes, line: 0, seen: 0, most, begun: false, name: None, id: None, data: None }
    }

    /// What has come.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.line);
        self.seen -= self.line;
        self.line = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole event; why there is none any more, where one is too large.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, String> {
        loop {
            let Some(line) = self.whole_line() else {
                let held = self.bytes.len() - self.line + self.data.as_ref().map_or(0, Vec::len);
                return if held > self.most { Err(self.too_large()) } else { Ok(None) };
            };
            if line.is_empty() {
                let name = self.name.take();
                if let Some(data) = self.data.take() {
                    return Ok(Some(Frame { name, id: self.id.clone(), data }));
                }
                continue;
            }
            self.field(&line);
            if self.data.as_ref().is_some_and(|data| data.len() > self.most) {
                return Err(self.too_large());
            }
        }
    }

    /// The next line, without its end: LF, CR, or both. A CR at the end of what has come waits for what follows, so
    /// that an LF after it is no line of its own; whatever follows an event's empty line comes with the next one.
    fn whole_line(&mut self) -> Option<Vec<u8>> {
        loop {
            let at = self.bytes[self.seen..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let Some(end) = at.map(|at| at + self.seen) else {
                self.seen = self.bytes.len();
                return None;
            };
            let next = match (self.bytes[end], self.bytes.get(end + 1)) {
                (b'\r', Some(b'\n')) => end + 2,
                (b'\r', None) => {
                    self.seen = end;
                    return None;
                }
                _ => end + 1,
            };
            let mut line = self.bytes[self.line..end].to_vec();
            (self.line, self.seen) = (next, next);
            if !std::mem::replace(&mut self.begun, true) && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
            if line.first() != Some(&b':') {
                return Some(line);
            }
        }
    }

    fn field(&mut self, line: &[u8]) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = || Some(String::from_utf8_lossy(value).into_owned()).filter(|text| !text.is_empty());
        match &line[..colon] {
            b"event" => self.name = text(),
            b"id" if !value.contains(&0) => self.id = text(),
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            _ => {}
        }
    }

    fn too_large(&self) -> String {
        format!("an event of the stream may have {} bytes", self.most)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// All events of what comes in these pieces.
    fn read(pieces: &[&[u8]]) -> Vec<Frame> {
        let (mut events, mut seen) = (Events::new(100), Vec::new());
        for piece in pieces {
            events.add(piece);
            while let Some(frame) = events.next().unwrap() {
                seen.push(frame);
            }
        }
        seen
    }

    fn frame(name: Option<&str>, id: Option<&str>, data: &str) -> Frame {
        Frame { name: name.map(str::to_owned), id: id.map(str::to_owned), data: data.as_bytes().to_vec() }
    }

    #[test]
    fn events_are_read_as_the_standard_has_it() {
        let stream = b"\xef\xbb\xbf: hello\nevent: message\nid: 7\ndata: one\ndata:two\ndata:  three\n\n\
            data\n\nid\ndata: after\r\n\r\nretry: 10\nevent: lost\n\ndata: x\rdata\r\rdata: unfinished\n";
        let expected = [
            frame(Some("message"), Some("7"), "one\ntwo\n three"),
            frame(None, Some("7"), ""),
            frame(None, None, "after"),
            frame(None, None, "x\n"),
        ];
        assert_eq!(read(&[stream]), expected);
        // However it is cut.
        for at in 1..stream.len() {
            assert_eq!(read(&[&stream[..at], &stream[at..]]), expected, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn an_id_with_a_zero_byte_is_none() {
        assert_eq!(read(&[b"id: a\0b\ndata: x\n\n"]), [frame(None, None, "x")]);
    }

    #[test]
    fn what_is_too_large_ends_the_stream() {
        for endless in ["data: x\n", "x", ": comment without an end"] {
            let mut events = Events::new(100);
            let mut ended = false;
            for _ in 0..200 {
                events.add(endless.as_bytes());
                ended |= events.next().is_err();
            }
            assert!(ended, "{endless:?}");
        }
        // Many that are small are not.
        let mut events = Events::new(100);
        for _ in 0..1_000 {
            events.add(b": heartbeat\n\ndata: x\n\n");
            assert!(events.next().unwrap().is_some());
        }
    }
}
