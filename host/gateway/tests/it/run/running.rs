//! The program as it runs, what it says, and a chat on its customer's page.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use reqwest::Client;
use serde_json::{Value, json};

use crate::patience::eventually;

pub struct Running {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Running {
    pub fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_handover"))
            .args(["connector", "run"])
            .args(arguments)
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        listen(child.stdout.take().unwrap(), Arc::clone(&said));
        listen(child.stderr.take().unwrap(), Arc::clone(&said));
        Self { child, said }
    }

    fn lines(&self, wanted: &str) -> Vec<String> {
        self.said.lock().unwrap().iter().filter(|line| line.contains(wanted)).cloned().collect()
    }

    pub async fn says(&self, wanted: &str) -> String {
        self.says_again(wanted, 1).await
    }

    /// Waits until it has said this so many times; what it said the last time.
    pub async fn says_again(&self, wanted: &str, times: usize) -> String {
        eventually(format!("\"{wanted}\", {times} times"), || async {
            let lines = self.lines(wanted);
            let all = || self.said.lock().unwrap().join("\n");
            lines.get(times - 1).cloned().ok_or_else(all)
        })
        .await
    }

    /// The address that it tells for this page.
    pub async fn address(&self, page: &str) -> String {
        let line = self.says(&format!("  {page}")).await;
        line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned()
    }

    /// Ends it as Ctrl+C does, and waits until it has ended; all that it has said.
    pub async fn end(mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let said = Arc::clone(&self.said);
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        let status = ended.await.unwrap().unwrap();
        let said = said.lock().unwrap().join("\n");
        assert!(status.success(), "{said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn listen(from: impl Read + Send + 'static, said: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            said.lock().unwrap().push(line);
        }
    });
}

/// A conversation on the customer's page.
pub struct Chat {
    http: Client,
    place: String,
}

impl Chat {
    pub async fn open(http: &Client, run: &Running) -> Self {
        let url = format!("{}api/conversations", run.address("Customer").await);
        let opened: Value = http.post(&url).send().await.unwrap().json().await.unwrap();
        Self { http: http.clone(), place: format!("{url}/{}", opened["id"].as_str().unwrap()) }
    }

    pub async fn says(&self, text: &str) {
        self.post("messages", json!({ "text": text })).await;
    }

    pub async fn post(&self, what: &str, body: Value) {
        let url = format!("{}/{what}", self.place);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 202);
    }

    async fn state(&self) -> Value {
        self.http.get(&self.place).send().await.unwrap().json().await.unwrap()
    }

    /// Waits until so many lines of theirs are shown; these.
    pub async fn shows(&self, many: usize, from: &str) -> Vec<Value> {
        eventually(format!("{many} lines of the {from}"), || async {
            let state = self.state().await;
            let mut lines = state["lines"].as_array().unwrap().clone();
            lines.retain(|line| line["from"] == from);
            if lines.len() >= many { Ok(lines) } else { Err(state.to_string()) }
        })
        .await
    }

    /// Waits until the conversation is there.
    pub async fn is(&self, phase: &str) {
        eventually(format!("the phase {phase}"), || async {
            let state = self.state().await;
            if state["phase"] == phase { Ok(()) } else { Err(state.to_string()) }
        })
        .await;
    }
}
