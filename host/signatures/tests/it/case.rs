//! A signed request from `tests/vectors/vectors.json`, to be judged as it is or after a change.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_signatures::{
    AwsSns, Content, DEFAULT_TOLERANCE_S, Digest, Encoding, Hmac, Keys, Refusal, Request, Rsa, Scheme,
    StampFormat, Stamped, Verified, verify,
};
use serde_json::Value;

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap());

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub scheme: Scheme,
    pub keys: Vec<Vec<u8>>,
    pub url: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub now_ms: u64,
    pub key: Option<usize>,
}

pub fn all() -> Vec<Case> {
    FILE["vectors"].as_array().unwrap().iter().map(Case::read).collect()
}

pub fn case(name: &str) -> Case {
    all().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no vector {name}"))
}

/// A key that signed nothing: `other`, `expired`, `small` or `elliptic`.
pub fn key(name: &str) -> Vec<u8> {
    FILE["keys"][name].as_str().unwrap().into()
}

impl Case {
    fn read(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = value["headers"].as_array().unwrap();
        Self {
            name: text(&value["name"]),
            scheme: scheme(&value["scheme"]),
            keys: value["keys"].as_array().unwrap().iter().map(|key| text(key).into_bytes()).collect(),
            url: text(&value["url"]),
            headers: headers.iter().map(|pair| (text(&pair[0]), text(&pair[1]).into_bytes())).collect(),
            body: STANDARD.decode(text(&value["body"])).unwrap(),
            now_ms: value["now_ms"].as_u64().unwrap(),
            key: value["key"].as_u64().map(|key| key as usize),
        }
    }

    pub fn judge(&self) -> Result<Verified, Refusal> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let keys = match self.keys.as_slice() {
            [] => Keys::none(),
            [one] => Keys::one(one),
            [one, two] => Keys::two(one, two),
            _ => panic!("{}: at most two keys", self.name),
        };
        verify(
            &self.scheme,
            &keys,
            &Request { url: &self.url, headers: &headers, body: &self.body },
            self.now_ms,
        )
    }

    /// The refusal after a change.
    pub fn refused(&self, change: impl FnOnce(&mut Case)) -> Refusal {
        let mut changed = self.clone();
        change(&mut changed);
        match changed.judge() {
            Err(refusal) => refusal,
            Ok(_) => panic!("{} was accepted after the change", self.name),
        }
    }

    /// The verdict after a change that does no harm.
    pub fn accepted(&self, change: impl FnOnce(&mut Case)) -> Verified {
        let mut changed = self.clone();
        change(&mut changed);
        changed.judge().unwrap_or_else(|refusal| panic!("{}: {refusal}", self.name))
    }

    /// The name of the header that carries the proof, where one does.
    pub fn header(&self) -> Option<&str> {
        match &self.scheme {
            Scheme::Hmac(Hmac { header, .. })
            | Scheme::Rsa(Rsa { header, .. })
            | Scheme::SharedSecret { header, .. }
            | Scheme::ClientCertificate { header } => Some(header),
            Scheme::Basic => Some("authorization"),
            Scheme::StandardWebhooks { .. } => Some("webhook-signature"),
            Scheme::AwsSns(_) | Scheme::Nothing => None,
        }
    }

    /// The proof as it stands in its header.
    pub fn proof(&mut self) -> &mut Vec<u8> {
        let header = self.header().unwrap().to_owned();
        self.value(&header)
    }

    pub fn value(&mut self, header: &str) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(header)).unwrap().1
    }

    pub fn remove(&mut self, header: &str) {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(header));
    }
}

fn scheme(value: &Value) -> Scheme {
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    let digest = || match value["digest"].as_str().unwrap() {
        "sha1" => Digest::Sha1,
        "sha256" => Digest::Sha256,
        _ => Digest::Sha512,
    };
    let encoding = || if value["encoding"] == "hex" { Encoding::Hex } else { Encoding::Base64 };
    match value["kind"].as_str().unwrap() {
        "hmac" => Scheme::Hmac(Hmac {
            digest: digest(),
            encoding: encoding(),
            header: text("header"),
            prefix: text("prefix"),
            content: content(&value["content"]),
        }),
        "rsa" => Scheme::Rsa(Rsa { digest: digest(), encoding: encoding(), header: text("header") }),
        "standard-webhooks" => Scheme::StandardWebhooks { tolerance_s: DEFAULT_TOLERANCE_S },
        "aws-sns" => {
            let topics = value["topics"].as_array().unwrap();
            let topics = topics.iter().map(|topic| topic.as_str().unwrap().to_owned()).collect();
            Scheme::AwsSns(AwsSns { topics, tolerance_s: 3600 })
        }
        "shared-secret" => {
            let prefix = value["prefix"].as_str().unwrap_or_default().to_owned();
            Scheme::SharedSecret { header: text("header"), prefix }
        }
        "basic" => Scheme::Basic,
        "client-certificate" => Scheme::ClientCertificate { header: text("header") },
        _ => Scheme::Nothing,
    }
}

fn content(value: &Value) -> Content {
    match value.as_str() {
        Some("body") => Content::Body,
        Some(_) => Content::UrlAndForm,
        None => {
            let text = |name: &str| value[name].as_str().unwrap().to_owned();
            Content::TimestampAndBody(Stamped {
                header: text("header"),
                format: match value["format"].as_str().unwrap() {
                    "seconds" => StampFormat::Seconds,
                    "milliseconds" => StampFormat::Milliseconds,
                    "rfc3339" => StampFormat::Rfc3339,
                    _ => StampFormat::Any,
                },
                opening: text("opening"),
                separator: text("separator"),
                tolerance_s: DEFAULT_TOLERANCE_S,
            })
        }
    }
}
