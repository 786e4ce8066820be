//! Asks the running gateway's operators' listener, for the command line.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Args;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The environment variable of the token, where the gateway wants one.
const TOKEN: &str = "HANDOVER_ADMIN_TOKEN";

/// Where the running gateway is, and how its answers are shown.
#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// Where the running gateway's operators reach it.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5003", global = true)]
    admin_addr: SocketAddr,
    /// As the admin API says it.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Asking {
    /// GET of a path below `/admin/api/`.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        let mut url = url::Url::parse(&self.url(path))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.answer(client()?.get(url)).await
    }

    /// POST to a path below `/admin/api/`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.answer(client()?.post(self.url(path)).json(body)).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/admin/api/{path}", self.admin_addr)
    }

    async fn answer(&self, mut request: RequestBuilder) -> anyhow::Result<Value> {
        if let Ok(token) = std::env::var(TOKEN) {
            request = request.bearer_auth(token.trim());
        }
        let response = request.send().await.with_context(|| {
            format!("no gateway answers at {}; is it running, and is --admin-addr right?", self.admin_addr)
        })?;
        let status = response.status();
        let body = body(response)
            .await
            .with_context(|| format!("{} is no gateway of this kind", self.admin_addr))?;
        if status.is_success() {
            return Ok(body);
        }
        if status == StatusCode::UNAUTHORIZED {
            anyhow::bail!("the gateway wants its operators' token: set the environment variable {TOKEN}");
        }
        anyhow::bail!("{}", body["error"].as_str().unwrap_or("the gateway refused"))
    }
}

/// An answer in its own type.
pub(crate) fn read<T: DeserializeOwned>(answer: Value) -> anyhow::Result<T> {
    serde_json::from_value(answer).context("the gateway answers in a way that this version does not know")
}

async fn body(response: Response) -> anyhow::Result<Value> {
    Ok(response.json().await?)
}

fn client() -> anyhow::Result<Client> {
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(Client::builder().no_proxy().build()?)
}
