//! The compiler of Debian's packages, unpacked into a cache folder: nothing is installed, root is not needed.
//!
//! Debian keeps a recent rustc (for browsers) in its stable releases. Its standard library for WebAssembly is not
//! packaged, so cargo builds it from the packaged sources.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::{Installed, Toolchain, field, output};

/// What the compiler consists of; the versioned libraries are found by their dependencies.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];
const LIBRARIES: [&str; 2] = ["libstd-rust-web-", "libllvm"];

pub(super) fn find(root: &Path, cache: &Path, installed: &Installed) -> Result<Toolchain> {
    let home = cache.join("debian");
    // The wrapper is made last: where it is, the rest is.
    let rustc = home.join("rustc");
    if !rustc.is_file() {
        fetch(cache, &home)?;
    }
    let about = output(Command::new(&rustc).arg("-vV")).with_context(|| {
        format!("the compiler of Debian's packages does not run on this system (it is in {})", home.display())
    })?;
    let release = field(&about, "release")?;
    recent_enough(root, &release, &home)?;

    let arguments = ["-Zbuild-std=std,panic_abort"];
    let sources = home.join("usr/src").join(format!("rustc-{release}"));
    let virtual_sources = format!("/rustc/{}", field(&about, "commit-hash")?);
    Ok(Toolchain {
        name: format!("rustc {release} of Debian's packages"),
        arguments: arguments.map(str::to_owned).to_vec(),
        environment: vec![
            ("RUSTC".into(), rustc.into_os_string()),
            // A released compiler builds its own standard library only when told that this is meant.
            ("RUSTC_BOOTSTRAP".into(), "1".into()),
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER".into(), linker(installed)?),
        ],
        sources: vec![
            (sources, virtual_sources.clone()),
            (home.join("usr/lib/rustlib/src/rust"), virtual_sources),
        ],
    })
}

/// The packaged link to the linker dangles; the one that comes with the installed compiler serves as well.
fn linker(installed: &Installed) -> Result<OsString> {
    let own = installed.library(&installed.host).join("bin/rust-lld");
    if own.is_file() {
        return Ok(own.into_os_string());
    }
    std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .map(|folder| folder.join("wasm-ld"))
        .find(|linker| linker.is_file())
        .map(PathBuf::into_os_string)
        .with_context(|| {
            format!(
                "there is no WebAssembly linker: neither {} nor `wasm-ld` on the path (Debian's package lld has it)",
                own.display()
            )
        })
}

fn recent_enough(root: &Path, release: &str, home: &Path) -> Result<()> {
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))
        .context("cannot read the root Cargo.toml")?
        .parse()
        .context("the root Cargo.toml is not valid TOML")?;
    let wanted = manifest["workspace"]["package"]["rust-version"].as_str().unwrap_or_default();
    let numbers =
        |version: &str| -> Vec<u32> { version.split('.').map_while(|part| part.parse().ok()).collect() };
    if numbers(release) < numbers(wanted) {
        bail!(
            "the packaged rustc is {release}, but this workspace needs {wanted}; renew the package lists \
             (`apt-get update`, with the security archive among the sources), then remove {}",
            home.display()
        );
    }
    Ok(())
}

fn fetch(cache: &Path, home: &Path) -> Result<()> {
    let begun = Instant::now();
    eprintln!("fetching the compiler of Debian's packages (about 140 MB)");
    fs::create_dir_all(cache).with_context(|| format!("cannot make {}", cache.display()))?;
    let cache = &fs::canonicalize(cache)?;
    let part = cache.join(format!("debian.{}.part", std::process::id()));
    let filled = fill(cache, &part);
    if filled.is_err() {
        let _ = fs::remove_dir_all(&part);
    }
    filled?;
    // What is there lacks its wrapper: an older attempt.
    let _ = fs::remove_dir_all(home);
    fs::rename(&part, home).with_context(|| format!("cannot make {}", home.display()))?;
    wrapper(home)?;
    eprintln!("fetched and unpacked in {:.0} s", begun.elapsed().as_secs_f32());
    Ok(())
}

fn fill(cache: &Path, part: &Path) -> Result<()> {
    let packages = part.join("packages");
    fs::create_dir_all(&packages).with_context(|| format!("cannot make {}", packages.display()))?;
    // First with the system's package lists; where it has none or they are out of date, with own ones.
    if let Err(first) = download(&[], &packages) {
        eprintln!("the system's package lists do not serve ({first:#}); fetching own ones");
        fs::remove_dir_all(&packages)?;
        fs::create_dir_all(&packages)?;
        download_with_own_lists(&cache.join("apt"), &packages)?;
    }
    for entry in fs::read_dir(&packages)? {
        let package = entry?.path();
        output(Command::new("dpkg").arg("-x").args([&package, part]))?;
    }
    fs::remove_dir_all(&packages)?;
    prune(part)
}

fn download_with_own_lists(lists: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(lists.join("lists/partial"))?;
    fs::create_dir_all(lists.join("cache/archives/partial"))?;
    let option = |key: &str, folder: &str| format!("-o{key}={}", lists.join(folder).display());
    let options = [option("Dir::State::Lists", "lists"), option("Dir::Cache", "cache")];
    // Container images hook into this command what only root may do; what counts is whether the download works then.
    let updated = output(apt("apt-get", &options).arg("update"));
    let downloaded = download(&options, folder);
    let _ = fs::remove_dir_all(lists);
    match (downloaded, updated) {
        (Err(error), Err(cause)) => Err(error.context(format!("{cause:#}"))),
        (downloaded, _) => downloaded,
    }
}

fn download(options: &[String], folder: &Path) -> Result<()> {
    let names = resolve(options)?;
    output(apt("apt-get", options).current_dir(folder).arg("download").args(names))?;
    Ok(())
}

/// The packages, and those libraries that they depend upon by a versioned name.
fn resolve(options: &[String]) -> Result<Vec<String>> {
    let mut names: Vec<String> = PACKAGES.map(str::to_owned).to_vec();
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        let about = output(apt("apt-cache", options).args(["show", "--no-all-versions"]).arg(&name))
            .with_context(|| format!("no package `{name}` is known"))?;
        for needed in dependencies(&about) {
            if !names.contains(&needed) {
                names.push(needed);
            }
        }
        at += 1;
    }
    Ok(names)
}

fn dependencies(about: &str) -> Vec<String> {
    about
        .lines()
        .filter_map(|line| line.strip_prefix("Depends:"))
        .flat_map(|line| line.split([',', '|']))
        .filter_map(|entry| entry.split_whitespace().next())
        .filter(|name| LIBRARIES.iter().any(|library| name.starts_with(library)))
        .map(str::to_owned)
        .collect()
}

fn apt(program: &str, options: &[String]) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-q", "-oAPT::Sandbox::User=root"])
        .args(options)
        // What is read here must not be in the language of the person.
        .env("LC_ALL", "C");
    command
}

/// The sources of the compiler and its documentation are most of what was unpacked; only the library's are needed.
fn prune(home: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(home.join("usr/share"));
    for entry in fs::read_dir(home.join("usr/src"))? {
        for entry in fs::read_dir(entry?.path())? {
            let entry = entry?;
            if entry.file_name() == "library" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Only the compiler gets the unpacked libraries on its path, not what it runs.
fn wrapper(home: &Path) -> Result<()> {
    let mut folders = vec![home.join("usr/lib")];
    for entry in fs::read_dir(home.join("usr/lib"))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains("-linux-gnu") {
            folders.push(entry.path());
        }
    }
    let path = std::env::join_paths(&folders)
        .context("the target folder's path holds a colon; Debian's compiler cannot run there")?;
    let script = format!(
        "#!/bin/sh\n\
         LD_LIBRARY_PATH='{}'\"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\" exec '{}' \"$@\"\n",
        path.display(),
        home.join("usr/bin/rustc").display()
    );
    let part = home.join("rustc.part");
    fs::write(&part, script)?;
    #[cfg(unix)]
    fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    fs::rename(&part, home.join("rustc")).context("cannot make the compiler's wrapper")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versioned_libraries_are_found() {
        let about = "Package: libstd-rust-web-dev\nVersion: 9\n\
                     Depends: libstd-rust-web-1.96 (= 1.96.0+dfsg1-1~deb12u2), libc6 (>= 2.3), libllvm22 (>= 1:22)\n\
                     Recommends: libllvm99\n";
        assert_eq!(dependencies(about), ["libstd-rust-web-1.96".to_owned(), "libllvm22".to_owned()]);
    }
}
