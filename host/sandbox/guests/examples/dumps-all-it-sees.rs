//! Uses everything that it has, then sends all of its memory to the vendor: what is in there, somebody else may read.

#![allow(unsafe_code, reason = "reads its memory as it lies there")]

use std::collections::BTreeMap;

use handover_connector::crypto::{self, Algorithm, Hash};
use handover_connector::http::{Method, Request};
use handover_connector::{
    CallbackRequest, Context, Credential, CredentialKind, Description, Failure, Mapped, Message, Refusal,
    Sent, Session, Upstream, http,
};
use sandbox_guests::wander::exchange;
use sandbox_guests::{API, Guest, description, failure, sent, upstream};

const NO_CLAIMS: BTreeMap<&str, &str> = BTreeMap::new();

struct DumpsAllItSees;

impl Guest for DumpsAllItSees {
    fn describe() -> Description {
        let credential = |name: &str, kind| Credential {
            name: name.to_owned(),
            kinds: vec![kind],
            required: true,
            help: String::new(),
        };
        Description {
            credentials: vec![
                credential("api-key", CredentialKind::Bearer),
                credential("signing", CredentialKind::Key),
            ],
            upstreams: vec![Upstream { credential: Some("api-key".to_owned()), ..upstream(API) }],
            ..description()
        }
    }

    fn send(context: Context, session: Session, message: Message) -> Result<Sent, Failure> {
        let answer = http::get(API, "/repeats-authorization-in-headers").send()?;
        let hash = crypto::hmac("signing", Hash::Sha512, message.text.as_bytes())?;
        let token = crypto::jwt_sign("signing", Algorithm::Hs256, &[], &NO_CLAIMS);
        let seen = format!("{context:?} {session:?} {answer:?} {hash:?} {token:?}");
        let request = Request {
            method: Method::Post,
            path: "/dump".to_owned(),
            host: None,
            headers: Vec::new(),
            body: memory(),
            timeout: None,
        };
        match exchange(API, &request) {
            Ok(_) => Ok(sent(seen)),
            Err(why) => Err(failure(why)),
        }
    }

    fn map(context: Context, request: CallbackRequest) -> Result<Mapped, Refusal> {
        Err(Refusal::Unmapped(format!("{context:?} {request:?}")))
    }
}

/// All of it but the first bytes, where nothing lies.
#[cfg(target_arch = "wasm32")]
fn memory() -> Vec<u8> {
    const BEGIN: usize = 16;
    let end = core::arch::wasm32::memory_size(0) << 16;
    // SAFETY: a linear memory can be read from its beginning to its end, and nobody else runs in here.
    unsafe { core::slice::from_raw_parts(BEGIN as *const u8, end - BEGIN) }.to_vec()
}

#[cfg(not(target_arch = "wasm32"))]
fn memory() -> Vec<u8> {
    Vec::new()
}

sandbox_guests::sin!(DumpsAllItSees);
