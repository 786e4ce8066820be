//! Headers: which of them a guest may set on a request, and which of a response it may see.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

use super::wit;
use wit::http::Error;
use wit::types::Attribute;

/// Headers that belong to the connection, or to the host.
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

/// Headers of a request or response, in bytes.
const BYTES: usize = 32 << 10;

/// Headers of a request or response. The client reads no response with more.
pub(crate) const COUNT: usize = 100;

/// A shorter value of a credential is not looked for in responses: it would be found by chance.
const TELLING: usize = 6;

/// What a guest sets; `owned` are the headers of the credential that goes along. Names are compared without regard to
/// case, as they are all through HTTP.
pub(super) fn outgoing(given: &[Attribute], owned: &[HeaderName]) -> Result<HeaderMap, Error> {
    measure("request", given.len(), given.iter().map(|header| header.name.len() + header.value.len()).sum())?;
    let mut headers = HeaderMap::new();
    for header in given {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Error::Denied(format!("{:?} is no header name", header.name)))?;
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::Denied(format!("the header `{name}` is the host's")));
        }
        if owned.contains(&name) {
            return Err(Error::Denied(format!("the header `{name}` is that of the upstream's credential")));
        }
        let value = HeaderValue::from_str(&header.value).map_err(|_| {
            Error::Denied(format!("the value of header `{name}` holds what a header may not"))
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// What a credential has put into a request, so that it is not handed to the guest where the vendor repeats it.
#[derive(Default)]
pub(super) struct Applied {
    names: Vec<HeaderName>,
    /// Without the scheme's name, where there is one.
    values: Vec<Vec<u8>>,
}

impl Applied {
    pub(super) fn of(owned: Vec<HeaderName>, headers: &HeaderMap) -> Self {
        let values = owned.iter().flat_map(|name| headers.get_all(name)).filter_map(|value| {
            let value = value.as_bytes().rsplit(|byte| *byte == b' ').next()?;
            (value.len() >= TELLING).then(|| value.to_vec())
        });
        Self { values: values.collect(), names: owned }
    }

    fn is_in(&self, value: &[u8]) -> bool {
        self.values.iter().any(|secret| value.windows(secret.len()).any(|part| part == secret.as_slice()))
    }

    /// Whether a header of the response is kept from the guest. A cookie that comes for a credential may stand for it;
    /// one that comes without is the guest's own affair, e.g. of a visitor. A challenge (`www-authenticate`) tells what
    /// the vendor wants and no secret.
    fn hides(&self, name: &HeaderName, value: &HeaderValue) -> bool {
        !self.names.is_empty()
            && (name == SET_COOKIE || self.names.contains(name) || self.is_in(value.as_bytes()))
    }
}

/// What a guest sees of a response's headers.
pub(super) fn incoming(headers: &HeaderMap, applied: &Applied) -> Result<Vec<Attribute>, Error> {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    measure("response", headers.len(), size)?;
    let seen = headers.iter().filter(|(name, value)| !applied.hides(name, value));
    Ok(seen
        .filter_map(|(name, value)| {
            Some(Attribute { name: name.as_str().to_owned(), value: value.to_str().ok()?.to_owned() })
        })
        .collect())
}

fn measure(of: &str, count: usize, size: usize) -> Result<(), Error> {
    if count > COUNT || size > BYTES {
        return Err(Error::TooLarge(format!("a {of} may have {COUNT} headers, {BYTES} bytes altogether")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use reqwest::header::AUTHORIZATION;

    fn names(headers: &[(&'static str, &'static str)], applied: &Applied) -> Vec<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        incoming(&map, applied).unwrap().into_iter().map(|header| header.name).collect()
    }

    #[test]
    fn what_a_credential_wrote_is_not_handed_back() {
        let mut sent = HeaderMap::new();
        sent.insert(AUTHORIZATION, HeaderValue::from_static("Bearer planted-secret"));
        let applied = Applied::of(vec![AUTHORIZATION], &sent);
        let told = [
            ("authorization", "anything"),
            ("set-cookie", "sid=1"),
            ("x-debug", "got planted-secret from you"),
            ("www-authenticate", "Bearer realm=\"api\""),
            ("x-note", "Bearer of news"),
        ];
        assert_eq!(names(&told, &applied), ["www-authenticate", "x-note"]);
        assert_eq!(names(&told, &Applied::default()).len(), 5);
    }
}
