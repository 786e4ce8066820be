//! What follows from an event of the vendor: the live agent comes, writes, and leaves.

use crate::beginning::{fail_start, prove_start};
use crate::decision::{Decision, Draft};
use crate::delivery::{Parcel, Receipt};
use crate::ending::end_session;
use crate::ids::Timestamp;
use crate::notice::Notice;
use crate::policy::Env;
use crate::session::{EndReason, Phase, Session, StartStatus};
use crate::vendor::{AgentMessage, Event, MessageFate, QueueStatus, Routing};

/// What the callback edge answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// The session it is for has ended.
    Closed,
    /// No session goes by that key.
    Unknown,
}

/// How the vendor told an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When: what the live agent writes is as old as that.
    pub at: Timestamp,
    /// The vendor has heard already that it was taken in, as that of a kept callback has: no answer can tell it
    /// otherwise any more.
    pub acknowledged: bool,
}

/// Decides on one event for the session that its lookup key names.
pub fn decide(session: Option<Session>, event: &Event, told: Told, env: Env<'_>) -> Decision<Verdict> {
    let Some(session) = session else { return Decision::nothing(Verdict::Unknown) };
    let mut draft = Draft::new(session, env);
    match happens(&mut draft, event, told) {
        (verdict, true) => draft.finish(verdict),
        (verdict, false) => Decision::nothing(verdict),
    }
}

/// What an event means for a session, open or not; and whether the session is another one by it.
pub(crate) fn happens(draft: &mut Draft<'_>, event: &Event, told: Told) -> (Verdict, bool) {
    if draft.session.phase.is_open() {
        draft.since = told.at.min(draft.env.now);
        apply(draft, event);
        draft.since = draft.env.now;
        return (Verdict::Accepted, true);
    }
    match (draft.session.phase, event) {
        (Phase::Ending(reason), Event::Ended { .. }) => {
            draft.session.phase = Phase::Ended(reason);
            (Verdict::Accepted, true)
        }
        // The vendor may say these at any time, and nobody waits for them.
        (_, Event::Ended { .. } | Event::Delivery { .. } | Event::Ignored(_) | Event::Left(_)) => {
            (Verdict::Accepted, false)
        }
        // Whoever wrote it believes that it arrived.
        (_, Event::Message(AgentMessage { id: Some(id), .. })) if told.acknowledged => {
            let over = "the conversation had ended before it could be read".to_owned();
            draft.report(id, Receipt::NotDelivered(over));
            (Verdict::Accepted, draft.env.reports)
        }
        _ => (Verdict::Closed, false),
    }
}

/// Applies an event to an open session.
pub(crate) fn apply(draft: &mut Draft<'_>, event: &Event) {
    match event {
        Event::Message(message) | Event::MessageEdited(message) => agent_wrote(draft, message),
        Event::Joined(participant) => {
            let news = draft.session.phase != Phase::Active || draft.session.agent != participant.name;
            agent_is_there(draft, participant.name.clone());
            if news {
                draft.post(Parcel::Notice(Notice::AgentJoined { name: participant.name.clone() }));
            }
        }
        Event::Left(participant) => {
            let name = participant.name.clone().or_else(|| draft.session.agent.take());
            draft.session.agent = None;
            draft.post(Parcel::Notice(Notice::AgentLeft { name }));
        }
        Event::Transferred { to, .. } => {
            draft.session.agent = to.clone();
            // Whoever takes over has not been silent yet.
            draft.session.marks.agent = draft.env.now;
            draft.post(Parcel::Notice(Notice::Transferred { name: to.clone() }));
        }
        Event::Queued(status) => {
            if draft.session.phase == Phase::Requested {
                draft.session.phase = Phase::Queued;
                prove_start(draft);
            }
            if *status != QueueStatus::default() {
                draft.post(Parcel::Notice(Notice::Queued(status.clone())));
            }
        }
        Event::Routed(Routing::Accepted) => {
            if draft.session.phase == Phase::Requested {
                draft.session.phase = Phase::Queued;
                prove_start(draft);
            }
        }
        Event::Routed(Routing::NoAgents | Routing::OutOfHours) => {
            fail_start(draft, StartStatus::NoAgents, true)
        }
        Event::Routed(Routing::Failed(_)) => fail_start(draft, StartStatus::Failed, true),
        Event::Delivery { fate: MessageFate::Failed(_), .. } => {
            draft.post(Parcel::Notice(Notice::NotDelivered))
        }
        Event::Ended { by, .. } => end_session(draft, *by, true),
        Event::ControlReturned => end_session(draft, EndReason::LiveAgent, true),
        Event::Reference(keys) => {
            for key in keys {
                if !draft.session.vendor.lookup_keys.contains(key) {
                    draft.session.vendor.lookup_keys.push(key.clone());
                }
            }
        }
        // A channel that cannot take a message back keeps it; the rest is for the record only.
        Event::MessageDeleted(_) | Event::Delivery { .. } | Event::IdentityChanged(_) | Event::Ignored(_) => {
        }
    }
}

fn agent_wrote(draft: &mut Draft<'_>, message: &AgentMessage) {
    let mut message = message.clone();
    if message.author.is_machine() {
        // "Please wait" is no live agent, but it comes from a conversation that exists.
        if draft.session.phase == Phase::Requested {
            draft.session.phase = Phase::Queued;
            prove_start(draft);
        }
    } else {
        // Who is there now wrote it; when it is delivered, somebody else may be.
        message.author.name = message.author.name.or_else(|| draft.session.agent.clone());
        agent_is_there(draft, message.author.name.clone());
    }
    draft.post(Parcel::AgentMessage(message));
}

fn agent_is_there(draft: &mut Draft<'_>, name: Option<String>) {
    let was = draft.session.phase;
    draft.session.phase = Phase::Active;
    draft.session.agent = name;
    draft.session.marks.agent = draft.env.now;
    if was != Phase::Active {
        // Silence is counted from when somebody was there to talk to.
        draft.session.marks.customer = draft.env.now;
    }
    if was == Phase::Requested {
        prove_start(draft);
    }
}
