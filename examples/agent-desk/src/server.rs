//! Serving: the vendor's routes, the desk's API and its page on one address, until it is told to stop.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use axum::{Router, middleware};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    agent_api,
    connection::{Door, Hangup},
    console,
    desk::Desk,
    vendor::Vendor,
};

/// How long requests in flight may take to finish once the server was told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// An address that is bound and not served yet: for simulators that must know their own address before they start.
pub struct Bound {
    listener: TcpListener,
    addr: SocketAddr,
}

/// Binds an address; port 0 takes any free one. The agents' page asks nobody who they are, so it must be loopback unless
/// `anyone` may come.
///
/// # Errors
/// The address is not loopback, or in use.
pub async fn bind(addr: SocketAddr, anyone: bool) -> anyhow::Result<Bound> {
    ensure!(
        anyone || addr.ip().is_loopback(),
        "{addr} is not loopback, and whoever reaches the agents' page is an agent; say so if that is meant"
    );
    let listener = TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr}"))?;
    let addr = listener.local_addr().context("cannot read the bound address")?;
    Ok(Bound { listener, addr })
}

impl Bound {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves in the background until `shutdown` resolves: `routes` are the vendor's own, with their state; the desk's
    /// are `/desk/…`, the page's `/` and the files named in it.
    pub fn serve<V: Vendor>(
        self,
        desk: Desk,
        vendor: Arc<V>,
        routes: Router,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Running {
        let Self { listener, addr } = self;
        // Served once only; a second time it stays where it was.
        let _ = desk.inner.base.set(format!("http://{addr}"));
        let page = console::routes(&*vendor, &desk);
        *desk.inner.hands.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(vendor);
        let router = Router::new()
            .merge(
                agent_api::routes(&desk)
                    .merge(page)
                    .layer(middleware::map_response(console::security_headers)),
            )
            .merge(routes)
            .layer(middleware::from_fn(console::refuse_other_sites));
        let task = tokio::spawn(run(listener, desk.clone(), router, shutdown));
        Running { addr, desk, task }
    }
}

/// A simulator that listens. It runs until its `shutdown` resolves, also when this value is dropped.
pub struct Running {
    addr: SocketAddr,
    desk: Desk,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Its desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Waits until the server has stopped.
    ///
    /// # Errors
    /// It broke off.
    pub async fn join(self) -> anyhow::Result<()> {
        self.task.await.context("the vendor simulator broke off")?
    }
}

async fn run(
    listener: TcpListener,
    desk: Desk,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let stop = desk.stopping();
    let closing = {
        let desk = desk.clone();
        async move {
            shutdown.await;
            desk.inner.stop.cancel();
            // Event streams never end by themselves and would hold the shutdown up.
            desk.feed().close();
        }
    };
    let service = router.into_make_service_with_connect_info::<Hangup>();
    let server = axum::serve(Door(listener), service).with_graceful_shutdown(closing);
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let result = tokio::select! {
        result = async { server.await } => result.context("the vendor simulator failed"),
        () = overdue => Ok(()),
    };
    // Vendor and desk know each other: one must let go.
    desk.inner.hands.write().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    result
}

/// Resolves at Ctrl-C: the `shutdown` of a simulator that is a program.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a signal handler the process can only be killed, which needs no help from here.
        std::future::pending::<()>().await;
    }
}
