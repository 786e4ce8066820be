//! What was written to a connection, read by a reader of its own: whole answers, one after the other, and nothing else.

/// What browsers are told about every answer (`front/headers.rs`).
const SAID: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    ),
];

pub fn judge(mut written: &[u8], asked: &[u8]) {
    // After these an answer has no body, whatever its length says.
    let bare =
        [&b"HEAD"[..], b"CONNECT"].iter().any(|word| asked.windows(word.len()).any(|part| part == *word));
    while !written.is_empty() {
        let mut headers = [httparse::EMPTY_HEADER; 256];
        let mut head = httparse::Response::new(&mut headers);
        let read = head.parse(written).unwrap_or_else(|why| panic!("{why}: {:?}", shown(written)));
        let httparse::Status::Complete(length) = read else { panic!("half a head: {:?}", shown(written)) };
        written = &written[length..];
        let status = head.code.expect("a status");
        if status == 100 {
            continue;
        }
        assert!((200..600).contains(&status), "{status}");
        let body = body(head.headers, status);
        if !bare {
            assert!(written.len() >= body, "{} bytes of {body}", written.len());
            written = &written[body..];
        }
        // What is no request at all is answered without us.
        let ours = !(matches!(status, 400 | 413 | 414 | 431 | 505) && body == 0);
        if ours {
            for (name, value) in SAID {
                assert_eq!(all(head.headers, name), [value.as_bytes()], "{name}");
            }
            assert!(all(head.headers, "server").is_empty());
        }
        if bare {
            return;
        }
    }
}

/// How long the body is; only the host says so, and in one way.
fn body(headers: &[httparse::Header<'_>], status: u16) -> usize {
    assert!(all(headers, "transfer-encoding").is_empty() && all(headers, "upgrade").is_empty());
    let connection = all(headers, "connection");
    assert!(connection.iter().all(|value| [&b"close"[..], b"keep-alive"].contains(value)), "{connection:?}");
    assert!(connection.len() <= 1);
    let lengths = all(headers, "content-length");
    match (status, &lengths[..]) {
        (204 | 304, _) => 0,
        (_, [length]) => str::from_utf8(length).expect("digits").parse().expect("a length"),
        _ => panic!("{} lengths of a body", lengths.len()),
    }
}

fn all<'a>(headers: &[httparse::Header<'a>], name: &str) -> Vec<&'a [u8]> {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
        .collect()
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
}
