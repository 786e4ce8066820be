//! Whatever stands in `handover.toml` is read or refused, never a panic; and what is refused repeats no value, since any
//! of them may be a secret.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use handover::Config;
use libfuzzer_sys::fuzz_target;

/// The secret that an operator wrote in the wrong place. The dictionary brings it in.
const SECRET: &str = "hunter2hunter2";

/// In memory, where there is such a folder: it is written for every attempt.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("handover-fuzz-{}.toml", std::process::id()))
});

fuzz_target!(|text: &str| {
    std::fs::write(&*FILE, text).expect("the file can be written");
    let read = Config::read(Some(&FILE), std::iter::empty());
    let named = text.parse::<toml::Table>().map(|table| names(&toml::Value::Table(table)));
    match read {
        Ok(config) => drop(config.check()),
        Err(refusal) => {
            let told = refusal.to_string();
            assert!(!told.is_empty());
            // The names of keys are told; a secret that is written as one is not kept.
            if named.as_ref().is_ok_and(|named| !named) {
                assert!(!told.contains(SECRET), "{told}");
            }
        }
    }
    // The same as a variable of the environment, which overlays a file.
    let variable = ("HANDOVER__CONNECTORS__A__UPSTREAMS__B__BASE_URL".to_owned(), text.to_owned());
    if !text.contains('=')
        && let Err(refusal) = Config::read(None, [variable].into_iter())
    {
        assert!(!refusal.to_string().contains(SECRET), "{refusal}");
    }
});

/// Whether the secret is in a key's name.
fn names(value: &toml::Value) -> bool {
    match value {
        toml::Value::Table(table) => table.iter().any(|(name, value)| name.contains(SECRET) || names(value)),
        toml::Value::Array(list) => list.iter().any(names),
        _ => false,
    }
}
