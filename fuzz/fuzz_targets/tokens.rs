//! Nobody is admitted who has no token that the issuer signed, whatever stands in `Authorization`, and although the
//! issuer's keys are at hand: never a panic, and neither log nor answer repeats what was shown.
#![no_main]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use handover_identity::{
    Algorithm, BearerRules, BotRules, CallbackKeeper, Callers, Cloud, CustomIssuer, Doorkeeper, KeysAt, Kind,
};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;

const APP: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW_MS: u64 = 1_700_000_000_000;
/// Of a key that was made for this line; its private half was never kept.
const MODULUS: &str = "qwuM-rs5FPbchIEl1J8_VsOF2DYloBQDJjD13C1t_s0Cz24XfRt2cU6dm_L1CSLBetNKAfBjtfnQXmHeN1afXwKQd538v8PQvjB8fA-C0O2Kkq5WiHkC-DwGU7Sp2eAA0zRnRuXJ9Mx0XXMXNZUpj0zAZnDxo5ujma-GT8ryo7kkTHe3pVBaCOCia9h28W8zhc3aJgqqF2WcRiLbyngtgMgyDnrIiE7bqbLVVUbjuLxxEfCf9El3EUL5YVWSp_YjWg8bAr9UXePWjXJJL4IRPaRypDiqjHEFTglqPS7SsOHinYX8wnRmkH7foN8TnH6KRpUoanpn6HoASpYkTRe5KQ";

#[derive(Debug, Arbitrary)]
enum Shown<'a> {
    /// Headers as they come.
    Headers(Vec<&'a [u8]>),
    /// `Bearer`, and three parts.
    Parts { header: &'a [u8], claims: &'a [u8], signature: &'a [u8] },
    /// A token that is right but for a member or two, and its signature.
    Nearly {
        bot_service: bool,
        algorithm: u8,
        header: Option<Member<'a>>,
        claim: Option<Member<'a>>,
        signature: &'a [u8],
    },
}

#[derive(Debug, Arbitrary)]
struct Member<'a> {
    known: u8,
    value: Given<'a>,
}

#[derive(Debug, Arbitrary)]
enum Given<'a> {
    Nothing,
    Text(&'a str),
    Number(i64),
    Fraction(f64),
    List(Vec<&'a str>),
    Json(&'a str),
}

struct World {
    runtime: Runtime,
    bots: Doorkeeper,
    vendors: CallbackKeeper,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fuzz_target!(|shown: (u8, Shown<'_>)| {
    let (minutes, shown) = shown;
    let now_ms = NOW_MS + u64::from(minutes) * 60_000;
    let mut headers = HeaderMap::new();
    for value in shown.values() {
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            headers.append(AUTHORIZATION, value);
        }
    }
    let bots = WORLD.runtime.block_on(WORLD.bots.admit(&headers, now_ms));
    let vendors = WORLD.runtime.block_on(WORLD.vendors.admit(&headers, now_ms));
    for refusal in [bots.err().expect("no bot is admitted"), vendors.expect_err("no vendor is admitted")] {
        assert!(matches!(refusal.status(), 401 | 503), "{refusal}");
        assert_eq!(refusal.told(), format!("not admitted: {}", refusal.rule()));
        let logged = refusal.to_string();
        assert!(logged.len() < 4096 && !logged.contains(char::is_control), "{logged:?}");
        let signature = headers.values().filter_map(|value| value.to_str().ok()?.rsplit('.').next());
        assert!(signature.filter(|text| text.len() > 40).all(|text| !logged.contains(text)), "{logged}");
    }
});

impl Shown<'_> {
    fn values(&self) -> Vec<Vec<u8>> {
        let token = |header: &[u8], claims: &[u8], signature: &[u8]| {
            let parts = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part));
            vec![format!("Bearer {}", parts.join(".")).into_bytes()]
        };
        match self {
            Self::Headers(values) => values.iter().map(|value| value.to_vec()).collect(),
            Self::Parts { header, claims, signature } => token(header, claims, signature),
            Self::Nearly { bot_service, algorithm, header, claim, signature } => {
                let algorithm = Algorithm::ALL[usize::from(*algorithm) % Algorithm::ALL.len()].name();
                let mut head = json!({"alg": algorithm, "kid": "k1", "typ": "JWT", "crit": null});
                head.as_object_mut().map(|head| head.remove("crit"));
                let issuer = if *bot_service { "https://bots.example" } else { "https://issuer.example" };
                let mut body = json!({
                    "iss": issuer, "aud": APP, "exp": NOW_MS / 1000 + 3600, "nbf": NOW_MS / 1000 - 60, "ver": "2.0",
                    "azp": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "serviceurl": "https://smba.trafficmanager.net/",
                });
                change(&mut head, header, &["alg", "kid", "typ", "crit", "jwk", "jku", "x5c"]);
                change(
                    &mut body,
                    claim,
                    &["iss", "aud", "exp", "nbf", "ver", "azp", "appid", "tid", "serviceurl", "sub"],
                );
                token(head.to_string().as_bytes(), body.to_string().as_bytes(), signature)
            }
        }
    }
}

fn change(object: &mut Value, member: &Option<Member<'_>>, known: &[&str]) {
    let (Some(member), Some(object)) = (member, object.as_object_mut()) else { return };
    let name = known[usize::from(member.known) % known.len()];
    let value = match &member.value {
        Given::Nothing => {
            object.remove(name);
            return;
        }
        Given::Text(text) => json!(text),
        Given::Number(number) => json!(number),
        Given::Fraction(number) => json!(number),
        Given::List(list) => json!(list),
        Given::Json(text) => serde_json::from_str(text).unwrap_or_default(),
    };
    object.insert(name.to_owned(), value);
}

impl World {
    fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().expect("no provider was installed before");
        let place = publish();
        let issuer = |issuer: &str, kind| CustomIssuer {
            issuer: issuer.to_owned(),
            kind,
            metadata: place.clone(),
            key_hosts: Vec::new(),
        };
        let bots = Doorkeeper::new(BotRules {
            app_ids: vec![APP.to_owned()],
            cloud: Cloud::Custom,
            callers: Callers::Anyone,
            issuers: vec![
                issuer("https://issuer.example", Kind::Entra),
                issuer("https://bots.example", Kind::BotFramework),
            ],
            local: true,
            ..BotRules::default()
        });
        let vendors = CallbackKeeper::new(BearerRules {
            issuer: "https://issuer.example".to_owned(),
            keys: KeysAt::Metadata(place),
            key_hosts: Vec::new(),
            audiences: vec![APP.to_owned()],
            subject: None,
            claims: BTreeMap::new(),
            algorithms: Algorithm::ALL.to_vec(),
            local: true,
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, bots: bots.expect("rules"), vendors: vendors.expect("rules") }
    }
}

/// Publishes metadata and keys on this machine, and says where.
fn publish() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = format!("http://{}", listener.local_addr().expect("an address"));
    let metadata =
        json!({"issuer": "https://issuer.example", "jwks_uri": format!("{place}/keys")}).to_string();
    let key = |id: &str| json!({"kty": "RSA", "kid": id, "use": "sig", "n": MODULUS, "e": "AQAB", "endorsements": ["msteams"]});
    let keys = json!({"keys": [key("k1"), key("")]}).to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut asked = [0; 2048];
            let len = stream.read(&mut asked).unwrap_or_default();
            let body = if asked[..len].starts_with(b"GET /keys") { &keys } else { &metadata };
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Url::parse(&format!("{place}/metadata")).expect("an address")
}
