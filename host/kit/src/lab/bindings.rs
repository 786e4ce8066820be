//! What wasmtime makes of the contract in `wit/`.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "complete",
    imports: {
        default: trappable,
    },
});
