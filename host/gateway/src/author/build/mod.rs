//! `handover connector build`: a project's usual tools, and a component at the end, whatever they leave.

mod bindings;
mod project;
mod tool;
mod wrap;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use self::project::Project;
use super::untried;

/// `handover connector build`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The project; this folder where none is given.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// What keeps a project from becoming a component.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    #[error(
        "{}: no project that is known: there is no Cargo.toml, no package.json and no Makefile. \
         `handover connector new` makes one",
        .0.display()
    )]
    Unknown(PathBuf),
    #[error("`{program}` is missing: {remedy}")]
    Missing { program: String, remedy: &'static str },
    #[error("the command `{command}` failed ({status}); what it said stands above")]
    Failed { command: String, status: std::process::ExitStatus },
    #[error("{}: {source}", .file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error("{}: {why}", .file.display())]
    Project { file: PathBuf, why: String },
    #[error("{}: this module cannot become a component: {why}", .file.display())]
    Module { file: PathBuf, why: String },
}

impl Build {
    pub(super) fn run(&self) -> ExitCode {
        match build(&self.folder) {
            Ok((file, size)) => {
                let file = file.display();
                println!("{file}: {size} bytes. Try it: handover connector test {file}");
                ExitCode::SUCCESS
            }
            Err(error) => untried(error),
        }
    }
}

/// Makes the component of a project: where it lies, and its bytes.
pub(super) fn build(folder: &Path) -> Result<(PathBuf, usize), BuildError> {
    let project = Project::found(folder)?;
    let made = project.make()?;
    let unusable = |file: &PathBuf| {
        let file = file.clone();
        move |source| BuildError::File { file, source }
    };
    let bytes = std::fs::read(&made).map_err(unusable(&made))?;
    let component = wrap::component(&bytes).map_err(|why| BuildError::Module { file: made.clone(), why })?;
    let file = project.component();
    if made != file {
        println!("{} becomes {}", made.display(), file.display());
        file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(unusable(&file))?;
        std::fs::write(&file, &component).map_err(unusable(&file))?;
    }
    Ok((file, component.len()))
}

/// Where a project's component goes, whether it lies there already or not.
pub(super) fn component(folder: &Path) -> Result<PathBuf, BuildError> {
    Ok(Project::found(folder)?.component())
}
