//! A PostgreSQL of the tests' own, from the binaries that are installed: in a folder of its own, on a socket in it,
//! gone when the process that started it is, however that ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// What a cluster of tests can do without: it need not survive the machine.
const SETTINGS: &str = "listen_addresses = ''\nfsync = off\nmax_connections = 400\nshared_buffers = 64MB\n\
    log_min_messages = warning\nlog_min_error_statement = panic\nautovacuum_naptime = 1s\n";

/// A running server.
pub struct Cluster {
    tools: Tools,
    folder: TempDir,
    /// Ends the server when its input ends, which it does with this process.
    _keeper: Child,
}

impl Cluster {
    /// The one that the tests share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(""))
    }

    /// Starts another one, with further lines of configuration.
    pub fn start(settings: &str) -> Self {
        let tools = Tools::find();
        let folder = tempfile::Builder::new().prefix("handover-pg-").tempdir().unwrap();
        tools.give(folder.path());
        let data = folder.path().join("data");
        tools.run(
            "initdb",
            &["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", text(&data)],
        );
        let socket = format!("unix_socket_directories = '{}'\n", folder.path().display());
        let keeper = tools.keeper(folder.path());
        let cluster = Self { tools, folder, _keeper: keeper };
        cluster.configure(&format!("{SETTINGS}{socket}{settings}"));
        cluster.control(&["start"]);
        cluster
    }

    /// Adds lines of configuration, which count from the next start on.
    pub fn configure(&self, settings: &str) {
        let file = self.folder.path().join("data/postgresql.conf");
        let before = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{before}\n{settings}\n")).unwrap();
    }

    /// Kills the server as a crash would, and starts it again.
    pub fn crash(&self) {
        self.control(&["restart", "-m", "immediate"]);
    }

    /// Stops the server, or starts it.
    pub fn control(&self, what: &[&str]) {
        let (data, log) = (self.folder.path().join("data"), self.folder.path().join("log"));
        let mut words = vec!["-D", text(&data), "-l", text(&log), "-w", "-t", "60", "-s"];
        words.extend(what);
        self.tools.run("pg_ctl", &words);
    }

    /// The server's own folder, readable by it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives a file to the server, which reads no others.
    pub fn give(&self, file: &Path) {
        self.tools.give(file);
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.folder.path().display())
    }

    /// A new and empty database: its URL.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        run_apart(execute(self.url("postgres"), format!("CREATE DATABASE {name}")));
        self.url(&name)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // For those that are not shared; what else is left its keeper sees to.
        let data = self.folder.path().join("data");
        self.tools.try_run("pg_ctl", &["-D", text(&data), "-m", "immediate", "-w", "-s", "stop"]);
    }
}

/// Runs statements without values as another program does.
pub async fn execute(url: String, sql: String) {
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let (done, _) = tokio::join!(
        async {
            let done = client.batch_execute(&sql).await;
            drop(client);
            done
        },
        connection
    );
    done.unwrap();
}

/// The first column of what a statement finds, as text.
pub async fn look(url: &str, sql: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let reading = tokio::spawn(connection);
    let rows = client.simple_query(sql).await.unwrap();
    drop(client);
    reading.await.unwrap().unwrap();
    rows.iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        })
        .collect()
}

/// Runs something to its end, wherever this is called.
pub fn run_apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), work).await.unwrap() })
    };
    std::thread::spawn(work).join().unwrap()
}

/// The programs of PostgreSQL, and who may run them: it refuses root.
struct Tools {
    bin: PathBuf,
    /// As whom, where this is root: name, user id, group id.
    user: Option<(String, u32, u32)>,
}

impl Tools {
    fn find() -> Self {
        let bin =
            folders().into_iter().find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists());
        let Some(bin) = bin else {
            panic!(
                "these tests need PostgreSQL's server programs (initdb, pg_ctl): install them \
                 (Debian: apt-get install postgresql), or set PG_BIN to their folder"
            );
        };
        let user = (id(&["-u"]) == Some(0)).then(|| {
            let user = ["postgres", "nobody"].into_iter().find(|name| id(&["-u", name]).is_some());
            let name = user.expect("PostgreSQL refuses to run as root, and there is no user `postgres`");
            (name.to_owned(), id(&["-u", name]).unwrap(), id(&["-g", name]).unwrap())
        });
        Self { bin, user }
    }

    /// Lets the server's user have a file or folder.
    fn give(&self, path: &Path) {
        if let Some((_, user, group)) = &self.user {
            std::os::unix::fs::chown(path, Some(*user), Some(*group)).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match &self.user {
            None => Command::new(program),
            Some((user, ..)) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        command
    }

    fn run(&self, program: &str, words: &[&str]) {
        // To a file and not to a pipe, which the server would keep open.
        let complaints = tempfile::NamedTempFile::new().unwrap();
        let mut command = self.command(program);
        command.args(words).stderr(complaints.reopen().unwrap());
        let status = command.status().unwrap_or_else(|e| panic!("{program}: {e}"));
        let complaints = std::fs::read_to_string(complaints.path()).unwrap_or_default();
        assert!(status.success(), "{program} {}: {status}\n{complaints}", words.join(" "));
    }

    fn try_run(&self, program: &str, words: &[&str]) {
        drop(self.command(program).args(words).status());
    }

    /// A process that waits for the end of this one, then stops the server and removes its folder.
    fn keeper(&self, folder: &Path) -> Child {
        // Again and again for a while: it may just be starting.
        let stop = "trap '' INT TERM HUP; cat > /dev/null; \
            for turn in 1 2 3 4 5 6 7 8 9 10; do \
                server=$(head -n 1 \"$1/data/postmaster.pid\" 2> /dev/null); \
                [ -n \"$server\" ] && kill -QUIT \"$server\"; \
                sleep 0.2; \
            done; \
            rm -rf \"$1\"";
        // In a group of its own, so that what ends this process does not end it, too.
        Command::new("sh")
            .process_group(0)
            .args(["-c", stop, "keeper", text(folder)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// Where the programs may be, the wanted place first.
fn folders() -> Vec<PathBuf> {
    if let Some(bin) = std::env::var_os("PG_BIN") {
        return vec![bin.into()];
    }
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, bin)| bin));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
}

fn id(words: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(words).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
