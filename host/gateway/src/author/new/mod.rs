//! `handover connector new`: a small project that builds and passes its scenario from its first minute.

mod embedded;
mod name;
mod sdk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use self::name::Name;
use super::contract::{self, write};
use super::untried;

/// `handover connector new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The vendor, in small letters, digits and hyphens: `acme`, `acme-desk`.
    name: String,
    /// What it is written in.
    #[arg(long, value_enum)]
    lang: Language,
    /// The folder to make; the name, in this folder, where none is given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Rust,
    #[value(alias = "js")]
    Javascript,
    #[value(alias = "py")]
    Python,
    C,
    /// Not yet; why, it tells.
    Go,
}

impl New {
    pub(super) fn run(&self) -> ExitCode {
        match self.make() {
            Ok(folder) => {
                let (folder, name) = (folder.display(), &self.name);
                println!("{folder} holds a connector that works. Begin with its README.md.\n");
                println!("    cd {folder}");
                println!("    handover connector build");
                println!("    handover connector test dist/{name}.wasm");
                ExitCode::SUCCESS
            }
            Err(why) => untried(why),
        }
    }

    fn make(&self) -> Result<PathBuf, String> {
        if self.lang == Language::Go {
            return Err(format!(
                "no project in Go can be offered yet: no toolchain for it has been tried. \
                 What is known (examples/connectors/go/README.md):\n\n{}",
                embedded::ABOUT_GO
            ));
        }
        let name = Name::new(&self.name).map_err(|e| e.to_string())?;
        let folder = self.out.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        let taken = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
        if taken || folder.is_file() {
            return Err(format!(
                "{} is there already, and not empty: name another by --out",
                folder.display()
            ));
        }
        for (path, text) in files(self.lang, &name)? {
            write(&folder.join(path), &text)?;
        }
        Ok(folder)
    }
}

/// Everything that the project consists of: paths below its folder, and what stands there.
fn files(language: Language, name: &Name) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    for file in embedded::project(language) {
        let text = match file.path {
            "README.md" => readme(language, file.text),
            "Cargo.toml" => sdk::depended_on(file.text),
            _ => file.text.to_owned(),
        };
        let mut text = name.put_into(file.path, &text);
        if file.path == "Cargo.lock" {
            text = sdk::sorted(&text);
        }
        files.push((name.put_into("", file.path), text));
    }
    files.push(("scenario.toml".to_owned(), name.put_into("", &scenario())));
    files.push(("handover.toml".to_owned(), name.put_into("", embedded::CONFIGURATION)));
    // The SDK looks for the contract beside it; the other languages' tools among what their own world depends on.
    let contract = if language == Language::Rust { "wit" } else { "wit/deps/handover-connector" };
    files.extend(
        contract::FILES.iter().map(|file| (format!("{contract}/{}", file.path), file.text.to_owned())),
    );
    if language == Language::Rust {
        files.extend(sdk::files()?);
    }
    Ok(files)
}

/// What is said of every project, then what the example says of its language.
fn readme(language: Language, example: &str) -> String {
    let about = example.split_once('\n').map_or(example, |(_title, rest)| rest);
    let spoken = match language {
        Language::Rust => "Rust",
        Language::Javascript => "JavaScript",
        Language::Python => "Python",
        Language::C => "C",
        Language::Go => "Go",
    };
    let about = about.replace("connectors/sdk", sdk::FOLDER);
    format!("{}\n## In {spoken}\n{about}", embedded::README)
}

/// The example's scenario under a head of its own.
fn scenario() -> String {
    let all = embedded::SCENARIO;
    let vendor = all.split_once("\n\n").map_or(all, |(_head, rest)| rest);
    format!(
        "# The vendor when all is well. Faults, repeats, strange texts and crashes are the kit's to add.\n#\n\
         #   handover connector test dist/{}.wasm\n\n{vendor}",
        name::EXAMPLE
    )
}

#[cfg(test)]
mod tests;
