//! Components that no compiler would make: each wants more of one thing than there is, as soon as it is looked at.

use std::time::Duration;

use handover_sandbox::Limits;
use handover_sandbox::status::State;

use crate::house::{House, built, serving, shown};
use crate::people::say;

/// What a component is recognised by, so that it gets as far as an instance.
const FACE: &str = r#"
    (core module $face (func (export "f") (result i32) i32.const 7))
    (core instance $i (instantiate $face))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $descriptor (export "describe" (func $f)))
    (instance $handoff (export "start" (func $f)) (export "send" (func $f)) (export "end" (func $f)))
    (instance $callback (export "map" (func $f)))
    (export "handover:connector/descriptor@1.0.0" (instance $descriptor))
    (export "handover:connector/handoff@1.0.0" (instance $handoff))
    (export "handover:connector/callback@1.0.0" (instance $callback))
"#;

fn component(core: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {core} {FACE})")).unwrap()
}

/// So many instances of one module.
fn times(count: usize, module: &str) -> String {
    let instances = "(core instance (instantiate $m))".repeat(count);
    format!("(core module $m {module}) {instances}")
}

/// Runs when the component is instantiated.
fn at_start(module: &str, body: &str) -> String {
    format!("(core module $m {module} (func $bomb {body}) (start $bomb)) (core instance (instantiate $m))")
}

fn bombs() -> Vec<(&'static str, String, &'static str)> {
    // Grows until it gets no more; breaks down where that is as it should be, and loops where it is not.
    let grow = |grow: &str, size: &str, most: u32| {
        format!(
            "(loop $more (br_if $more (i32.ne ({grow}) (i32.const -1))))
             (loop $gotten (br_if $gotten (i32.gt_u ({size}) (i32.const {most})))) unreachable"
        )
    };
    vec![
        (
            "memories-that-are-large-together",
            times(4, "(memory 320)"),
            "`describe` failed: the connector wanted more than it may have: 83886080 bytes of memory, where it may \
             have 67108864",
        ),
        ("five-memories", times(5, "(memory 1)"), "exceeds the configured maximum of 4"),
        (
            "a-memory-that-grows",
            at_start("(memory 1)", &grow("memory.grow (i32.const 16)", "memory.size", 1024)),
            "wanted more than it may have",
        ),
        ("seventeen-tables", times(17, "(table 1 funcref)"), "exceeds the configured maximum of 16"),
        ("a-large-table", times(1, "(table 10001 funcref)"), "10001"),
        (
            "a-table-that-grows",
            at_start(
                "(table $t 1 funcref)",
                &grow("table.grow $t (ref.null func) (i32.const 100)", "table.size $t", 10_000),
            ),
            "the connector broke down: wasm trap: wasm `unreachable` instruction executed",
        ),
        ("many-instances", times(64, ""), "exceeds the configured maximum of 64"),
        (
            "handles-without-end",
            r#"(type $r (resource (rep i32)))
               (core func $new (canon resource.new $r))
               (core module $m
                 (import "host" "new" (func $new (param i32) (result i32)))
                 (func $bomb (loop $more (drop (call $new (i32.const 1))) (br $more)))
                 (start $bomb))
               (core instance (instantiate $m (with "host" (instance (export "new" (func $new))))))"#
                .to_owned(),
            "handle",
        ),
        (
            "a-start-without-end",
            at_start("", "(loop $more (br $more))"),
            "`describe` failed: the connector took longer than 2000 ms",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bomb_goes_off_alone_and_the_good_one_beside_it_serves() {
    let mut house = House::new();
    for (name, core, _) in bombs() {
        house.grant(name, "http://127.0.0.1:1");
        house.put(&format!("{name}.wasm"), &component(&core));
    }
    house.grant("echo", "http://127.0.0.1:1");
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    for (name, _, why) in bombs() {
        let reason = shown(&sandbox, name, State::Rejected).unwrap().reason.unwrap();
        assert!(reason.contains(why), "{name}: {reason}");
    }
    assert_eq!(say(&serving(&sandbox, "echo"), "still here").await.unwrap(), "before|1.0.0:still here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_to_compile_is_refused_and_holds_up_nobody() {
    let function =
        format!("(func (result i32) i32.const 1 {})", "i32.const 3 i32.mul i32.const 7 i32.add ".repeat(50));
    let slow = component(&format!("(core module {})", function.repeat(500)));
    let mut house = House::new();
    house.drop_in("echo-v1", "http://127.0.0.1:1", Limits::default());
    house.grant("slow", "http://127.0.0.1:1").limits =
        Limits { compile: Duration::from_millis(1), ..Limits::default() };
    house.put("slow.wasm", &slow);
    let sandbox = house.open().await;
    let reason = shown(&sandbox, "slow", State::Rejected).unwrap().reason.unwrap();
    assert_eq!(reason, "takes longer than 1 ms to compile");
    assert_eq!(say(&serving(&sandbox, "echo-v1"), "hello").await.unwrap(), "before|1.0.0:hello");
}
