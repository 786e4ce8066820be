//! A vendor on loopback: it keeps what it was asked, and answers as a test needs it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The 100 MB answer.
static GIANT: [u8; 100 << 20] = [0; 100 << 20];

/// One request that arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Answer = fn(&Asked) -> Option<(u16, String)>;

#[derive(Clone)]
pub struct Vendor {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    waiting: watch::Sender<usize>,
    open: watch::Sender<bool>,
    answer: Answer,
}

impl Vendor {
    pub async fn new() -> Self {
        Self::answering(|_| None).await
    }

    /// What `answer` has no answer for is answered as always.
    pub async fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let vendor = Self {
            base: format!("http://{}/below/", listener.local_addr().unwrap()),
            asked: Arc::default(),
            waiting: watch::Sender::new(0),
            open: watch::Sender::new(false),
            answer,
        };
        let routes = Router::new().fallback(respond).with_state(vendor.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        vendor
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until so many requests have come to the gate.
    pub async fn at_the_gate(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        let came = waiting.wait_for(|waiting| *waiting >= count);
        tokio::time::timeout(Duration::from_secs(60), came).await.expect("they come").unwrap();
    }

    /// Lets all go who wait at the gate, and all who come.
    pub fn open_the_gate(&self) {
        self.open.send_replace(true);
    }
}

async fn respond(State(vendor): State<Vendor>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let headers = head.headers.iter();
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    vendor.asked.lock().unwrap().push(asked.clone());
    if let Some((status, body)) = (vendor.answer)(&asked) {
        let status = StatusCode::from_u16(status).unwrap();
        return (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    match asked.path.trim_start_matches("/below").trim_start_matches("/files") {
        "/gate" => {
            vendor.waiting.send_modify(|waiting| *waiting += 1);
            drop(vendor.open.subscribe().wait_for(|open| *open).await);
            "open".into_response()
        }
        "/giant" => Bytes::from_static(&GIANT).into_response(),
        "/giant-in-pieces" => {
            let piece = || Ok::<_, Infallible>(Bytes::from_static(&GIANT[..1 << 16]));
            Body::from_stream(tokio_stream::iter((0..1600).map(move |_| piece()))).into_response()
        }
        "/giant-headers" => [("x-large", "x".repeat(40 << 10))].into_response(),
        "/many-headers" => {
            let mut response = "many".into_response();
            for n in 0..120 {
                let name = HeaderName::try_from(format!("x-{n}")).unwrap();
                response.headers_mut().insert(name, HeaderValue::from_static("1"));
            }
            response
        }
        // What it was sent comes back in headers, and a login with it.
        "/repeats-authorization-in-headers" => {
            let sent = asked.header("authorization").unwrap_or_default().to_owned();
            let headers = [
                ("set-cookie", "sid=of-the-account".to_owned()),
                ("authorization", sent.clone()),
                ("x-debug", format!("you sent {sent}")),
                ("x-note", "kept".to_owned()),
            ];
            (headers, "repeated").into_response()
        }
        // A token endpoint: each token is another one.
        "/token" => {
            let given = vendor.asked().iter().filter(|asked| asked.path.ends_with("/token")).count();
            let token =
                format!(r#"{{"access_token":"token-{given}","token_type":"Bearer","expires_in":3600}}"#);
            ([(header::CONTENT_TYPE, "application/json")], token).into_response()
        }
        "/wants-second-token" if asked.header("authorization") != Some("Bearer token-2") => {
            StatusCode::UNAUTHORIZED.into_response()
        }
        "/wants-no-token" => StatusCode::UNAUTHORIZED.into_response(),
        "/metadata" => {
            let there = "http://169.254.169.254/latest/meta-data/iam/";
            (StatusCode::FOUND, [(header::LOCATION, there)]).into_response()
        }
        "/elsewhere" => (StatusCode::FOUND, [(header::LOCATION, "/below/taken")]).into_response(),
        _ => "taken".into_response(),
    }
}
