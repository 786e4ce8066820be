//! A request as it would go out, and a vendor's answer, which repeats what it was shown where it can.

use std::sync::{Arc, Mutex};

use arbitrary::Arbitrary;
use handover_sandbox::fuzzing::Call;
use handover_sandbox::fuzzing::imports::{http as wit, types::Attribute};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Host;

use crate::grants::{GRANTS, REQUEST, RESPONSE, SHARES, UPSTREAMS, holds_secret};

#[derive(Debug, Arbitrary)]
pub struct Sent<'a> {
    upstream: u8,
    method: u8,
    path: &'a str,
    host: Option<&'a str>,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
    answer: Answer<'a>,
}

#[derive(Debug, Arbitrary)]
struct Answer<'a> {
    status: u16,
    headers: Vec<(&'a [u8], &'a [u8])>,
    /// A header of this name says what came: before it something else, and after.
    echo: Option<(&'a [u8], &'a [u8])>,
    cookie: bool,
    body: &'a [u8],
    times: u8,
}

#[derive(Default)]
pub struct Exchange {
    pub requests: u32,
    /// For the next requests.
    upstream: Option<(&'static str, Option<&'static str>)>,
    answer: http::Response<Vec<u8>>,
    echo: Option<(HeaderName, Vec<u8>)>,
    /// What of its upstream's credential the last request carried, without a scheme's name.
    carried: Option<Vec<u8>>,
}

pub type Seen = Arc<Mutex<Exchange>>;
type Wire = Box<dyn FnMut(reqwest::Request) -> reqwest::Response + Send>;

pub fn wire() -> (Wire, Seen) {
    let seen = Seen::default();
    let shared = Arc::clone(&seen);
    (Box::new(move |request| shared.lock().expect("no panic").take(&request).into()), seen)
}

/// Those of the connection and of the host (RFC 9110, section 7.6.1, and what says where a message ends and for whom).
const RESERVED: [&str; 12] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "proxy-authorization",
    "proxy-authenticate",
    "proxy-connection",
];

impl Exchange {
    fn take(&mut self, request: &reqwest::Request) -> http::Response<Vec<u8>> {
        self.requests += 1;
        let (upstream, owned) = self.upstream.expect("it was said before");
        assert_ne!(upstream, "nobody", "not granted");
        let (url, headers) = (request.url(), request.headers());
        let Some(Host::Domain(host)) = url.host() else { panic!("{url}") };
        let own = host == format!("{upstream}.example");
        assert!(own || host.ends_with(".further.example"), "{url}");
        assert!(url.scheme() == "https" && url.port().is_none() && url.path().starts_with("/base/"), "{url}");
        assert!(["GET", "POST", "PUT", "HEAD"].contains(&request.method().as_str()), "{}", request.method());
        assert!(request.body().and_then(|body| body.as_bytes()).is_none_or(|body| body.len() <= REQUEST));
        assert!(headers.len() <= 100 + 4, "{} headers", headers.len());
        for (name, value) in headers {
            assert!(!RESERVED.contains(&name.as_str()), "{name}");
            assert!(!value.as_bytes().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{name}");
        }
        let carries = own || upstream == SHARES;
        let mut echo = Vec::new();
        if let Some(owned) = owned.filter(|_| carries) {
            let values: Vec<&HeaderValue> = headers.get_all(owned).iter().collect();
            let [value] = values[..] else { panic!("{} times {owned}", values.len()) };
            echo = value.as_bytes().to_vec();
            assert!(holds_secret(&echo) || matches!(upstream, "body" | "aws"), "{owned}");
            self.carried = echo.rsplit(|byte| *byte == b' ').next().map(<[u8]>::to_vec);
        } else {
            // A guest does not know it, unless the fuzzer tells it.
            echo.extend_from_slice(b"nothing");
        }
        let mut answer = self.answer.clone();
        if let Some((name, around)) = &self.echo
            && let Ok(value) = HeaderValue::from_bytes(&[around, &echo[..], around].concat())
        {
            answer.headers_mut().append(name.clone(), value);
        }
        answer
    }
}

/// A header's name and its value.
type Header = (HeaderName, Vec<u8>);

impl Answer<'_> {
    fn made(&self) -> (http::Response<Vec<u8>>, Option<Header>) {
        let mut answer = http::Response::new(self.body.repeat(self.times.into()));
        *answer.status_mut() = self.status.try_into().unwrap_or_default();
        let headers: &mut HeaderMap = answer.headers_mut();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        if self.cookie {
            headers.append("set-cookie", HeaderValue::from_static("sid=planted"));
        }
        let echo = self
            .echo
            .and_then(|(name, around)| HeaderName::from_bytes(name).ok().map(|name| (name, around.to_vec())));
        (answer, echo)
    }
}

impl Sent<'_> {
    pub fn judge(self, call: &mut Call, seen: &Seen) -> Option<()> {
        use wit::Method::{Delete, Get, Head, Patch, Post, Put};
        let (upstream, owned) = UPSTREAMS[usize::from(self.upstream) % UPSTREAMS.len()];
        let before = {
            let mut seen = seen.lock().expect("no panic");
            (seen.answer, seen.echo) = self.answer.made();
            seen.upstream = Some((upstream, owned));
            seen.carried = None;
            seen.requests
        };
        // What the fuzzer writes itself is no secret that is told.
        let written = self.headers.iter().flat_map(|(name, value)| [*name, *value]).chain(self.host);
        let known = written.into_iter().any(|text| holds_secret(text.as_bytes()));
        let request = wit::Request {
            method: [Get, Head, Post, Put, Patch, Delete][usize::from(self.method) % 6],
            path: self.path.to_owned(),
            host: self.host.map(str::to_owned),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Attribute { name: (*name).to_owned(), value: (*value).to_owned() })
                .collect(),
            body: self.body.to_vec(),
            timeout: None,
        };
        let answered = GRANTS.runtime.block_on(wit::Host::send(call.host(), upstream.to_owned(), request));
        let answered = answered.ok()?;
        let seen = seen.lock().expect("no panic");
        // A token that was refused is got anew once; none of these is.
        assert!(seen.requests <= before + 1);
        match answered {
            Ok(response) => {
                assert_eq!(seen.requests, before + 1, "an answer that nobody gave");
                assert!((100..1000).contains(&response.status) && response.body.len() <= RESPONSE);
                let size: usize =
                    response.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
                assert!(response.headers.len() <= 100 && size <= 32 << 10);
                for header in &response.headers {
                    if let Some(secret) = &seen.carried {
                        let (name, value) = (header.name.as_str(), header.value.as_bytes());
                        assert!(name != "set-cookie" && Some(name) != owned, "{name}");
                        assert!(!value.windows(secret.len()).any(|part| part == secret), "{name}");
                    }
                    assert!(!header.value.contains(['\r', '\n', '\0']), "{}", header.name);
                }
            }
            Err(
                wit::Error::Denied(why)
                | wit::Error::Unreachable(why)
                | wit::Error::TimedOut(why)
                | wit::Error::Broken(why)
                | wit::Error::TooLarge(why),
            ) => assert!(known || !holds_secret(why.as_bytes()), "{why}"),
        }
        Some(())
    }
}
