//! The WebAssembly engine, set up for a fresh instance per call, and the clock that interrupts guests.

use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::error::OpenError;
use crate::limits;

/// How often running guests are interrupted to let others run and deadlines fire.
const TICK: Duration = Duration::from_millis(5);

/// Instances that exist at the same time, over all connectors.
pub(crate) const INSTANCES: u32 = 512;

/// The most memory one instance can have, in bytes.
pub(crate) const MEMORY: usize = 64 << 20;

/// Builds the engine. Compiling and loading use this one constructor, so that compiled code always fits.
pub(crate) fn engine() -> Result<Engine, OpenError> {
    let engine = match Engine::new(&config(true)) {
        Ok(engine) => engine,
        // The pool reserves address space; where that is scarce each instance gets its own, slower.
        Err(pooled) => {
            tracing::warn!(reason = %pooled, "no pool of instances on this machine; calls will be slower");
            Engine::new(&config(false)).map_err(|e| OpenError::Engine(format!("{e:#}")))?
        }
    };
    tick(&engine)?;
    Ok(engine)
}

fn config(pooled: bool) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // The contract is synchronous; without this each entry of a guest costs four times as much.
    config.concurrency_support(false);
    config.wasm_component_model(true);
    if pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(INSTANCES)
            // Only counted: an interpreter has dozens of them, and takes no place from the others.
            .total_core_instances(INSTANCES * limits::INSTANCES)
            .total_memories(INSTANCES)
            .total_tables(INSTANCES * 4)
            .total_stacks(INSTANCES)
            .max_memory_size(MEMORY)
            // One component of a thousand parts would leave nothing for the others.
            .max_core_instances_per_component(limits::INSTANCES)
            .max_memories_per_component(limits::MEMORIES)
            .max_tables_per_component(limits::TABLES)
            .table_elements(limits::ELEMENTS)
            .linear_memory_keep_resident(1 << 20)
            .table_keep_resident(64 << 10)
            .pagemap_scan(Enabled::Auto);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// A thread of its own: a busy executor must not stop the clock that frees it.
fn tick(engine: &Engine) -> Result<(), OpenError> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("sandbox-clock".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map(drop)
        .map_err(|e| OpenError::Engine(format!("no thread for its clock: {e}")))
}
