//! Whatever bytes come on a connection: a connector reads only what was proved where proof is wanted, in headers and a
//! body within their bounds; nobody but a trusted proxy says who calls; and the answers are well formed, one for each
//! request, whatever the connector says.
#![no_main]

mod answers;
mod line;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex};

use arbitrary::Arbitrary;
use handover::Config;
use handover::fuzzing::Edge;
use handover_credentials::{Held, Secret};
use handover_sandbox::description::{
    AttachmentMode, Attachments, CallbackRoute, Capabilities, Description, Digest, Encoding, HmacSignature,
    SignedContent, Verification,
};
use handover_sandbox::{Answer, CallbackRequest};
use libfuzzer_sys::fuzz_target;
use line::Line;
use tokio::runtime::Runtime;
use url::Url;

#[derive(Debug, Arbitrary)]
struct Connection<'a> {
    peer: u8,
    /// So many bytes come at once.
    pace: u8,
    parts: Vec<Part<'a>>,
    answer: Told<'a>,
}

#[derive(Debug, Arbitrary)]
enum Part<'a> {
    Raw(&'a [u8]),
    Request {
        method: u8,
        route: u8,
        proved: bool,
        target: Option<&'a str>,
        headers: Vec<(&'a str, &'a str)>,
        chunked: bool,
        body: &'a [u8],
    },
}

#[derive(Debug, Clone, Default, Arbitrary)]
struct Told<'a> {
    status: u16,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

const SECRET: &str = "planted-callback-secret-5d2e90";
const BODY: usize = 2048;
const ROUTES: [&str; 7] = ["open", "", "stamped", "form", "secret", "standard", "below/x"];
const PEERS: [&str; 4] = ["203.0.113.9", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"];

type Heard = Vec<(IpAddr, CallbackRequest)>;

struct World {
    runtime: Runtime,
    edge: Edge,
    heard: Arc<Mutex<Heard>>,
    answer: Arc<Mutex<Option<Answer>>>,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fuzz_target!(|connection: Connection<'_>| {
    let mut bytes = Vec::new();
    let mut proved = 0;
    for part in &connection.parts {
        part.write(&mut bytes, &mut proved);
    }
    WORLD.heard.lock().expect("no panic").clear();
    *WORLD.answer.lock().expect("no panic") = Some(connection.answer.answer());
    let peer: IpAddr = PEERS[usize::from(connection.peer) % PEERS.len()].parse().expect("an address");
    let mut line = Line::new(&bytes, connection.pace);
    WORLD.runtime.block_on(WORLD.edge.converse(&mut line, SocketAddr::new(peer, 4711)));
    let heard = WORLD.heard.lock().expect("no panic");
    for (caller, request) in heard.iter() {
        called(peer, *caller, &bytes);
        read(request);
    }
    let closed = heard.iter().filter(|(_, request)| !request.path.starts_with("open")).count();
    assert!(closed <= proved, "{closed} were believed, {proved} proved");
    answers::judge(&line.written, &bytes);
});

/// Nobody but the proxies in 10.0.0.0/8 says who calls, and what they say stands in a request.
fn called(peer: IpAddr, caller: IpAddr, bytes: &[u8]) {
    let peer = peer.to_canonical();
    let trusted = |address: IpAddr| matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 10);
    if !trusted(peer) {
        assert_eq!(caller, peer);
    } else if caller != peer {
        let text = String::from_utf8_lossy(bytes);
        let mut words = text
            .split([',', ' ', '\t', '\r', '\n'])
            .flat_map(|word| [word, word.rsplit(':').next().unwrap_or_default()]);
        let said = words.any(|word| word.parse().is_ok_and(|said: IpAddr| said.to_canonical() == caller));
        // After a colon without a space, an address of IPv6 is not one word.
        assert!(said || caller.is_ipv6(), "{caller} stands nowhere");
    }
}

fn read(request: &CallbackRequest) {
    assert!(matches!(request.method.as_str(), "POST" | "PUT"), "{}", request.method);
    assert!(request.headers.len() <= 64 && request.body.len() <= BODY);
    let mut size = 0;
    for (name, value) in &request.headers {
        assert!(
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase() && b != b':')
        );
        assert!(
            value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)),
            "{name}: {value:?}"
        );
        size += name.len() + value.len();
    }
    assert!(size <= 32 << 10);
    let url = Url::parse(&request.url).expect("an address");
    assert!(request.url.starts_with("https://handover.example/api/callbacks/"), "{url}");
    assert!(!request.url.contains(|c: char| c.is_control() || c == ' '), "{url}");
}

impl Told<'_> {
    fn answer(&self) -> Answer {
        let headers = self.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Answer { status: self.status, headers: headers.collect(), body: self.body.to_vec() }
    }
}

impl Part<'_> {
    fn write(&self, bytes: &mut Vec<u8>, proved: &mut usize) {
        let Self::Request { method, route, proved: proves, target, headers, chunked, body } = self else {
            let Self::Raw(raw) = self else { return };
            bytes.extend_from_slice(raw);
            return;
        };
        let method = ["POST", "PUT", "GET", "DELETE", "OPTIONS"][usize::from(*method) % 5];
        let route = ROUTES[usize::from(*route) % ROUTES.len()];
        let mut head = match target {
            Some(target) => format!("{method} {target} HTTP/1.1\r\n"),
            None => format!("{method} /api/callbacks/acme/{route} HTTP/1.1\r\n"),
        };
        head.push_str("host: handover.example\r\n");
        if *proves {
            *proved += 1;
            head.push_str(&format!("x-secret: {SECRET}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if *chunked {
            head.push_str("transfer-encoding: chunked\r\n\r\n");
            bytes.extend_from_slice(head.as_bytes());
            for chunk in body.chunks(7) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else {
            head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
            bytes.extend_from_slice(head.as_bytes());
            bytes.extend_from_slice(body);
        }
    }
}

impl World {
    fn new() -> Self {
        let file = std::env::temp_dir().join(format!("handover-fuzz-{}-callbacks.toml", std::process::id()));
        let text = format!(
            "[gateway]\npublic_url = \"https://handover.example/\"\n[limits]\nbody_bytes = {BODY}\n\
             caller_per_second = 4000000000\ntrusted_proxies = [\"10.0.0.0/8\"]\n\
             [connectors.acme.callbacks]\n\"open*\" = \"none\"\n"
        );
        std::fs::write(&file, text).expect("the file can be written");
        let config = Config::read(Some(&file), std::iter::empty()).expect("a configuration");
        std::fs::remove_file(&file).expect("it was written here");
        let (heard, answer) = (Arc::<Mutex<Heard>>::default(), Arc::<Mutex<Option<Answer>>>::default());
        let (hears, answers) = (Arc::clone(&heard), Arc::clone(&answer));
        let connector = Box::new(move |caller, request| {
            hears.lock().expect("no panic").push((caller, request));
            answers.lock().expect("no panic").clone().expect("it was said before")
        });
        let keys = BTreeMap::from([("key".to_owned(), Held::fixed(Secret::new(SECRET.as_bytes().to_vec())))]);
        let edge = Edge::new(&config, description(), keys, connector);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, edge, heard, answer }
    }
}

fn description() -> Description {
    let key = || "key".to_owned();
    let hmac = |content, stamp: Option<&str>| {
        Verification::Hmac(HmacSignature {
            credential: key(),
            digest: Digest::Sha256,
            encoding: Encoding::Hex,
            header: "x-signature".to_owned(),
            prefix: "sha256=".to_owned(),
            content,
            timestamp_header: stamp.map(str::to_owned),
            opening: String::new(),
            separator: ".".to_owned(),
            tolerance: 0,
        })
    };
    let shared = || Verification::SharedSecret {
        credential: key(),
        header: "x-secret".to_owned(),
        prefix: String::new(),
    };
    let route = |path: &str, way| CallbackRoute {
        path: path.to_owned(),
        methods: vec!["POST".to_owned(), "PUT".to_owned()],
        verification: vec![way],
    };
    Description {
        name: "acme".to_owned(),
        version: "1".to_owned(),
        vendor: "Acme".to_owned(),
        upstreams: Vec::new(),
        credentials: vec![key()],
        callbacks: vec![
            route("open*", Verification::None),
            route("", hmac(SignedContent::Body, None)),
            route("stamped", hmac(SignedContent::TimestampAndBody, Some("x-time"))),
            route("form", hmac(SignedContent::UrlAndForm, None)),
            route("standard", Verification::StandardWebhooks { credential: key() }),
            route("basic", Verification::Basic { credential: key() }),
            route("secret", shared()),
            route("below/*", shared()),
        ],
        text_limit: None,
        text_formats: Vec::new(),
        attachments: Attachments { mode: AttachmentMode::None, size: None, types: Vec::new() },
        state_schema: 1,
        capabilities: Capabilities::default(),
        imports: Vec::new(),
    }
}
