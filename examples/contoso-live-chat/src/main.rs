//! The command line of Contoso Live Chat.

use std::net::SocketAddr;

use clap::Parser;
use contoso_live_chat::{Config, serve};

/// A small live-chat system with a REST API and a console for its agents.
#[derive(Parser)]
#[command(name = "contoso-live-chat", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5000")]
    addr: SocketAddr,
    /// Where to post what agents say and do.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001/api/livechat/messages")]
    webhook_url: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { addr, webhook_url } = Arguments::parse();
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a signal handler the process can only be killed, which needs no help from here.
            std::future::pending::<()>().await;
        }
    };
    let running = serve(Config { addr, webhook_url: webhook_url.clone() }, interrupted).await?;
    println!("Contoso Live Chat: http://{}/", running.addr());
    println!("Agents' messages go to {webhook_url}");
    running.join().await
}
