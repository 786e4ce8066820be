//! `handover import-appsettings`: the sample skill's `appsettings.json`, told as a `handover.toml`.
//!
//! The way of a file: [`json`] makes plain JSON of what .NET reads, [`settings`] finds keys in it as .NET does, however
//! they are spelled, [`connections`] and [`translation`] say what they mean here. What it prints holds no secret.

mod connections;
mod json;
mod settings;
mod translation;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use settings::Settings;

/// `handover import-appsettings FILE`
#[derive(Debug, Args)]
pub(crate) struct ImportAppsettings {
    /// The sample's configuration, as .NET reads it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl ImportAppsettings {
    /// The configuration goes to the output, notes to the one at the terminal.
    ///
    /// # Errors
    /// When the file cannot be read as JSON. None of its text is repeated.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let (toml, notes) = import(&self.file)?;
        print!("{toml}");
        for note in notes {
            let word = if note.starts_with("warning: ") { "" } else { "note: " };
            eprintln!("{word}{note}");
        }
        Ok(())
    }
}

/// A configuration, and what the operator should know of how it came about.
fn import(file: &Path) -> anyhow::Result<(String, Vec<String>)> {
    let place = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{place} cannot be read"))?;
    let text = String::from_utf8(bytes).ok().with_context(|| format!("{place} is no text in UTF-8"))?;
    let value =
        json::read(&text).with_context(|| format!("{place} is no JSON, not even as .NET reads it"))?;
    Ok(translation::translate(&Settings::new(value)))
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A key as TOML writes it: on one line, which a text of several need not be.
fn key(name: &str) -> String {
    let line = toml::Table::from_iter([(name.to_owned(), toml::Value::Boolean(true))]).to_string();
    line.trim_end().strip_suffix(" = true").unwrap_or(&line).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::key;

    #[test]
    fn a_key_is_the_same_when_it_is_read_again() {
        for name in ["ServiceConnection", "a.b", "", "a'b\"c\\", "two\nlines\t\u{7f}", "é = true"] {
            let table: toml::Table = format!("[connections.{}]\nx = 1", key(name)).parse().unwrap();
            assert_eq!(table["connections"][name]["x"].as_integer(), Some(1), "{name:?}");
        }
        assert_eq!(key("ServiceConnection"), "ServiceConnection");
    }
}
