//! The header that carries the proof: there once, in the right shape, in whatever case its name is written.

use handover_signatures::{LONGEST_HEADER, Refusal, Scheme};

use crate::case::{Case, all, case};

fn with_header() -> impl Iterator<Item = (Case, String)> {
    all().into_iter().filter_map(|case| {
        let header = case.header()?.to_owned();
        Some((case, header))
    })
}

#[test]
fn its_name_counts_in_any_case() {
    for (case, _) in with_header() {
        for spell in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
            case.accepted(|case| {
                for (name, _) in &mut case.headers {
                    *name = spell(name);
                }
            });
        }
    }
}

#[test]
fn missing_it_is_refused() {
    for (case, header) in with_header() {
        assert_eq!(
            case.refused(|case| case.remove(&header)),
            Refusal::MissingHeader { header: header.clone() }
        );
    }
}

#[test]
fn empty_it_is_refused() {
    for (case, header) in with_header() {
        assert_eq!(
            case.refused(|case| case.proof().clear()),
            Refusal::EmptyHeader { header: header.clone() }
        );
    }
}

#[test]
fn twice_it_is_refused_even_where_both_are_right() {
    for (case, header) in with_header() {
        let refusal = case.refused(|case| {
            let value = case.proof().clone();
            case.headers.push((header.to_ascii_uppercase(), value));
        });
        assert_eq!(refusal, Refusal::DuplicateHeader { header: header.clone() });
    }
}

#[test]
fn longer_than_any_signature_it_is_refused() {
    for (case, header) in with_header() {
        let grow = |case: &mut Case, to: usize| case.proof().resize(to, b'a');
        assert_eq!(
            case.refused(|case| grow(case, LONGEST_HEADER + 1)),
            Refusal::LongHeader { header: header.clone() }
        );
        assert_ne!(case.refused(|case| grow(case, LONGEST_HEADER)), Refusal::LongHeader { header });
    }
}

#[test]
fn with_other_characters_than_ascii_it_is_refused() {
    for (case, header) in with_header() {
        for more in ["é".as_bytes(), &[0xff]] {
            let refusal = case.refused(|case| case.proof().extend(more));
            match case.scheme {
                // A secret may be of any bytes.
                Scheme::SharedSecret { .. } => assert_eq!(refusal, Refusal::Mismatch),
                _ => assert_eq!(refusal, Refusal::NotAscii { header: header.clone() }),
            }
        }
    }
}

#[test]
fn without_its_prefix_it_is_refused() {
    for name in ["github", "genesys", "chatwoot", "standard-webhooks", "basic"] {
        let case = case(name);
        let header = case.header().unwrap().to_owned();
        let expected = Refusal::MissingPrefix { header };
        let cut = |case: &mut Case, from: usize| drop(case.proof().drain(..from));
        let prefix = case.clone().proof().iter().position(|byte| b"=, ".contains(byte)).unwrap() + 1;
        assert_eq!(case.refused(|case| cut(case, prefix)), expected, "{name}");
        assert_eq!(case.refused(|case| cut(case, 1)), expected, "{name}");
        assert_eq!(case.refused(|case| case.proof()[0] = b'x'), expected, "{name}");
    }
    // Blanks before it are none of ours: the HTTP server has taken away those that mean nothing.
    let refusal = case("github").refused(|case| case.proof().insert(0, b' '));
    assert_eq!(refusal.label(), "missing-prefix");
}

#[test]
fn blanks_within_or_after_it_are_refused() {
    for name in ["github", "genesys", "zendesk", "twilio", "rsa", "basic", "client-certificate"] {
        let case = case(name);
        let expected = Refusal::MalformedEncoding { place: case.header().unwrap().to_owned() };
        for blank in [b' ', b'\t'] {
            assert_eq!(case.refused(|case| case.proof().push(blank)), expected, "{name}");
            assert_eq!(
                case.refused(|case| {
                    let middle = case.proof().len() - 6;
                    case.proof().insert(middle, blank);
                }),
                expected,
                "{name}"
            );
        }
    }
}

#[test]
fn a_shortened_signature_is_refused_by_its_length() {
    for (name, cut, wanted, found) in [
        ("github", 2, 32, 31),
        ("github", 64, 32, 0),
        ("genesys", 4, 32, 30),
        ("zendesk", 4, 32, 30),
        ("twilio", 4, 20, 18),
        ("intercom", 2, 20, 19),
        ("sha512-upper-case-hex", 64, 64, 32),
        ("rsa", 4, 256, 255),
        ("standard-webhooks", 4, 32, 30),
        ("client-certificate", 3, 32, 31),
    ] {
        let case = case(name);
        let refusal = case.refused(|case| {
            let length = case.proof().len();
            case.proof().truncate(length - cut);
        });
        let place = case.header().unwrap().to_owned();
        assert_eq!(refusal, Refusal::WrongLength { place, wanted, found }, "{name}");
    }
    let odd = case("github").refused(|case| case.proof().truncate("sha256=".len() + 63));
    assert_eq!(odd.label(), "malformed-encoding");
}

#[test]
fn a_signature_in_another_encoding_is_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let to_hex = |text: &[u8]| hex::encode(STANDARD.decode(text).unwrap()).into_bytes();
    let to_base64 = |text: &[u8]| STANDARD.encode(hex::decode(text).unwrap()).into_bytes();
    let refusal = case("zendesk").refused(|case| *case.proof() = to_hex(case.proof()));
    assert_eq!(
        refusal,
        Refusal::WrongLength { place: "X-Zendesk-Webhook-Signature".into(), wanted: 32, found: 48 }
    );
    let refusal = case("sha512-upper-case-hex").refused(|case| *case.proof() = to_base64(case.proof()));
    assert_eq!(refusal, Refusal::MalformedEncoding { place: "X-Signature".into() });
}

#[test]
fn base64_is_taken_in_both_alphabets_padded_or_not_but_not_mixed() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    let case = case("rsa");
    let bytes = STANDARD.decode(case.clone().proof()).unwrap();
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        case.accepted(|case| *case.proof() = engine.encode(&bytes).into_bytes());
    }
    let refusal = case.refused(|case| case.proof()[..2].copy_from_slice(b"+_"));
    assert_eq!(refusal.label(), "malformed-encoding");
}
