//! `handover dead-letters`: what did not arrive, and what is to become of it.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Asking, read};

#[derive(Debug, Args)]
pub(crate) struct DeadLetters {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them; the default.
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Show one whole, with what was said.
    Show {
        /// As the list names it.
        letter: String,
    },
    /// Send them on their way again, in the order they were written.
    Redrive {
        #[command(flatten)]
        which: Which,
        /// All there are.
        #[arg(long)]
        all: bool,
    },
    /// Remove them for good.
    Discard {
        #[command(flatten)]
        which: Which,
        /// All there are.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Default, Args)]
struct Which {
    /// One, as the list names it.
    #[arg(value_name = "LETTER", conflicts_with_all = ["session", "connector"])]
    letter: Option<String>,
    /// Those of one session.
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Those of one connector.
    #[arg(long, value_name = "NAME")]
    connector: Option<String>,
}

impl Which {
    fn query(&self) -> Vec<(&'static str, String)> {
        let parts = [("session", &self.session), ("connector", &self.connector)];
        parts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    fn body(&self, all: bool) -> Value {
        let mut body = serde_json::Map::new();
        for (name, value) in
            [("letter", &self.letter), ("session", &self.session), ("connector", &self.connector)]
        {
            body.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
        }
        if all {
            body.insert("all".to_owned(), json!(true));
        }
        Value::Object(body)
    }
}

#[derive(Deserialize)]
struct Letters {
    letters: Vec<Letter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Letter {
    letter: String,
    connector: String,
    kind: String,
    reason: String,
    attempts: u32,
}

#[derive(Deserialize)]
struct Redriven {
    queued: u64,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    letter: String,
    reason: String,
}

impl DeadLetters {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let asking = &self.asking;
        match self.what.unwrap_or(What::List { which: Which::default() }) {
            What::List { which } => {
                let query = which.query();
                let mut shown = false;
                let mut after: Option<String> = None;
                loop {
                    let mut page = query.clone();
                    page.extend(after.take().map(|after| ("after", after)));
                    let answer = asking.get("dead-letters", &page).await?;
                    if asking.json {
                        println!("{answer}");
                    }
                    let Letters { letters } = read(answer)?;
                    let Some(last) = letters.last() else { break };
                    after = Some(last.letter.clone());
                    if !asking.json {
                        list(&letters, !shown);
                    }
                    shown = true;
                }
                if !shown && !asking.json {
                    println!("No dead letters.");
                }
                Ok(())
            }
            What::Show { letter } => {
                let answer = asking.get(&format!("dead-letters/{letter}"), &[]).await?;
                println!("{}", if asking.json { answer.to_string() } else { format!("{answer:#}") });
                Ok(())
            }
            What::Redrive { which, all } => {
                let answer = asking.post("dead-letters/redrive", &which.body(all)).await?;
                if asking.json {
                    println!("{answer}");
                    return Ok(());
                }
                let Redriven { queued, refused } = read(answer)?;
                println!("{queued} on their way again, {} refused", refused.len());
                for Refused { letter, reason } in refused {
                    println!("    {letter}: {reason}");
                }
                Ok(())
            }
            What::Discard { which, all } => {
                let answer = asking.post("dead-letters/discard", &which.body(all)).await?;
                println!(
                    "{}",
                    if asking.json {
                        answer.to_string()
                    } else {
                        format!("{} discarded", answer["discarded"])
                    }
                );
                Ok(())
            }
        }
    }
}

fn list(letters: &[Letter], head: bool) {
    if head {
        println!("{:<60} {:<12} {:<14} {:>5}  REASON", "LETTER", "CONNECTOR", "KIND", "TRIES");
    }
    for Letter { letter, connector, kind, reason, attempts } in letters {
        println!("{letter:<60} {connector:<12} {kind:<14} {attempts:>5}  {reason}");
    }
}
