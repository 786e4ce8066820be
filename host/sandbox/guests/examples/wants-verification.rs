//! Wants its callbacks verified, at each path in another way.

use handover_connector::{
    CallbackRoute, Description, Digest, Encoding, HeaderSecret, HmacSignature, RsaSignature, SignedContent,
    Verification,
};
use sandbox_guests::{Guest, description};

struct WantsVerification;

impl Guest for WantsVerification {
    fn describe() -> Description {
        let route = |path: &str, verification| CallbackRoute {
            path: path.to_owned(),
            methods: vec!["POST".to_owned()],
            verification,
        };
        let hook = || "hook".to_owned();
        let hmac = HmacSignature {
            credential: hook(),
            digest: Digest::Sha512,
            encoding: Encoding::Base64,
            header: "x-signature".to_owned(),
            prefix: "v1=".to_owned(),
            content: SignedContent::TimestampAndBody,
            timestamp_header: Some("x-time".to_owned()),
            opening: "v0:".to_owned(),
            separator: ":".to_owned(),
            tolerance: 300,
        };
        Description {
            callbacks: vec![
                route("events/*", vec![Verification::Basic(hook()), Verification::AwsSns]),
                route("signed", vec![Verification::Hmac(hmac)]),
                route(
                    "keys",
                    vec![
                        Verification::SharedSecret(HeaderSecret {
                            credential: hook(),
                            header: "x-key".to_owned(),
                            prefix: "Key ".to_owned(),
                        }),
                        Verification::Rsa(RsaSignature {
                            credential: hook(),
                            digest: Digest::Sha1,
                            header: "x-rsa".to_owned(),
                        }),
                        Verification::BearerJwt(hook()),
                        Verification::StandardWebhooks(hook()),
                        Verification::ClientCertificate(hook()),
                    ],
                ),
            ],
            ..description()
        }
    }
}

sandbox_guests::sin!(WantsVerification);
