//! One job for the database, and the commit that it shares with others.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::desk::Desk;
use super::records::Rows;
use super::sealed::Database;
use crate::StoreError;

/// How many jobs share one commit at most.
const BATCH: usize = 512;

/// An answer that waits for the commit.
type Answer = Box<dyn FnOnce(Result<(), StoreError>)>;

/// What is to be done, and whom to answer.
pub(super) struct Job(Work);

type Work = Box<dyn FnOnce(Result<&mut Transaction<'_>, &str>, &mut Desk) -> Option<Answer> + Send>;

/// Whether a job is done for somebody who has gone away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// What was decided stands all the same.
    ForGood,
    /// It takes something for the one who asks: nobody is to have it then.
    ToTake,
}

impl Job {
    /// The job, and its answer.
    pub(super) fn new<T: Send + 'static>(
        asked: Asked,
        work: impl FnOnce(&Database<'_>, &mut Desk) -> Rows<T> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel::<Result<T, StoreError>>();
        let job = Job(Box::new(move |transaction, desk| match transaction {
            Err(reason) => {
                drop(reply.send(Err(desk.failed(reason))));
                None
            }
            Ok(_) if asked == Asked::ToTake && reply.is_closed() => None,
            Ok(transaction) => {
                let result = apart(transaction, desk, work).map_err(|e| e.at(&desk.place));
                Some(Box::new(move |committed| drop(reply.send(committed.and(result)))))
            }
        }));
        (job, answer)
    }
}

/// Runs one job in a savepoint of its own: what fails takes nothing else with it.
fn apart<T>(
    transaction: &mut Transaction<'_>,
    desk: &mut Desk,
    work: impl FnOnce(&Database<'_>, &mut Desk) -> Rows<T>,
) -> Rows<T> {
    let savepoint = transaction.savepoint()?;
    let keys = desk.keys.clone();
    let value = work(&Database::new(&savepoint, &keys), desk)?;
    savepoint.commit()?;
    Ok(value)
}

/// Does this job and `more`, commits them as one transaction, and then answers.
pub(super) fn serve(
    connection: &mut Connection,
    desk: &mut Desk,
    first: Job,
    more: impl FnMut() -> Option<Job>,
) {
    let mut answers = Vec::new();
    let committed = commit(connection, desk, first, more, &mut answers);
    // The log still holds what was removed until it is written back. What fails is made up for after the next job.
    if desk.removed && committed.is_ok() {
        desk.removed = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).is_err();
    }
    for answer in answers {
        answer(committed.as_ref().copied().map_err(|e| desk.failed(&e.to_string())));
    }
    if std::mem::take(&mut desk.changed) && committed.is_ok() {
        desk.changes.send_replace(());
    }
}

fn commit(
    connection: &mut Connection,
    desk: &mut Desk,
    first: Job,
    mut more: impl FnMut() -> Option<Job>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let mut next = Some(first);
    while let Some(Job(work)) = next.take() {
        match &mut transaction {
            Ok(transaction) => answers.extend(work(Ok(transaction), desk)),
            Err(e) => answers.extend(work(Err(&e.to_string()), desk)),
        }
        if let Ok(transaction) = &transaction
            && transaction.is_autocommit()
        {
            // A full disk and the like undo all that has gathered; what came after would be committed by itself
            // and yet be answered as failed.
            break;
        }
        if answers.len() < BATCH {
            next = more();
        }
    }
    transaction?.commit()
}
