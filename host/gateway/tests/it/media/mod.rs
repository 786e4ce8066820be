//! Files either way: from the customer's channel to the vendor, and from the vendor to the customer.

mod addresses;
mod kinds;
mod sources;
mod vendors;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::component::guest;
use crate::customer::Customer;
use crate::house::House;
use crate::patience::eventually;

/// A picture, as far as anybody here looks.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

/// What opens the vendor's private files.
pub const KEY: &str = "planted-media-key-5f02";

/// One request that a store of files got.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Somebody who has files: a channel, or a vendor that takes some too.
#[derive(Clone)]
pub struct Shelf {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Shelf {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let shelf = Self { base, asked: Arc::default() };
        let routes = Router::new().fallback(serve).with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        shelf
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// All requests for what begins so.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().expect("a list");
        asked.iter().filter(|one| one.path.starts_with(path)).cloned().collect()
    }

    /// Waits for so many requests for what begins so.
    pub async fn gets(&self, path: &str, count: usize) -> Vec<Asked> {
        eventually(format!("{count} requests for {path}"), || async {
            let asked = self.asked(path);
            if asked.len() >= count { Ok(asked) } else { Err(format!("{asked:?}")) }
        })
        .await
    }
}

async fn serve(State(shelf): State<Shelf>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let open = headers.get("authorization").is_some_and(|value| value == &format!("Bearer {KEY}"));
    let path = uri.path().to_owned();
    shelf.asked.lock().expect("a list").push(Asked { path: path.clone(), headers, body });
    let typed = |kind: &'static str, body: Vec<u8>| ([(header::CONTENT_TYPE, kind)], body).into_response();
    let to = |url: &str| (StatusCode::FOUND, [(header::LOCATION, url.to_owned())]).into_response();
    // As it goes, without a length.
    let flowing = |chunks: usize| {
        let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 << 10]));
        Body::from_stream(tokio_stream::iter((0..chunks).map(move |_| chunk()))).into_response()
    };
    match path.as_str() {
        "/photo.png" => typed("image/png", PICTURE.to_vec()),
        "/page.html" => typed("text/html", b"<script>alert(1)</script>".to_vec()),
        "/big" => typed("image/png", vec![0; (10 << 20) + 1]),
        "/flood" => flowing(1 << 20),
        "/flow" => flowing(2),
        "/drip" => {
            let (send, receive) = tokio::sync::mpsc::channel(1);
            tokio::spawn(async move {
                drop(send.send(Ok::<_, std::io::Error>(Bytes::from_static(b"x"))).await);
                send.closed().await;
            });
            Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receive)).into_response()
        }
        "/moved" => to("/photo.png"),
        "/round" => to("/round"),
        "/to-metadata" => to("http://169.254.169.254/latest/meta-data/"),
        "/to-inside" => to("https://10.0.0.1/secret"),
        "/slow" => {
            std::future::pending::<()>().await;
            StatusCode::OK.into_response()
        }
        "/private/report.pdf" if open => typed("application/pdf", b"%PDF the report".to_vec()),
        "/private/scan.png" if open => typed("image/png", PICTURE.to_vec()),
        "/private/elsewhere" if open => to("http://localhost:1/"),
        path if path.starts_with("/said") || path.starts_with("/uploads") => StatusCode::OK.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A message with files.
pub fn with_files(customer: &Customer, text: &str, files: &[(&str, &str, &str)]) -> Value {
    let mut message = customer.message(text);
    let file = |(name, kind, url): &(&str, &str, &str)| json!({ "name": name, "contentType": kind, "contentUrl": url });
    message["attachments"] = files.iter().map(file).collect();
    message
}

/// The fixture that uploads, with its vendor.
pub struct Uploads {
    pub house: House,
    pub vendor: Shelf,
}

impl Uploads {
    pub async fn open(sections: &str) -> Self {
        let vendor = Shelf::open().await;
        let sections = format!(
            "[routing]\ndefault = \"carries-files\"\n\n\
             [connectors.carries-files]\ncallbacks = {{ \"\" = \"none\" }}\n\
             [connectors.carries-files.upstreams.api]\nbase_url = \"{}\"\ncredential = \"key\"\n\
             [connectors.carries-files.credentials.key]\nkind = \"bearer\"\ntoken = \"env:MEDIA_KEY\"\n\n{sections}",
            vendor.base
        );
        let mut house = House::closed(&sections).await;
        let environment = [("MEDIA_KEY", KEY.to_owned()), ("RUST_LOG", "debug".to_owned())];
        house.gateway = crate::gateway::Gateway::new(house.folder.path(), &environment);
        house.install("carries-files.wasm", &guest("carries-files"));
        house.gateway.start().await;
        Self { house, vendor }
    }

    /// A chat; the vendor's id of it.
    pub async fn begins(&self, customer: &Customer) -> String {
        customer.starts().await;
        let end = self.house.bot.ends(&customer.conversation, "startConversation").await;
        end.body["value"]["LiveChatConversationId"].as_str().expect("an id").to_owned()
    }

    /// What the vendor was told, in order.
    pub fn said(&self) -> Vec<String> {
        let said = self.vendor.asked("/said/").into_iter();
        said.map(|one| String::from_utf8(one.body.to_vec()).expect("text")).collect()
    }
}

/// The first address of a file here in a text.
pub fn address_in(text: &str) -> String {
    let at = text.find("http://127.0.0.1").filter(|at| text[*at..].contains("/api/media/"));
    let at = at.unwrap_or_else(|| panic!("no address in {text}"));
    let end = text[at..].find([')', ' ', '\n', '"']).map_or(text.len(), |end| at + end);
    text[at..end].to_owned()
}
