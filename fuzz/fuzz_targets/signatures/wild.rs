//! Requests in which nothing was signed. Only a secret that is shown as it is can be right by chance.

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use handover_signatures::{
    AwsSns, Content, Digest, Encoding, Hmac, Keys, Request, Rsa, Scheme, StampFormat, Stamped,
    sns_certificate_url, verify,
};

#[derive(Debug, Arbitrary)]
pub struct Wild<'a> {
    scheme: u8,
    digest: u8,
    encoding: bool,
    content: u8,
    format: u8,
    prefix: &'a str,
    tolerance_s: u32,
    keys: [&'a [u8]; 2],
    proof: Vec<&'a [u8]>,
    stamp: &'a [u8],
    url: &'a str,
    body: &'a [u8],
    now_ms: u64,
}

const HEADERS: [&str; 3] = ["x-proof", "authorization", "webhook-signature"];

impl Wild<'_> {
    pub fn judge(self) {
        let header = HEADERS[0].to_owned();
        let digest = [Digest::Sha1, Digest::Sha256, Digest::Sha512][usize::from(self.digest % 3)];
        let encoding = if self.encoding { Encoding::Hex } else { Encoding::Base64 };
        let scheme = match self.scheme % 7 {
            0 => {
                let prefix = self.prefix.to_owned();
                Scheme::Hmac(Hmac { digest, encoding, header, prefix, content: self.content() })
            }
            1 => Scheme::SharedSecret { header, prefix: String::new() },
            2 => Scheme::Basic,
            3 => Scheme::Rsa(Rsa { digest, encoding, header }),
            4 => Scheme::StandardWebhooks { tolerance_s: self.tolerance_s },
            5 => Scheme::AwsSns(AwsSns {
                topics: vec!["arn:aws:sns:eu-central-1:123456789012:t".to_owned()],
                tolerance_s: self.tolerance_s,
            }),
            _ => Scheme::ClientCertificate { header },
        };
        let proofs = self.proof.iter().flat_map(|proof| HEADERS.map(|name| (name, *proof)));
        let headers: Vec<(&str, &[u8])> = proofs
            .chain([
                ("webhook-id", &b"msg_1"[..]),
                ("webhook-timestamp", self.stamp),
                ("x-stamp", self.stamp),
            ])
            .collect();
        let request = Request { url: self.url, headers: &headers, body: self.body };
        let verdict = verify(&scheme, &Keys::two(self.keys[0], self.keys[1]), &request, self.now_ms);
        if let Scheme::AwsSns(scheme) = &scheme
            && let Ok(url) = sns_certificate_url(scheme, self.body, self.now_ms)
        {
            let host = url.host_str().unwrap_or_default();
            assert!(url.scheme() == "https" && url.port().is_none() && host.starts_with("sns."));
            assert!(host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"), "{host}");
        }
        let Ok(verified) = verdict else { return };
        let key = self.keys[verified.key.expect("a key was asked for")];
        assert!(!key.is_empty() && self.proof.len() == 1);
        let proof = self.proof[0];
        let letters = |text: &[u8]| -> String {
            let text = String::from_utf8_lossy(text);
            text.chars().filter(|c| !matches!(c, '=' | ':')).collect()
        };
        let right = match scheme {
            Scheme::SharedSecret { .. } => proof == key,
            Scheme::Basic => {
                let shown = letters(proof).replace('-', "+").replace('_', "/");
                shown.get(5..).is_some_and(|shown| shown.trim_start() == STANDARD_NO_PAD.encode(key))
            }
            Scheme::ClientCertificate { .. } => letters(proof).eq_ignore_ascii_case(&letters(key)),
            _ => false,
        };
        assert!(right, "nobody signed this");
    }

    fn content(&self) -> Content {
        let formats =
            [StampFormat::Seconds, StampFormat::Milliseconds, StampFormat::Rfc3339, StampFormat::Any];
        match self.content % 3 {
            0 => Content::Body,
            1 => Content::TimestampAndBody(Stamped {
                header: "x-stamp".to_owned(),
                format: formats[usize::from(self.format % 4)],
                opening: String::new(),
                separator: ".".to_owned(),
                tolerance_s: self.tolerance_s,
            }),
            _ => Content::UrlAndForm,
        }
    }
}
