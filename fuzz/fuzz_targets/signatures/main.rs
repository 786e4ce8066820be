//! No callback passes that the vendor's key did not sign: neither one at random, nor a right one in which a single bit
//! was turned. What was signed by the vendor's rule, put together here without the code under test, passes.
#![no_main]

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../../../host/signatures/tests/it/case.rs"]
mod case;
mod made;
mod wild;

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use case::Case;
use handover_signatures::{Content, Hmac, Scheme};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Attempt<'a> {
    /// Signed by the rule, and perhaps spoilt.
    Made(made::Made<'a>),
    /// A vendor's own request, of which a bit was turned, or a part replaced.
    Known { nth: u8, part: Part<'a> },
    /// Anything.
    Wild(wild::Wild<'a>),
}

#[derive(Debug, Arbitrary)]
enum Part<'a> {
    Body { at: u16, bit: u8 },
    Proof { at: u16, bit: u8 },
    NewBody(&'a [u8]),
    NewProof(&'a [u8]),
    NewKey(&'a [u8]),
    Time(u64),
}

static KNOWN: LazyLock<Vec<Case>> =
    LazyLock::new(|| case::all().into_iter().filter(|case| case.scheme != Scheme::Nothing).collect());

fuzz_target!(|attempt: Attempt<'_>| match attempt {
    Attempt::Made(made) => made.judge(),
    Attempt::Known { nth, part } => known(&KNOWN[usize::from(nth) % KNOWN.len()], part),
    Attempt::Wild(wild) => wild.judge(),
});

fn known(right: &Case, part: Part<'_>) {
    let mut case = right.clone();
    let binds;
    match part {
        Part::Body { at, bit } => {
            turn(&mut case.body, at, bit);
            // A form and JSON mean the same when they are written otherwise; what is shown binds no body at all.
            binds = match &case.scheme {
                Scheme::Hmac(Hmac { content: Content::UrlAndForm, .. }) => case.url.contains("bodySHA256"),
                Scheme::Hmac(_) | Scheme::Rsa(_) | Scheme::StandardWebhooks { .. } => case.body != right.body,
                _ => false,
            };
        }
        Part::NewBody(body) => {
            binds = match &case.scheme {
                Scheme::Hmac(Hmac { content: Content::UrlAndForm, .. }) => case.url.contains("bodySHA256"),
                Scheme::Hmac(_) | Scheme::Rsa(_) | Scheme::StandardWebhooks { .. } => body != case.body,
                // Whoever writes the very message again may leave out what is not signed.
                Scheme::AwsSns(_) => !body.windows(20).any(|piece| piece == b"\"SignatureVersion\":\""),
                _ => false,
            };
            case.body = body.to_vec();
        }
        // Hex has two cases, base64 two alphabets: only what is read otherwise must be refused.
        Part::Proof { at, bit } if case.header().is_some() => {
            turn(case.proof(), at, bit);
            binds = read(&case) != read(right) && !case.name.starts_with("standard-webhooks");
        }
        Part::NewProof(proof) if case.header().is_some() => {
            *case.proof() = proof.to_vec();
            binds = read(&case) != read(right) && !case.name.starts_with("standard-webhooks");
        }
        Part::NewKey(key) => {
            binds = !right.keys.iter().any(|right| key.starts_with(right) || right.starts_with(key))
                && matches!(right.scheme, Scheme::Hmac(_) | Scheme::SharedSecret { .. } | Scheme::Basic);
            case.keys = vec![key.to_vec()];
        }
        Part::Time(now_ms) => {
            binds = false;
            case.now_ms = now_ms;
        }
        Part::Proof { .. } | Part::NewProof(_) => return,
    }
    let verdict = case.judge();
    assert!(!binds || verdict.is_err(), "{} was changed and passed", case.name);
}

/// The proof with all that may be written in two ways written in one.
fn read(case: &Case) -> Vec<u8> {
    let mut proof = case.clone().proof().clone();
    proof.retain(|byte| !matches!(byte, b'=' | b':' | b' '));
    proof.iter_mut().for_each(|byte| match byte {
        b'-' => *byte = b'+',
        b'_' => *byte = b'/',
        _ => byte.make_ascii_lowercase(),
    });
    proof
}

fn turn(bytes: &mut [u8], at: u16, bit: u8) {
    if !bytes.is_empty() {
        let at = usize::from(at) % bytes.len();
        bytes[at] ^= 1 << (bit % 8);
    }
}
