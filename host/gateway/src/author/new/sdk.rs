//! The SDK inside a project in Rust: it is in no registry, so the project brings it along.

use toml::{Table, Value};

use super::embedded::{SDK, WORKSPACE};

/// Where it lies in the project. From two folders below, its `../../wit` is the project's.
pub(super) const FOLDER: &str = "sdk/handover-connector";

/// Where the example finds it.
const EXAMPLE_PATH: &str = "../../../connectors/sdk";

/// The example's manifest, depending on the SDK that lies in the project.
pub(super) fn depended_on(manifest: &str) -> String {
    manifest.replace(EXAMPLE_PATH, FOLDER)
}

/// The SDK's files, below the project's folder.
pub(super) fn files() -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    for file in SDK {
        let text = if file.path == "Cargo.toml" { manifest(file.text)? } else { file.text.to_owned() };
        files.push((format!("{FOLDER}/{}", file.path), text));
    }
    Ok(files)
}

/// The SDK's manifest with the values that it takes from this repository's.
fn manifest(text: &str) -> Result<String, String> {
    let read = |text: &str| text.parse::<Table>().map_err(|e| format!("the SDK's manifest: {e}"));
    let (mut manifest, root) = (read(text)?, read(WORKSPACE)?);
    let workspace = root.get("workspace").and_then(Value::as_table);
    manifest.remove("lints");
    for (section, whence) in [("package", "package"), ("dependencies", "dependencies")] {
        let values = workspace.and_then(|workspace| workspace.get(whence)).and_then(Value::as_table);
        let Some(section) = manifest.get_mut(section).and_then(Value::as_table_mut) else { continue };
        for (key, value) in section {
            if value.get("workspace").is_none() {
                continue;
            }
            let inherited = values.and_then(|values| values.get(key));
            *value =
                inherited.cloned().ok_or_else(|| format!("the SDK's manifest: `{key}` is told nowhere"))?;
        }
    }
    toml::to_string(&manifest).map_err(|e| format!("the SDK's manifest: {e}"))
}

/// A lock file in the order that cargo writes, which it insists on where it is told to keep to the file.
pub(super) fn sorted(lock: &str) -> String {
    const MARK: &str = "\n[[package]]\n";
    let mut parts = lock.trim_end().split(MARK);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.map(str::trim_end).collect();
    // A block begins with its name; the sort is stable, so several versions of one stay as they were.
    packages.sort_by_key(|package| package.lines().next());
    packages.iter().fold(head.to_owned(), |file, package| file + MARK + package + "\n")
}
