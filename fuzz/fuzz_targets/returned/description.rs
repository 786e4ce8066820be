//! What a component says of itself, held against what it is granted.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use handover_sandbox::description::Verification;
use handover_sandbox::fuzzing::imports::types::TextFormat;
use handover_sandbox::fuzzing::{Granted, exports::descriptor as wit};
use handover_sandbox::{ConnectorConfig, FurtherHosts, UpstreamConfig};
use serde_json::json;

use crate::event::Text;

#[derive(Debug, Default, Arbitrary)]
pub struct Said<'a> {
    name: Option<Text<'a>>,
    version: Text<'a>,
    vendor: Text<'a>,
    schema: Option<Text<'a>>,
    credentials: Vec<(Text<'a>, Vec<u8>, bool, Text<'a>)>,
    upstreams: Vec<Upstream<'a>>,
    callbacks: Vec<(Text<'a>, Vec<&'a str>, Vec<Verified<'a>>)>,
    text_length: Option<u32>,
    formats: u8,
    files: (Option<u64>, Vec<Text<'a>>),
}

#[derive(Debug, Arbitrary)]
struct Upstream<'a> {
    /// Of those that are granted.
    known: bool,
    name: Text<'a>,
    further: Vec<&'a str>,
    credential: Option<&'a str>,
}

#[derive(Debug, Arbitrary)]
enum Verified<'a> {
    Hmac { credential: &'a str, header: &'a str, stamp: Option<&'a str> },
    SharedSecret(&'a str),
    Basic(&'a str),
    Sns,
    Nothing,
}

static GRANTED: LazyLock<Granted> = LazyLock::new(|| {
    rustls::crypto::ring::default_provider().install_default().expect("no provider was installed before");
    let mut upstream = UpstreamConfig::new("https://vendor.example/api".parse().expect("an address"));
    upstream.further_hosts =
        vec![FurtherHosts { pattern: "*.vendor.example".parse().expect("a pattern"), with_credential: true }];
    let settings = json!({"queue": "vip", "teams": ["a", "b"], "wait": 20});
    let config = ConnectorConfig {
        upstreams: [("api".to_owned(), upstream)].into(),
        settings: settings.as_object().cloned().unwrap_or_default(),
        ..ConnectorConfig::default()
    };
    Granted::new(&Said::default().told(), config).expect("a client")
});

impl Said<'_> {
    pub fn judge(&self) {
        let told = self.told();
        let Some((description, verdict)) = GRANTED.description(&told) else { return };
        if let Err(why) = verdict {
            assert!(
                !why.is_empty() && why.chars().count() <= 4_000 && !why.contains(char::is_control),
                "{why:?}"
            );
            return;
        }
        let key = |text: &str| {
            (1..=64).contains(&text.len()) && text.is_ascii() && !text.contains(char::is_control)
        };
        assert!(key(&description.name) && key(&description.version), "{description:?}");
        assert!(!description.vendor.contains(char::is_control));
        assert!(description.text_limit.is_none_or(|(length, _)| length > 0));
        // Nothing that is not granted, and nothing twice.
        assert!(description.upstreams.iter().all(|name| name == "api") && description.upstreams.len() <= 1);
        assert!(
            told.upstreams
                .iter()
                .flat_map(|upstream| &upstream.further_hosts)
                .all(|host| { host.to_ascii_lowercase().ends_with(".vendor.example") })
        );
        // No credential is configured, so none can be needed.
        assert!(told.credentials.iter().all(|credential| !credential.required && key(&credential.name)));
        for route in &description.callbacks {
            assert!(!route.path.starts_with('/') && !route.methods.is_empty());
            assert!(route.methods.iter().all(|method| method.bytes().all(|byte| byte.is_ascii_uppercase())));
            assert!(!route.verification.is_empty(), "open to anybody, and nobody said so");
            assert!(route.verification.iter().all(|way| !Verification::scheme(way).is_empty()));
        }
    }

    fn told(&self) -> wit::Description {
        let callbacks = self.callbacks.iter().map(|(path, methods, verified)| wit::CallbackRoute {
            path: path.whole(),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            verification: verified.iter().map(Verified::told).collect(),
        });
        wit::Description {
            name: self.name.as_ref().map_or("fuzzed".to_owned(), Text::whole),
            version: self.version.whole(),
            vendor: self.vendor.whole(),
            config_schema: self.schema.as_ref().map_or("{}".to_owned(), Text::whole),
            credentials: self.credentials.iter().map(credential).collect(),
            upstreams: self.upstreams.iter().map(Upstream::told).collect(),
            callbacks: callbacks.collect(),
            limits: wit::Limits {
                text_length: self.text_length,
                text_unit: wit::TextUnit::Characters,
                text_formats: [TextFormat::Html, TextFormat::Markdown, TextFormat::Plain]
                    .repeat(2)
                    .split_off(usize::from(self.formats % 7)),
                attachments: wit::AttachmentMode::None,
                attachment_size: self.files.0,
                attachment_types: self.files.1.iter().map(Text::whole).collect(),
            },
            state_schema: 1,
        }
    }
}

fn credential((name, kinds, required, help): &(Text<'_>, Vec<u8>, bool, Text<'_>)) -> wit::Credential {
    use wit::CredentialKind::{AwsSigv4, Basic, Bearer, Header, Key};
    wit::Credential {
        name: name.whole(),
        kinds: kinds
            .iter()
            .map(|kind| [Bearer, Basic, Header, Key, AwsSigv4][usize::from(*kind) % 5])
            .collect(),
        required: *required,
        help: help.whole(),
    }
}

impl Upstream<'_> {
    fn told(&self) -> wit::Upstream {
        wit::Upstream {
            name: if self.known { "api".to_owned() } else { self.name.whole() },
            default_base_url: None,
            further_hosts: self.further.iter().map(|host| (*host).to_owned()).collect(),
            credential: self.credential.map(str::to_owned),
            help: String::new(),
        }
    }
}

impl Verified<'_> {
    fn told(&self) -> wit::Verification {
        match self {
            Self::Hmac { credential, header, stamp } => wit::Verification::Hmac(wit::HmacSignature {
                credential: (*credential).to_owned(),
                digest: wit::Digest::Sha256,
                encoding: wit::Encoding::Hex,
                header: (*header).to_owned(),
                prefix: String::new(),
                content: wit::SignedContent::Body,
                timestamp_header: stamp.map(str::to_owned),
                opening: String::new(),
                separator: String::new(),
                tolerance: 0,
            }),
            Self::SharedSecret(name) => wit::Verification::SharedSecret(wit::HeaderSecret {
                credential: (*name).to_owned(),
                header: "x".to_owned(),
                prefix: String::new(),
            }),
            Self::Basic(name) => wit::Verification::Basic((*name).to_owned()),
            Self::Sns => wit::Verification::AwsSns,
            Self::Nothing => wit::Verification::None,
        }
    }
}
