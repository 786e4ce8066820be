//! What strangers can send: unsigned callbacks by the thousand, connections that say nothing or only little, bodies
//! without end, JSON without bottom. A chat goes on meanwhile, and is measured; so is the gateway's memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use handover_ledger::memory;
use handover_ledger::node::Node;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Around;
use crate::figures::spread;
use crate::gateway::{furnish, post};
use crate::signing::Signing;
use crate::sinks::{self, Sink};

/// How often each side of the chat writes.
const PACE: Duration = Duration::from_millis(50);
/// How much the gateway may have more of memory than at rest, in MiB; bodies are bounded to 256 MiB together.
const MORE: u64 = 400;
/// How many requests a flooding connection sends before it reads.
const BATCH: u64 = 10;

struct Scene {
    node: Node,
    http: Client,
    vendor: Arc<Sink>,
    channel: Arc<Sink>,
    service_url: String,
    signing: Signing,
    said: AtomicU64,
}

pub async fn run(around: &Around, seconds: u64, rate: u64, idle: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (vendor, channel) = (Arc::new(Sink::default()), Arc::new(Sink::default()));
    let vendor_url = sinks::vendor(&vendor, "live").await?;
    let service_url = sinks::channel(&channel).await?;
    let signing = Signing::make(folder.path())?;
    let config = format!(
        "[connectors.contoso.upstreams.api]\nbase_url = \"{vendor_url}\"\n\n\
         [connectors.contoso.credentials]\nwebhook = {{ kind = \"key\", value = \"file:{}\" }}\n",
        signing.file.display()
    );
    let mut node = furnish(around, folder.path(), &config, &["contoso"])?;
    node.start().await?;
    let scene =
        Scene { node, http: fresh()?, vendor, channel, service_url, signing, said: AtomicU64::new(0) };
    scene.turn("event", "start", json!({ "name": "startConversation" })).await?;
    let started = scene.channel.until(Duration::from_secs(20), |one| one.ends.is_some()).await;
    started.context("the start has no answer")?;
    scene.turn("message", "first", json!({ "text": "first" })).await?;

    let time = Duration::from_secs(seconds);
    let rest = scene.memory();
    scene.chat("at rest", time, async |_| Ok(String::new())).await?;
    scene.chat("unsigned callbacks", time, async |stop| scene.flood(rate, stop).await).await?;
    scene.chat("idle connections", time, async |stop| scene.idle(idle, stop).await).await?;
    scene.chat("slow heads", time, async |stop| scene.drip(idle.min(1_000), stop).await).await?;
    scene.chat("bodies without end", time, async |stop| scene.gush(stop).await).await?;
    scene.chat("JSON without bottom", time, async |stop| scene.nest(stop).await).await?;
    let after = scene.memory();
    println!("memory: {rest} MiB at first, {after} MiB at the end");
    ensure!(after < rest + MORE, "memory has grown from {rest} to {after} MiB");
    Ok(())
}

/// Each message comes on a connection of its own: who gets in is part of the question.
fn fresh() -> anyhow::Result<Client> {
    let client = Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0);
    Ok(client.timeout(Duration::from_secs(30)).build()?)
}

impl Scene {
    /// Chats while something happens; prints how long messages took, and what came of it.
    async fn chat(
        &self,
        what: &str,
        time: Duration,
        meanwhile: impl AsyncFnOnce(Arc<AtomicBool>) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let stop = Arc::new(AtomicBool::new(false));
        let talk = async {
            let begun = Instant::now();
            let (mut to_vendor, mut to_customer, mut peak) = (Vec::new(), Vec::new(), 0);
            while begun.elapsed() < time {
                let nth = self.said.fetch_add(1, Ordering::Relaxed);
                let (text, at) = (format!("word {nth}"), Instant::now());
                self.turn("message", &format!("m{nth}"), json!({ "text": text })).await?;
                let heard = self.vendor.until(Duration::from_secs(30), |one| one.text == text).await;
                to_vendor.push(heard.context("a message is lost")?.at - at);
                let (text, at) = (format!("answer {nth}"), Instant::now());
                self.answer(&text).await?;
                let shown = self.channel.until(Duration::from_secs(30), |one| one.text.contains(&text)).await;
                to_customer.push(shown.context("an answer is lost")?.at - at);
                peak = peak.max(self.memory());
                tokio::time::sleep(PACE).await;
            }
            stop.store(true, Ordering::Relaxed);
            anyhow::Ok((spread(to_vendor), spread(to_customer), peak))
        };
        let (talked, came) = tokio::join!(talk, meanwhile(Arc::clone(&stop)));
        let ((to_vendor, to_customer, peak), came) = (talked?, came?);
        println!(
            "{what}: {came}\n  to the vendor   {to_vendor}\n  to the customer {to_customer}\n  memory {peak} MiB"
        );
        Ok(())
    }

    fn memory(&self) -> u64 {
        self.node.pid().and_then(memory::now_kib).unwrap_or_default() >> 10
    }

    async fn turn(&self, kind: &str, id: &str, more: Value) -> anyhow::Result<Duration> {
        let mut activity = json!({
            "type": kind, "id": id, "channelId": "directline", "serviceUrl": self.service_url,
            "conversation": { "id": "chat" }, "from": { "id": "29:jane", "name": "Jane", "role": "user" },
            "recipient": { "id": "28:agent-app", "name": "Contoso Agent", "role": "bot" },
        });
        if let (Some(activity), Value::Object(more)) = (activity.as_object_mut(), more) {
            activity.extend(more);
        }
        post(&self.http, &self.node, "/api/messages", &activity).await
    }

    async fn answer(&self, text: &str) -> anyhow::Result<()> {
        let body = json!({ "conversationId": "live-0", "id": text, "message": text }).to_string();
        let (stamp, signature) = self.signing.of(&body);
        let url = format!("http://{}/api/livechat/messages", self.node.addr);
        let request = self.http.post(url).header("x-contoso-timestamp", stamp);
        let answer = request.header("x-contoso-signature", signature).body(body).send().await?;
        ensure!(answer.status().is_success(), "a signed callback is answered {}", answer.status());
        Ok(())
    }

    /// Unsigned callbacks at this rate; what one costs, as the sender sees it.
    async fn flood(&self, rate: u64, stop: Arc<AtomicBool>) -> anyhow::Result<String> {
        let body = r#"{"conversationId":"live-0","message":"I am your bank"}"#;
        let request = format!(
            "POST /api/livechat/messages HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.node.addr,
            body.len()
        );
        let (connections, addr) = (8, self.node.addr);
        let batch = request.repeat(usize::try_from(BATCH)?);
        let pause = Duration::from_secs_f64((BATCH * connections) as f64 / rate as f64);
        let (begun, mut all) = (Instant::now(), JoinSet::new());
        for _ in 0..connections {
            let (batch, stop) = (batch.clone(), Arc::clone(&stop));
            all.spawn(async move {
                let mut stream = TcpStream::connect(addr).await?;
                let (mut sent, mut took, mut next) = (0_u64, Vec::new(), Instant::now());
                let mut buffer = vec![0; 64 << 10];
                while !stop.load(Ordering::Relaxed) {
                    let at = Instant::now();
                    stream.write_all(batch.as_bytes()).await?;
                    let mut refused = 0;
                    while refused < BATCH {
                        let read = stream.read(&mut buffer).await?;
                        ensure!(read > 0, "the gateway has hung up");
                        let text = String::from_utf8_lossy(&buffer[..read]);
                        refused += u64::try_from(text.matches("HTTP/1.1 401").count())?;
                        ensure!(!text.contains("HTTP/1.1 2"), "an unsigned callback was taken");
                    }
                    sent += BATCH;
                    took.push(at.elapsed() / u32::try_from(BATCH)?);
                    next += pause;
                    tokio::time::sleep_until(next.into()).await;
                }
                anyhow::Ok((sent, took))
            });
        }
        let (mut sent, mut took) = (0, Vec::new());
        while let Some(done) = all.join_next().await {
            let (more, times) = done??;
            sent += more;
            took.extend(times);
        }
        Ok(format!("{:.0} a second, each {}", sent as f64 / begun.elapsed().as_secs_f64(), spread(took)))
    }

    /// Connections that say nothing, opened again when they are closed.
    async fn idle(&self, many: usize, stop: Arc<AtomicBool>) -> anyhow::Result<String> {
        let mut streams = Vec::new();
        let mut failed = 0_u64;
        for _ in 0..many {
            match TcpStream::connect(self.node.addr).await {
                Ok(stream) => streams.push(stream),
                Err(_) => failed += 1,
            }
        }
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(format!("{} opened, {failed} refused by the system", streams.len()))
    }

    /// Heads that arrive byte by byte.
    async fn drip(&self, many: usize, stop: Arc<AtomicBool>) -> anyhow::Result<String> {
        let cut = Arc::new(AtomicU64::new(0));
        let mut all = JoinSet::new();
        for _ in 0..many {
            let (addr, stop, cut) = (self.node.addr, Arc::clone(&stop), Arc::clone(&cut));
            all.spawn(async move {
                let Ok(mut stream) = TcpStream::connect(addr).await else { return };
                for byte in b"POST /api/messages HTTP/1.1\r\nhost: x\r\nx-slow: ".iter().cycle() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    if stream.write_all(&[*byte]).await.is_err() {
                        cut.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            });
        }
        while all.join_next().await.is_some() {}
        Ok(format!("{many} at the same time, {} cut off", cut.load(Ordering::Relaxed)))
    }

    /// A gigabyte announced, and a gigabyte in pieces.
    async fn gush(&self, stop: Arc<AtomicBool>) -> anyhow::Result<String> {
        let announced = "POST /api/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n";
        let pieces = "POST /api/livechat/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
        let (mut tries, mut bytes) = (0_u64, 0_u64);
        let block = [b'x'; 64 << 10];
        let piece = [format!("{:x}\r\n", block.len()).as_bytes(), &block, b"\r\n"].concat();
        while !stop.load(Ordering::Relaxed) {
            for (head, body) in [(announced, &block[..]), (pieces, &piece[..])] {
                let mut stream = TcpStream::connect(self.node.addr).await?;
                tries += 1;
                if stream.write_all(head.as_bytes()).await.is_err() {
                    continue;
                }
                for _ in 0..16_000 {
                    if stop.load(Ordering::Relaxed) || stream.write_all(body).await.is_err() {
                        break;
                    }
                    bytes += body.len() as u64;
                }
            }
        }
        Ok(format!("{tries} bodies, {} MiB were sent before they were cut off", bytes >> 20))
    }

    /// Brackets in brackets.
    async fn nest(&self, stop: Arc<AtomicBool>) -> anyhow::Result<String> {
        let deep = "[".repeat(500_000);
        let mut tries = 0_u64;
        while !stop.load(Ordering::Relaxed) {
            for path in ["/api/messages", "/api/livechat/messages"] {
                let url = format!("http://{}{path}", self.node.addr);
                let status = self.http.post(url).body(deep.clone()).send().await?.status();
                ensure!(status.is_client_error(), "{path}: {status}");
                tries += 1;
            }
        }
        Ok(format!("{tries} bodies of 500 000 brackets"))
    }
}
