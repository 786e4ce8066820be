//! What an instance in the laboratory can reach: a clock that stands, dice that always fall the same, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use ring::hmac;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::{
    Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::World;
use super::bindings::handover::connector as wit;
use super::measure::Meter;
use crate::keys::Key;
use wit::crypto::{Error, Hash, Signature};
use wit::types::Attribute;

/// The most random bytes of one call, as the contract says.
const DICE: u32 = 1024;

/// What one instance sees.
pub(crate) struct Host {
    world: World,
    keys: BTreeMap<String, Key>,
    pub(crate) meter: Meter,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    nowhere: Nowhere,
    table: ResourceTable,
}

impl Host {
    pub(crate) fn new(world: World, keys: BTreeMap<String, Key>) -> Self {
        let dice = || Deterministic::new(dice(world.dice));
        let wasi = WasiCtxBuilder::new()
            .secure_random(dice())
            .insecure_random(dice())
            .insecure_random_seed(u128::from(world.dice))
            .wall_clock(Standing(world.clock))
            .monotonic_clock(Standing(world.clock))
            .build();
        let (http, table) = (WasiHttpCtx::new(), ResourceTable::new());
        Self { world, keys, meter: Meter::default(), wasi, http, nowhere: Nowhere, table }
    }
}

/// All that may be linked.
pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_sync(linker)?;
    wit::http::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::media::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::log::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::clock::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::random::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::crypto::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)?;
    wit::types::add_to_linker::<_, HasSelf<Host>>(linker, |host| host)
}

fn dice(seed: u8) -> Vec<u8> {
    (0..=255).map(|n: u8| n.wrapping_mul(31).wrapping_add(seed)).collect()
}

/// A clock that always tells the same, in milliseconds since 1970.
struct Standing(u64);

impl HostWallClock for Standing {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }
    fn now(&self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl HostMonotonicClock for Standing {
    fn resolution(&self) -> u64 {
        1_000_000
    }
    fn now(&self) -> u64 {
        self.0.saturating_mul(1_000_000)
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Where `fetch` and its like lead from here.
struct Nowhere;

type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Tail), HttpError>> + Send>;
type Tail = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

impl WasiHttpHooks for Nowhere {
    fn send_request(&mut self, _: http::Request<WasiBody>, _: Option<RequestOptions>, _: Tail) -> Sending {
        Box::new(async { Err(HttpError::HttpRequestDenied) })
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.nowhere }
    }
}

impl wit::types::Host for Host {}

impl wit::http::Host for Host {
    fn send(
        &mut self,
        _: String,
        _: wit::http::Request,
    ) -> wasmtime::Result<Result<wit::http::Response, wit::http::Error>> {
        Ok(Err(wit::http::Error::Denied("this call may not reach anything".to_owned())))
    }
}

impl wit::media::Host for Host {
    fn read(&mut self, _: String) -> wasmtime::Result<Result<wit::media::File, wit::media::Error>> {
        Ok(Err(wit::media::Error::Unknown("there are no files here".to_owned())))
    }
}

impl wit::log::Host for Host {
    fn write(&mut self, _: wit::log::Level, _: String) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl wit::clock::Host for Host {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.world.clock)
    }
}

impl wit::random::Host for Host {
    fn bytes(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        let length = usize::try_from(length.min(DICE))?;
        Ok(dice(self.world.dice).into_iter().cycle().take(length).collect())
    }
}

impl wit::crypto::Host for Host {
    fn hmac(
        &mut self,
        credential: String,
        hash: Hash,
        data: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let Some(secret) = self.keys.get(&credential).and_then(|key| key.field("value")) else {
            return Ok(Err(Error::UnknownCredential("the scenario has no such key".to_owned())));
        };
        let algorithm = match hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        let key = hmac::Key::new(algorithm, secret.as_bytes());
        Ok(Ok(hmac::sign(&key, &data).as_ref().to_vec()))
    }

    fn rsa_verify(
        &mut self,
        _: String,
        _: Hash,
        _: Vec<u8>,
        _: Vec<u8>,
    ) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(Error::Unsuitable("the laboratory has no such key".to_owned())))
    }

    fn jwt_sign(
        &mut self,
        _: String,
        _: Signature,
        _: Vec<Attribute>,
        _: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(Error::Unsuitable("the laboratory has no such key".to_owned())))
    }
}
