//! One gateway as a child process: started, killed, started again on the same data and ports.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::{compiled, ports};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_handover");

const LOG: &str = "gateway.log";

/// A gateway with its folder: `handover.toml`, `data`, `connectors`, `gateway.log`.
pub struct Gateway {
    pub folder: PathBuf,
    port: u16,
    admin_port: u16,
    environment: Vec<(String, String)>,
    /// Tokens have stories of their own.
    local: bool,
    child: Option<Child>,
}

impl Gateway {
    /// Not started yet; the folder holds `handover.toml`.
    pub fn new(folder: &Path, environment: &[(&str, String)]) -> Self {
        fs::create_dir_all(folder.join("connectors")).expect("a folder for connectors");
        Self {
            folder: folder.to_owned(),
            port: ports::free(),
            admin_port: ports::free(),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            local: true,
            child: None,
        }
    }

    /// It asks callers who they are.
    pub fn closed(mut self) -> Self {
        self.local = false;
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn admin_addr(&self) -> String {
        format!("127.0.0.1:{}", self.admin_port)
    }

    /// Starts it; it serves when this returns.
    pub async fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        compiled::take(&self.folder);
        let log = File::options().create(true).append(true).open(self.folder.join(LOG)).expect("a log");
        let mut child = Command::new(PROGRAM)
            .args(self.arguments())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("NO_COLOR", "1")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("its output");
        self.child = Some(child);
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.contains(" listens on ")
                    && let Some(tell) = tell.take()
                {
                    let _ = tell.send(());
                }
            }
        });
        if told.await.is_err() {
            panic!("the gateway did not start:\n{}", self.last_words());
        }
        compiled::keep(&self.folder);
    }

    /// `kill -9`: it gets to do nothing any more.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is killed");
            child.wait().expect("it is gone");
        }
    }

    /// Whether the process is still there.
    pub fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// What the operators see of its connectors.
    pub async fn connectors(&self, http: &reqwest::Client) -> Vec<Value> {
        let url = format!("http://{}/admin/api/connectors", self.admin_addr());
        let body: Value = http.get(url).send().await.expect("an answer").json().await.expect("JSON");
        body["connectors"].as_array().expect("a list").clone()
    }

    /// How many sessions are open, as the operators see it.
    pub async fn sessions(&self, http: &reqwest::Client) -> u64 {
        let url = format!("http://{}/admin/api/events", self.admin_addr());
        let mut events = http.get(url).send().await.expect("an answer");
        let first = events.chunk().await.expect("a stream").expect("an event");
        let data = first.strip_prefix(b"data: ").expect("data");
        let state: Value = serde_json::from_slice(data).expect("JSON");
        let sessions = state["store"]["sessions"].as_object().expect("sessions");
        sessions.values().filter_map(Value::as_u64).sum()
    }

    /// Asks it to end, as the system does.
    #[cfg(unix)]
    pub fn terminate(&self) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    }

    /// The lines of the audit.
    pub fn audit(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("data/audit.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn arguments(&self) -> Vec<OsString> {
        let path = |name: &str| self.folder.join(name).into_os_string();
        let mut arguments: Vec<OsString> = vec![
            "serve".into(),
            "--config".into(),
            path("handover.toml"),
            "--listen".into(),
            format!("127.0.0.1:{}", self.port).into(),
            "--admin-addr".into(),
            self.admin_addr().into(),
            "--data".into(),
            path("data"),
            "--connectors".into(),
            path("connectors"),
        ];
        if self.local {
            arguments.push("--local".into());
        }
        arguments
    }

    /// All that it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join(LOG)).unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the gateway's last words\n{}\n---", self.last_words());
        }
    }
}

/// Runs the program to its end.
pub async fn run(arguments: &[&str], environment: &[(&str, &str)], folder: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).envs(environment.iter().copied()).current_dir(folder);
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.expect("it runs").expect("the program starts")
}
