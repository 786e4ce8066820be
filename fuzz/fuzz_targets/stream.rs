//! A stream of server-sent events is read the same however its bytes are cut, as a plain second reading of the standard
//! has it (HTML Living Standard, section 9.2.6), and no event is larger than it may be.
#![no_main]

use arbitrary::Arbitrary;
use handover_sandbox::Frame;
use handover_sandbox::fuzzing::frames;
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Stream<'a> {
    parts: Vec<&'a [u8]>,
    most: u8,
}

fuzz_target!(|stream: Stream<'_>| {
    let most = usize::from(stream.most);
    let whole = stream.parts.concat();
    // Larger than anything that is here.
    let unbound = frames(&[&whole], whole.len()).expect("nothing is larger than all of it");
    assert_eq!(unbound, second_reading(&whole));
    assert_eq!(
        frames(&stream.parts, whole.len()).as_ref(),
        Ok(&unbound),
        "cut differently, read differently"
    );
    let bytes: Vec<&[u8]> = whole.chunks(1).collect();
    assert_eq!(frames(&bytes, whole.len()).as_ref(), Ok(&unbound), "byte by byte, read differently");
    match frames(&stream.parts, most) {
        Ok(bound) => {
            assert!(bound.iter().all(|frame| frame.data.len() <= most));
            assert_eq!(bound, unbound);
        }
        Err(why) => assert!(whole.len() > most, "{why}"),
    }
});

fn second_reading(whole: &[u8]) -> Vec<Frame> {
    let whole = whole.strip_prefix(b"\xef\xbb\xbf").unwrap_or(whole);
    let (mut frames, mut name, mut id, mut data) = (Vec::new(), None, None, None::<Vec<u8>>);
    for line in lines(whole) {
        if line.is_empty() {
            let name = name.take();
            frames.extend(data.take().map(|data| Frame { name, id: Clone::clone(&id), data }));
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (field, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = Some(String::from_utf8_lossy(value).into_owned()).filter(|text| !text.is_empty());
        match field {
            b"event" => name = text,
            b"id" if !value.contains(&0) => id = text,
            b"data" => {
                data = Some(data.map_or(value.to_vec(), |before| [&before, &b"\n"[..], value].concat()));
            }
            _ => {}
        }
    }
    frames
}

/// Whole lines; what may still go on is none: after a CR at the very end, an LF may come.
fn lines(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, ended) = rest.split_at(end);
        rest = match ended {
            [b'\r'] => break,
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => break,
        };
        lines.push(line);
    }
    lines
}
