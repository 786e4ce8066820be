//! Beginning a conversation: a person, then a ticket of theirs; after the first the progress is handed back.

use handover_connector::http::{self, Response};
use handover_connector::{
    Context, Event, Failure, FailureReason, NewSession, Progress, QueueStatus, RetryAdvice, StartOutcome,
    Started, failure,
};
use serde::Deserialize;
use serde_json::json;

use crate::{DESK, Memory, Mistake};

#[derive(Deserialize)]
struct Person {
    person: String,
}

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
    visitor: String,
}

/// One step.
///
/// # Errors
/// What the desk makes of it.
pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let mistake = Mistake::of(context);
    step(&mistake, session).map_err(|failure| mistake.advice(failure))
}

fn step(mistake: &Mistake, session: &NewSession) -> Result<StartOutcome, Failure> {
    let progress = session.progress.as_deref().filter(|_| !mistake.is("progress-ignored"));
    let memory = match progress {
        Some(progress) => Memory::read(progress),
        None => {
            let body = json!({ "external": session.customer.id, "name": session.customer.name });
            let person: Person = asked(mistake, "/people", &body)?;
            let memory = Memory { person: person.person, ..Memory::default() };
            if !mistake.is("step-made-twice") {
                return Ok(StartOutcome::Continue(Progress { state: memory.written(), tokens: None }));
            }
            memory
        }
    };
    let subject = if mistake.is("told-without-telling") { None } else { session.problem.as_deref() };
    let body = json!({ "person": memory.person, "subject": subject });
    let ticket: Ticket = asked(mistake, "/tickets", &body)?;
    let position = QueueStatus { position: Some(2), wait_seconds: None, text: None };
    let events = if mistake.is("queue-not-told") { Vec::new() } else { vec![Event::Queued(position)] };
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![ticket.ticket.clone()],
        state: Memory { ticket: Some(ticket.ticket), ..memory }.written(),
        tokens: Some(ticket.visitor),
        events,
        problem_told: session.problem.is_some() && !mistake.is("told-and-not-said"),
    }))
}

fn asked<T: for<'a> Deserialize<'a>>(
    mistake: &Mistake,
    path: &str,
    body: &serde_json::Value,
) -> Result<T, Failure> {
    let response = http::post(DESK, path).json(body).send()?;
    if !response.is_success() {
        return Err(refused(mistake, &response));
    }
    response.json().map_err(|failure| match mistake.is("garbage-called-safe") {
        true => Failure { retry: RetryAdvice::Safe(None), ..failure },
        false => failure,
    })
}

fn refused(mistake: &Mistake, response: &Response) -> Failure {
    let closed = response.json::<serde_json::Value>().is_ok_and(|body| body["error"] == "closed");
    if closed && !mistake.is("closed-not-understood") {
        return Failure {
            reason: FailureReason::NoAgents,
            retry: RetryAdvice::Never,
            detail: "the desk is closed".to_owned(),
        };
    }
    failure::of_status(response)
}
