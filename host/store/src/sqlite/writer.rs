//! The writer: takes jobs, commits what has gathered as one transaction, then answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use handover_handoff::address::Route;
use handover_handoff::delivery::Delivery;
use handover_handoff::{Session, SessionId, Timestamp};
use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

use super::lanes;
use super::records::{self, RowError, Rows};
use crate::{Committed, Counts, Decider, Due, Once, StoreError, Subject};

/// How many jobs share one commit at most.
const BATCH: usize = 512;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked to do.
pub(super) enum Job {
    Transact {
        subject: Subject,
        once: Option<Once>,
        now: Timestamp,
        decider: Decider,
        reply: Reply<Committed>,
    },
    Claim {
        now: Timestamp,
        limit: usize,
        reply: Reply<Due>,
    },
    TakeHeld {
        session: SessionId,
        now: Timestamp,
        reply: Reply<Vec<Delivery>>,
    },
    Session {
        id: SessionId,
        reply: Reply<Option<Session>>,
    },
    Counts {
        reply: Reply<Counts>,
    },
    Check {
        reply: Reply<()>,
    },
}

/// An answer that waits for the commit.
type Answer = Box<dyn FnOnce(Result<(), StoreError>)>;

/// Runs until every sender is gone.
pub(super) fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Job>, changed: &Notify, file: &Path) {
    let place = file.display().to_string();
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = Batch { answers: Vec::new(), due: false, place: &place };
        let committed = commit(&mut connection, first, &mut jobs, &mut batch);
        let due = batch.due && committed.is_ok();
        for answer in batch.answers {
            answer(match &committed {
                Ok(()) => Ok(()),
                Err(e) => Err(StoreError::Database { place: place.clone(), reason: e.to_string() }),
            });
        }
        if due {
            changed.notify_one();
        }
    }
}

fn commit(
    connection: &mut Connection,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    batch: &mut Batch<'_>,
) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
    let mut next = Some(first);
    while let Some(job) = next.take() {
        match &mut transaction {
            Ok(transaction) => batch.run(transaction, job),
            Err(e) => {
                let reason = e.to_string();
                batch.refuse(job, &reason);
            }
        }
        if let Ok(transaction) = &transaction
            && transaction.is_autocommit()
        {
            // A full disk and the like undo all that has gathered; what came after would be committed by itself
            // and yet be answered as failed.
            break;
        }
        if batch.answers.len() < BATCH {
            next = jobs.try_recv().ok();
        }
    }
    transaction?.commit()
}

struct Batch<'a> {
    answers: Vec<Answer>,
    due: bool,
    place: &'a str,
}

impl Batch<'_> {
    /// Runs one job in a savepoint of its own: what fails takes nothing else with it.
    fn run(&mut self, transaction: &mut rusqlite::Transaction<'_>, job: Job) {
        match job {
            Job::Transact { subject, once, now, mut decider, reply } => {
                let result =
                    self.apart(transaction, |db| transact(db, &subject, once.as_ref(), now, &mut decider));
                self.answer(reply, result);
                self.due = true;
            }
            // Whoever would have got it has gone away: nobody is to have it.
            Job::Claim { reply, .. } if reply.is_closed() => {}
            Job::TakeHeld { reply, .. } if reply.is_closed() => {}
            Job::Claim { now, limit, reply } => {
                let result = self.apart(transaction, |db| claim(db, now, limit));
                self.answer(reply, result);
            }
            Job::TakeHeld { session, now, reply } => {
                let result = self.apart(transaction, |db| lanes::take_held(db, session, now));
                self.due |= result.as_ref().is_ok_and(|held| !held.is_empty());
                self.answer(reply, result);
            }
            Job::Session { id, reply } => {
                let result = self.apart(transaction, |db| records::find(db, &Subject::Session(id)));
                self.answer(reply, result);
            }
            Job::Counts { reply } => {
                let result = self.apart(transaction, records::counts);
                self.answer(reply, result);
            }
            Job::Check { reply } => self.answer(reply, Ok(())),
        }
    }

    fn apart<T>(
        &self,
        transaction: &mut rusqlite::Transaction<'_>,
        work: impl FnOnce(&Connection) -> Rows<T>,
    ) -> Result<T, StoreError> {
        let done = (|| {
            let savepoint = transaction.savepoint()?;
            let value = work(&savepoint)?;
            savepoint.commit()?;
            Ok(value)
        })();
        done.map_err(|e: RowError| e.at(self.place))
    }

    fn answer<T: 'static>(&mut self, reply: Reply<T>, result: Result<T, StoreError>) {
        // Whoever asked may have gone away; what was decided stands all the same.
        self.answers.push(Box::new(move |committed| drop(reply.send(committed.and(result)))));
    }

    fn refuse(&mut self, job: Job, reason: &str) {
        let error = || StoreError::Database { place: self.place.to_owned(), reason: reason.to_owned() };
        match job {
            Job::Transact { reply, .. } => drop(reply.send(Err(error()))),
            Job::Claim { reply, .. } => drop(reply.send(Err(error()))),
            Job::TakeHeld { reply, .. } => drop(reply.send(Err(error()))),
            Job::Session { reply, .. } => drop(reply.send(Err(error()))),
            Job::Counts { reply } => drop(reply.send(Err(error()))),
            Job::Check { reply } => drop(reply.send(Err(error()))),
        }
    }
}

fn transact(
    db: &Connection,
    subject: &Subject,
    once: Option<&Once>,
    now: Timestamp,
    decider: &mut Decider,
) -> Rows<Committed> {
    if let Some(once) = once
        && !records::take_in(db, once, now)?
    {
        return Ok(Committed::Duplicate);
    }
    let before = records::find(db, subject)?;
    let keys_before = before.as_ref().map(|session| session.vendor.lookup_keys.clone()).unwrap_or_default();
    let held_before = before.as_ref().is_some_and(|session| session.address.to_customer == Route::Held);
    // A decider that panics must not take the writer, and with it every other session, down.
    let decision = catch_unwind(AssertUnwindSafe(|| decider(before))).map_err(|_| RowError::Unreadable {
        record: "decision",
        reason: "the decider panicked".to_owned(),
    })?;
    let Some(session) = decision.session else {
        // What had no effect may come again: an event can be ahead of the session that it is for.
        if let Some(once) = once {
            records::forget(db, once)?;
        }
        return Ok(Committed::Applied(None));
    };
    let place = match &decision.settlement {
        // A claimer whose lease ran out comes too late: the lane has gone on, and nothing of this counts.
        Some(settlement) => match lanes::place(db, settlement.delivery, session.id)? {
            Some(place) => Some(place),
            None => return Ok(Committed::Applied(None)),
        },
        None => None,
    };
    records::save(db, &session, decision.wake)?;
    records::save_keys(db, &session, &keys_before)?;
    if held_before && session.address.to_customer != Route::Held {
        lanes::release_held(db, session.id, now)?;
    }
    lanes::append(db, &decision.deliveries)?;
    let (Some(settlement), Some((direction, seq))) = (decision.settlement, place) else {
        return Ok(Committed::Applied(None));
    };
    let next = lanes::settle(db, &settlement, session.id, direction, seq, now)?;
    Ok(Committed::Applied(next.map(Box::new)))
}

fn claim(db: &Connection, now: Timestamp, limit: usize) -> Rows<Due> {
    let (timers, next_timer) = records::timers(db, now, limit)?;
    let (claims, next_lane) = lanes::claim(db, now, limit)?;
    let next = [next_timer, next_lane].into_iter().flatten().min();
    Ok(Due { claims, timers, next })
}
