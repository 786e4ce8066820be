//! Statements sent one behind the other without waiting for answers in between: one round trip for all of them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::Client;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::fault::Rows;

/// A value for a statement.
pub(super) type Value = Box<dyn ToSql + Sync + Send>;

/// The values of a statement, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as $crate::postgres::pipeline::Value),*] };
}
pub(super) use values;

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'a>>;

enum Sent<'a> {
    Waiting(Answer<'a>),
    Answered(Result<Vec<Row>, Error>),
}

/// Statements that go out together.
///
/// Where one fails inside a transaction all after it fail too, and a `COMMIT` at the end undoes it: nothing is
/// committed of which some answer said no.
pub(super) struct Pipeline<'a> {
    client: &'a Client,
    sent: Vec<Sent<'a>>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, sent: Vec::new() }
    }

    /// One that opens a transaction.
    pub(super) fn begin(client: &'a Client) -> Self {
        let mut pipeline = Self::new(client);
        // Whatever the database is set to: what follows is written for this level.
        pipeline.command("BEGIN ISOLATION LEVEL READ COMMITTED");
        pipeline
    }

    /// Adds a command without values and rows; its answer is empty.
    pub(super) fn command(&mut self, words: &'static str) {
        let client = self.client;
        let answer = async move { client.batch_execute(words).await.map(|()| Vec::new()) };
        self.sent.push(Sent::Waiting(Box::pin(answer)));
    }

    /// Adds a statement; it is prepared once for each connection.
    pub(super) async fn add(&mut self, sql: &'static str, values: Vec<Value>) -> Rows<()> {
        let client = self.client;
        let statement = client.prepare_cached(sql).await?;
        let answer = async move {
            let values: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &values).await
        };
        self.sent.push(Sent::Waiting(Box::pin(answer)));
        Ok(())
    }

    /// Sends all, and waits for all; the answers in order, or what the first that failed said.
    pub(super) async fn run(self) -> Rows<Answers> {
        let mut sent = self.sent;
        poll_fn(|context| {
            let mut all = true;
            // In order, because a statement is sent when it is polled for the first time.
            for one in &mut sent {
                if let Sent::Waiting(answer) = one {
                    match answer.as_mut().poll(context) {
                        Poll::Ready(answer) => *one = Sent::Answered(answer),
                        Poll::Pending => all = false,
                    }
                }
            }
            if all { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let mut answers = Vec::with_capacity(sent.len());
        for one in sent {
            if let Sent::Answered(answer) = one {
                answers.push(answer?);
            }
        }
        Ok(Answers(answers.into_iter()))
    }

    /// Ends the transaction with what has been added.
    pub(super) async fn commit(mut self) -> Rows<Answers> {
        self.command("COMMIT");
        self.run().await
    }
}

/// The answers of a pipeline, in the order of its statements.
pub(super) struct Answers(std::vec::IntoIter<Vec<Row>>);

impl Answers {
    /// The rows of the next statement.
    pub(super) fn rows(&mut self) -> Vec<Row> {
        self.0.next().unwrap_or_default()
    }

    /// The rows of all statements that are left.
    pub(super) fn all(self) -> impl Iterator<Item = Row> {
        self.0.flatten()
    }

    /// The rows of the last statement before the `COMMIT`.
    pub(super) fn before_the_commit(self) -> Vec<Row> {
        self.0.rev().nth(1).unwrap_or_default()
    }

    /// The first row of the next statement.
    pub(super) fn row(&mut self) -> Option<Row> {
        self.rows().into_iter().next()
    }
}

/// Undoes the transaction.
pub(super) async fn undo(client: &Client) -> Rows<()> {
    Ok(client.batch_execute("ROLLBACK").await?)
}

/// One statement by itself.
pub(super) async fn ask(client: &Client, sql: &'static str, values: Vec<Value>) -> Rows<Vec<Row>> {
    let mut pipeline = Pipeline::new(client);
    pipeline.add(sql, values).await?;
    Ok(pipeline.run().await?.rows())
}
