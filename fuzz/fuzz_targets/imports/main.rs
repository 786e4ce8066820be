//! Whatever a guest asks of the host: its requests go to its upstreams only, with headers that are none of the host's
//! own, and no more often than it may; no answer holds a secret or goes beyond its bounds; what it signs is what was
//! asked for; no line of its log is two.
#![no_main]

mod grants;
mod wire;

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grants::{GRANTS, SHARED};
use handover_sandbox::fuzzing::Call;
use handover_sandbox::fuzzing::imports::{clock, crypto, log, media, random, types::Attribute};
use libfuzzer_sys::fuzz_target;
use ring::hmac;
use serde_json::{Map, Value};

#[derive(Debug, Arbitrary)]
enum Asked<'a> {
    Send(wire::Sent<'a>),
    Hmac { credential: u8, hash: u8, data: &'a [u8] },
    Verify { credential: u8, hash: u8, data: &'a [u8], signature: &'a [u8] },
    Sign { credential: u8, signature: u8, headers: Vec<(&'a str, &'a str)>, claims: &'a str },
    File { address: &'a str, times: u16 },
    Log { level: u8, line: &'a str, times: u8 },
    Random(u32),
    Clock,
}

/// Names of credentials: the last is configured, and not declared; of the one before nobody has heard.
const CREDENTIALS: [&str; 7] = ["shared", "ec", "rsa", "public", "bearer", "nobody", "undeclared"];

/// The longest address of a file, in bytes.
const ADDRESS: usize = 16 << 10;

const HASHES: [(crypto::Hash, hmac::Algorithm); 3] = [
    (crypto::Hash::Sha1, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
    (crypto::Hash::Sha256, hmac::HMAC_SHA256),
    (crypto::Hash::Sha512, hmac::HMAC_SHA512),
];

const SIGNATURES: [(crypto::Signature, &str); 5] = [
    (crypto::Signature::Rs256, "RS256"),
    (crypto::Signature::Rs384, "RS384"),
    (crypto::Signature::Rs512, "RS512"),
    (crypto::Signature::Es256, "ES256"),
    (crypto::Signature::Hs256, "HS256"),
];

fuzz_target!(|asked: Vec<Asked<'_>>| {
    let (wire, seen) = wire::wire();
    let mut call = GRANTS.granted.call(Some(wire));
    for asked in asked {
        // A guest that asks for too much is ended.
        let Some(()) = answer(&mut call, &seen, asked) else { break };
    }
    assert!(seen.lock().expect("no panic").requests <= grants::REQUESTS);
    assert!(call.last_lines().len() <= 4);
    for line in call.last_lines() {
        assert!(line.chars().count() <= 2000 && !line.contains(char::is_control), "{line:?}");
    }
});

fn answer(call: &mut Call, seen: &wire::Seen, asked: Asked<'_>) -> Option<()> {
    match asked {
        Asked::Send(sent) => sent.judge(call, seen),
        Asked::Hmac { credential, hash, data } => {
            let (name, (hash, algorithm)) = (of(&CREDENTIALS, credential), of(&HASHES, hash));
            let made = crypto::Host::hmac(call.host(), name.into(), hash, data.into()).ok()?;
            if name == "shared" {
                let key = hmac::Key::new(algorithm, SHARED.as_bytes());
                assert_eq!(made.ok().as_deref(), Some(hmac::sign(&key, data).as_ref()));
            } else {
                known(name, made.err());
            }
            Some(())
        }
        Asked::Verify { credential, hash, data, signature } => {
            let (name, (hash, _)) = (of(&CREDENTIALS, credential), of(&HASHES, hash));
            let verified =
                crypto::Host::rsa_verify(call.host(), name.into(), hash, data.into(), signature.into());
            let verified = verified.ok()?;
            assert!(!matches!(verified, Ok(true)), "nobody signed this");
            known(name, verified.err());
            Some(())
        }
        Asked::Sign { credential, signature, headers, claims } => {
            let (name, (signature, algorithm)) = (of(&CREDENTIALS, credential), of(&SIGNATURES, signature));
            let fields = headers
                .iter()
                .map(|(name, value)| Attribute { name: (*name).to_owned(), value: (*value).to_owned() });
            let signed = crypto::Host::jwt_sign(
                call.host(),
                name.into(),
                signature,
                fields.collect(),
                claims.to_owned(),
            );
            match signed.ok()? {
                Ok(token) => {
                    assert!(!matches!(name, "nobody" | "undeclared" | "public"), "{name}");
                    token_of(&token, algorithm, &headers, claims);
                }
                Err(refusal) => known(name, Some(refusal)),
            }
            Some(())
        }
        Asked::File { address, times } => {
            let address = address.repeat(times.into());
            let length = address.len();
            let read = GRANTS.runtime.block_on(media::Host::read(call.host(), address)).ok()?;
            match read {
                Ok(file) => assert!(file.body.len() == length && length <= grants::REQUEST),
                Err(media::Error::TooLarge(_)) => assert!(length > grants::REQUEST),
                Err(_) => assert!(length == 0 || length > ADDRESS),
            }
            Some(())
        }
        Asked::Log { level, line, times } => {
            use log::Level::{Debug, Error, Info, Trace, Warn};
            let level = of(&[Trace, Debug, Info, Warn, Error], level);
            let line = line.repeat(times.into());
            log::Host::write(call.host(), level, line).ok()
        }
        Asked::Random(length) => {
            let bytes = random::Host::bytes(call.host(), length).ok()?;
            assert!(length <= 1024 && bytes.len() == length as usize);
            Some(())
        }
        Asked::Clock => clock::Host::now(call.host()).ok().map(|now| assert!(now > 1_600_000_000_000)),
    }
}

fn of<T: Copy>(all: &[T], which: u8) -> T {
    all[usize::from(which) % all.len()]
}

/// A refusal says which credential is meant in the same words for all that are not there, and no secret.
fn known(name: &str, refusal: Option<crypto::Error>) {
    let told = match refusal {
        Some(crypto::Error::UnknownCredential(why)) => {
            assert!(matches!(name, "nobody" | "undeclared"), "{name}: {why}");
            why
        }
        Some(crypto::Error::Unsuitable(why)) => why,
        None => String::new(),
    };
    assert!(!grants::holds_secret(told.as_bytes()), "{told}");
}

fn token_of(token: &str, algorithm: &str, headers: &[(&str, &str)], claims: &str) {
    let parts: Vec<Vec<u8>> =
        token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url")).collect();
    let [header, said, signature] = &parts[..] else { panic!("{} parts", parts.len()) };
    let header: Map<String, Value> = serde_json::from_slice(header).expect("a header");
    assert_eq!(header.get("alg").and_then(Value::as_str), Some(algorithm));
    assert!(
        header.keys().all(|name| name == "alg" || name == "typ" || headers.iter().any(|(h, _)| h == name))
    );
    assert_eq!(said, claims.as_bytes());
    assert!(!signature.is_empty());
}
