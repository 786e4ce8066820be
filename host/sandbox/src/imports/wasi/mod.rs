//! WASI 0.2, for components of languages that cannot do without: clocks, random bytes, standard output and error that
//! go to the log, and `wasi:http` to the upstreams. What else an interpreter links is there and empty: no environment,
//! no arguments, no files, no sockets.

mod fetch;
mod stdio;

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::wit::log::Level;
use super::{CallState, Outgoing, SharedJournal};
use fetch::Fetch;
use stdio::Stdio;

/// Things of the host that one instance may hold at a time: streams, requests, headers.
const RESOURCES: usize = 256;

/// Random bytes that are given at once; as many as the web's `crypto.getRandomValues` gives.
const RANDOM: u64 = 64 << 10;

/// Headers of one message as the host keeps them, in bytes; what goes out has a narrower bound.
const FIELDS: usize = 64 << 10;

/// What a component imports of it, by package.
const PACKAGES: [&str; 7] = ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

/// Whether an import is of what is linked here. Of later versions within 0.2 the linker itself says what is missing.
pub(crate) fn serves(import: &str) -> bool {
    let Some((package, rest)) = import.strip_prefix("wasi:").and_then(|name| name.split_once('/')) else {
        return false;
    };
    let version = rest.split_once('@').map_or("", |(_, version)| version);
    PACKAGES.contains(&package) && version.starts_with("0.2.")
}

/// What an instance has of it.
pub(crate) struct Wasi {
    ctx: WasiCtx,
    http: WasiHttpCtx,
    fetch: Fetch,
    table: ResourceTable,
    stdio: [Stdio; 2],
}

impl Wasi {
    fn new(journal: &SharedJournal, out: &Arc<Outgoing>) -> Self {
        let mut ctx = WasiCtx::builder();
        let stdio = [Level::Info, Level::Warn].map(|level| Stdio::new(journal, level));
        let [output, error] = stdio.clone();
        ctx.stdout(output).stderr(error);
        ctx.max_random_size(RANDOM);
        ctx.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(FIELDS);
        let fetch = Fetch::new(Arc::clone(journal), Arc::clone(out));
        Self { ctx: ctx.build(), http, fetch, table, stdio }
    }

    /// The next call of the same instance begins: its requests go by that call's way.
    pub(crate) fn turn_over(&mut self, out: &Arc<Outgoing>) {
        self.fetch.turn_over(Arc::clone(out));
    }

    /// A call is over: what it wrote belongs to it.
    pub(crate) fn end_lines(&self) {
        self.stdio.iter().for_each(Stdio::end_line);
    }

    /// Nothing of the call before is under way or kept in the host's memory.
    pub(crate) fn is_quiet(&self) -> bool {
        self.fetch.is_quiet()
    }
}

impl CallState {
    fn wasi(&mut self) -> &mut Wasi {
        self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.journal, &self.out)))
    }
}

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Wasi { ctx, table, .. } = self.wasi();
        WasiCtxView { ctx, table }
    }
}

impl WasiHttpView for CallState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Wasi { http, fetch, table, .. } = self.wasi();
        WasiHttpCtxView { hooks: fetch, table, ctx: http }
    }
}

/// Links it. A component that imports nothing of it pays nothing for it.
pub(super) fn link(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_is_told_by_package_and_version() {
        for served in ["wasi:cli/stdout@0.2.0", "wasi:http/outgoing-handler@0.2.12", "wasi:sockets/tcp@0.2.3"]
        {
            assert!(serves(served), "{served}");
        }
        for not in [
            "wasi:cli/stdout@0.3.0",
            "wasi:keyvalue/store@0.2.0-draft",
            "wasi:cli/run",
            "env:cli/stdout@0.2.0",
        ] {
            assert!(!serves(not), "{not}");
        }
    }
}
