//! Whatever a guest returns is taken within its bounds or refused: no key too long for a store's index, no more than a
//! call may hand back, no reason of a failure that is more than a short line; and a component that may serve has said
//! what can be held against what it is granted.
#![no_main]

mod description;
mod event;

use arbitrary::Arbitrary;
use event::{Happened, Text};
use handover_handoff::delivery::FailureReason;
use handover_handoff::outcome::Outcome;
use handover_handoff::vendor::Event;
use handover_sandbox::fuzzing::exports::{callback, feed, handoff};
use handover_sandbox::fuzzing::imports::types::{
    Attribute, Failure, FailureReason as Reason, RetryAdvice, Update,
};
use handover_sandbox::fuzzing::{failed, gleaned, mapped, sent, started};
use handover_sandbox::{CallError, Happening, Limits};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Returned<'a> {
    Description(description::Said<'a>),
    Started {
        accepted: bool,
        keys: Vec<Text<'a>>,
        state: Text<'a>,
        tokens: Option<Text<'a>>,
        events: Vec<Happened<'a>>,
        problem_told: bool,
    },
    Continued {
        state: Text<'a>,
        tokens: Option<Text<'a>>,
    },
    Sent {
        id: Option<Text<'a>>,
        state: Option<Text<'a>>,
        tokens: Option<Text<'a>>,
    },
    Mapped {
        events: Vec<(Text<'a>, Option<Text<'a>>, Happened<'a>)>,
        answers: [Option<Answer<'a>>; 2],
    },
    Gleaned {
        items: Vec<(Text<'a>, Happened<'a>)>,
        cursor: Text<'a>,
        state: Option<Text<'a>>,
        tokens: Option<Text<'a>>,
    },
    Failed {
        reason: u8,
        what: Text<'a>,
        detail: Text<'a>,
        retry: Option<u64>,
    },
}

#[derive(Debug, Arbitrary)]
struct Answer<'a> {
    status: u16,
    headers: Vec<(&'a str, Text<'a>)>,
    times: u8,
    body: &'a [u8],
}

/// The contract's and the stores'.
const STATE: usize = 64 << 10;
const KEY: usize = 512;
const DETAIL: usize = 1_000;

/// Small, so that the fuzzer comes to the other side of them.
fn limits() -> Limits {
    Limits { result: 128 << 10, events: 4, ..Limits::default() }
}

fuzz_target!(|returned: Returned<'_>| match returned {
    Returned::Description(said) => said.judge(),
    Returned::Started { accepted, keys, state, tokens, events, problem_told } => {
        let started = handoff::Started {
            lookup_keys: keys.iter().map(Text::whole).collect(),
            state: state.whole(),
            tokens: tokens.map(|tokens| tokens.whole()),
            events: events.iter().map(Happened::told).collect(),
            problem_told,
        };
        let outcome = match accepted {
            true => handoff::StartOutcome::Accepted(started),
            false => handoff::StartOutcome::Started(started),
        };
        taken(self::started(outcome, &limits()));
    }
    Returned::Continued { state, tokens } => {
        let progress =
            handoff::Progress { state: state.whole(), tokens: tokens.map(|tokens| tokens.whole()) };
        taken(self::started(handoff::StartOutcome::Continue(progress), &limits()));
    }
    Returned::Sent { id, state, tokens } => {
        let long = id.as_ref().is_some_and(|id| id.whole().len() > KEY);
        let update =
            Update { state: state.map(|state| state.whole()), tokens: tokens.map(|tokens| tokens.whole()) };
        let sent = handoff::Sent { vendor_message_id: id.map(|id| id.whole()), update };
        let outcome = self::sent(sent, &limits());
        assert!(outcome.is_err() || !long, "a long id is taken");
        taken(outcome);
    }
    Returned::Mapped { events, answers } => {
        let events = events.into_iter().map(|(key, id, happened)| callback::MappedEvent {
            lookup_key: key.whole(),
            dedupe_id: id.map(|id| id.whole()),
            time: None,
            event: happened.told(),
        });
        let [answer, answer_when_closed] = answers.map(|answer| answer.map(Answer::told));
        let told = callback::Mapped { events: events.collect(), answer, answer_when_closed };
        match mapped(told, &limits()) {
            Ok(mapped) => heard(mapped),
            Err(refusal) => over(&refusal),
        }
    }
    Returned::Gleaned { items, cursor, state, tokens } => {
        let long = cursor.whole().len() > STATE;
        let items = items.into_iter().map(|(id, happened)| feed::Item {
            dedupe_id: id.whole(),
            time: None,
            event: happened.told(),
        });
        let update =
            Update { state: state.map(|state| state.whole()), tokens: tokens.map(|tokens| tokens.whole()) };
        let batch = feed::Batch { items: items.collect(), cursor: cursor.whole(), next_delay: None, update };
        match gleaned(batch, &limits()) {
            Ok(items) => {
                assert!(!long, "a long cursor is taken");
                looked(&items);
            }
            Err(refusal) => over(&refusal),
        }
    }
    Returned::Failed { reason, what, detail, retry } => {
        let failure = failed(Failure {
            reason: reason_of(reason, what.whole()),
            retry: retry.map_or(RetryAdvice::Never, |after| RetryAdvice::Safe(Some(after))),
            detail: detail.whole(),
        });
        short(&failure.detail);
        if let FailureReason::Moved(text) | FailureReason::Misconfigured(text) = &failure.reason {
            short(text);
        }
        short(failure.reason.as_str());
    }
});

impl Answer<'_> {
    fn told(self) -> callback::Answer {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| Attribute { name: (*name).to_owned(), value: value.whole() });
        callback::Answer {
            status: self.status,
            headers: headers.collect(),
            body: self.body.repeat(self.times.into()),
        }
    }
}

fn reason_of(reason: u8, what: String) -> Reason {
    match reason % 9 {
        0 => Reason::Rejected,
        1 => Reason::RateLimited,
        2 => Reason::Unavailable,
        3 => Reason::NoAgents,
        4 => Reason::ConversationGone,
        5 => Reason::TooLarge,
        6 => Reason::Unsupported,
        7 => Reason::Moved(what),
        _ => Reason::Misconfigured(what),
    }
}

fn taken(outcome: Result<Outcome, CallError>) {
    match outcome {
        Ok(Outcome::Started { lookup_keys, update, events, .. }) => {
            assert!(lookup_keys.len() <= 32 && lookup_keys.iter().all(|key| key.len() <= KEY));
            state(update.state.as_deref());
            assert!(events.len() <= 4);
            let events: usize = events.iter().map(event).sum();
            let keys: usize = lookup_keys.iter().map(String::len).sum();
            let tokens = update.tokens.map_or(0, |tokens| tokens.len());
            assert!(events + keys + tokens <= limits().result);
        }
        Ok(Outcome::Progressed { progress, tokens }) => {
            state(Some(&progress));
            assert!(tokens.is_none_or(|tokens| tokens.len() <= limits().result));
        }
        Ok(Outcome::Done(update)) => {
            state(update.state.as_deref());
            assert!(update.tokens.is_none_or(|tokens| tokens.len() <= limits().result));
        }
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => over(&refusal),
    }
}

fn heard(mapped: handover_sandbox::Mapped) {
    assert!(mapped.events.len() <= 4);
    let mut size = 0;
    for happened in &mapped.events {
        let id = happened.dedupe_id.as_ref().map_or(0, String::len);
        assert!(happened.lookup_key.len() <= KEY && id <= KEY);
        size += happened.lookup_key.len() + id;
        if let Happening::Event(happened) = &happened.happening {
            size += event(happened);
        }
    }
    for answer in mapped.answer.iter().chain(&mapped.answer_when_closed) {
        assert!(answer.headers.len() <= 64);
        let headers = answer.headers.iter().map(|(name, value)| name.len() + value.len());
        size += headers.sum::<usize>() + answer.body.len();
    }
    assert!(size <= limits().result, "{size} bytes");
}

fn looked(items: &[(String, Happening)]) {
    assert!(items.len() <= 4);
    let mut size = 0;
    for (id, happened) in items {
        assert!(id.len() <= KEY);
        size += id.len();
        if let Happening::Event(happened) = happened {
            size += event(happened);
        }
    }
    assert!(size <= limits().result, "{size} bytes");
}

/// What an event weighs; what of it stores keep in an index is short, and so are reasons.
fn event(event: &Event) -> usize {
    let id = |id: &str| assert!(id.len() <= KEY, "an id of {} bytes", id.len());
    match event {
        Event::Message(message) | Event::MessageEdited(message) => {
            [&message.id, &message.author.id, &message.reply_to]
                .into_iter()
                .flatten()
                .for_each(|each| id(each));
            let files = message.attachments.iter().map(|file| file.name.len() + file.url.len());
            message.text.len() + files.sum::<usize>()
        }
        Event::MessageDeleted(which) | Event::IdentityChanged(which) => {
            id(which);
            which.len()
        }
        Event::Joined(who) | Event::Left(who) => {
            who.id.iter().for_each(|each| id(each));
            who.name.as_ref().map_or(0, String::len)
        }
        Event::Delivery { message, .. } => {
            id(message);
            message.len()
        }
        Event::Reference(keys) => {
            assert!(keys.len() <= 32);
            keys.iter().for_each(|key| id(key));
            keys.iter().map(String::len).sum()
        }
        Event::Ended { detail, .. } => {
            detail.iter().for_each(|detail| short(detail));
            0
        }
        Event::Ignored(why) => {
            short(why);
            0
        }
        Event::Transferred { to, queue } => [to, queue].into_iter().flatten().map(String::len).sum(),
        Event::Queued(status) => status.text.as_ref().map_or(0, String::len),
        _ => 0,
    }
}

fn state(state: Option<&str>) {
    assert!(state.is_none_or(|state| state.len() <= STATE));
}

fn short(text: &str) {
    assert!(text.chars().count() <= DETAIL && !text.contains(char::is_control), "{} bytes", text.len());
}

fn over(refusal: &CallError) {
    assert!(matches!(refusal, CallError::OverLimit(_)), "{refusal}");
    short(&refusal.to_string());
}
