//! A PostgreSQL cluster of this run's own: made, started, restarted the hard way, stopped.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};

use crate::ports;

/// Where Debian keeps the programs, beside PATH and `PG_BIN`.
const DEBIAN: &str = "/usr/lib/postgresql";
/// What is needed of it.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "createdb"];
/// Who runs the cluster where this program runs as root, which PostgreSQL refuses.
const OWNER: &str = "postgres";

/// How a restart treats what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Connections are closed, transactions rolled back.
    Fast,
    /// As in a crash: recovery runs at the start.
    Immediate,
}

/// A cluster that runs until it is dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    as_owner: bool,
}

impl Cluster {
    /// Makes and starts one in a new folder; it takes connections when this returns.
    ///
    /// # Errors
    /// With what the programs said.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let as_owner = is_root();
        let cluster =
            Self { programs: programs()?, data: folder.join("data"), port: ports::free(), as_owner };
        if as_owner {
            said(Command::new("chown").arg(OWNER).arg(folder).output(), "chown")?;
        }
        let data = cluster.data.as_os_str();
        // Making it need not be safe; running it is: `fsync` stays on.
        cluster.run(
            "initdb",
            &[
                OsStr::new("-D"),
                data,
                "-U".as_ref(),
                "handover".as_ref(),
                "--auth=trust".as_ref(),
                "--no-sync".as_ref(),
                "--encoding=UTF8".as_ref(),
                "--locale=C".as_ref(),
            ],
        )?;
        cluster.control("start", None)?;
        let port = cluster.port.to_string();
        cluster.run(
            "createdb",
            &["-h", "127.0.0.1", "-p", &port, "-U", "handover", "handover"].map(OsStr::new),
        )?;
        Ok(cluster)
    }

    /// What a gateway connects to.
    pub fn url(&self) -> String {
        format!("postgres://handover@127.0.0.1:{}/handover", self.port)
    }

    /// Stops and starts it; it takes connections again when this returns.
    ///
    /// # Errors
    /// With what the programs said.
    pub fn restart(&self, manner: Manner) -> anyhow::Result<()> {
        self.control("restart", Some(manner))
    }

    fn control(&self, what: &str, manner: Option<Manner>) -> anyhow::Result<()> {
        let socket = self.data.display();
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='{socket}'",
            self.port
        );
        let log = self.data.join("server.log");
        let mut arguments: Vec<&OsStr> = vec![
            "-D".as_ref(),
            self.data.as_os_str(),
            "-w".as_ref(),
            "-t".as_ref(),
            "60".as_ref(),
            "-l".as_ref(),
            log.as_os_str(),
            "-o".as_ref(),
            settings.as_ref(),
        ];
        match manner {
            Some(Manner::Fast) => arguments.extend(["-m", "fast"].map(OsStr::new)),
            Some(Manner::Immediate) => arguments.extend(["-m", "immediate"].map(OsStr::new)),
            None => {}
        }
        arguments.push(what.as_ref());
        self.run("pg_ctl", &arguments)
    }

    fn run(&self, program: &str, arguments: &[&OsStr]) -> anyhow::Result<()> {
        let path = self.programs.join(program);
        let mut command = if self.as_owner {
            let mut command = Command::new("runuser");
            command.args(["-u", OWNER, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // The server goes on after its starter: its output must not be a pipe that somebody waits for.
        let folder = self.data.parent().unwrap_or(Path::new("/"));
        said(command.args(arguments).current_dir(folder).output(), program)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.control("stop", Some(Manner::Immediate)));
    }
}

fn said(output: std::io::Result<Output>, program: &str) -> anyhow::Result<()> {
    let output = output.with_context(|| program.to_owned())?;
    if !output.status.success() {
        let words = [output.stdout, output.stderr].concat();
        bail!("{program} failed: {}", String::from_utf8_lossy(&words).trim());
    }
    Ok(())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// The folder with PostgreSQL's programs: `PG_BIN`, else one of PATH, else Debian's newest.
///
/// # Errors
/// Where there is none.
pub fn programs() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PG_BIN") {
        return Ok(folder.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    let has_all = |folder: &PathBuf| PROGRAMS.iter().all(|program| folder.join(program).is_file());
    let found = std::env::split_paths(&path).chain(debian.into_iter().rev()).find(has_all);
    found.context(
        "there is no PostgreSQL: its programs are neither in PG_BIN nor in PATH nor where Debian has them",
    )
}
