//! What follows from a turn of the bot: the customer wants a person, writes, or leaves.

use crate::address::{Action, ActionRef, ReturnAddress, Route};
use crate::beginning::fail_start;
use crate::decision::{Decision, Draft};
use crate::delivery::{ActionResult, Parcel, ResultCode};
use crate::ending::end_session;
use crate::ids::{ConversationKey, SessionId};
use crate::notice::Notice;
use crate::policy::Env;
use crate::repetition::{self, Repetition};
use crate::session::{Control, EndReason, Marks, Phase, Session, StartAnswer, StartStatus, VendorSide};
use crate::vendor::{Attribute, Customer, CustomerMessage, StartRequest};

/// What the bot asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Action `startConversation`.
    Start(StartRequest),
    /// Action `sendMessage`: its first message, or a later one of the customer while it is open.
    Message {
        /// What the customer wrote.
        message: CustomerMessage,
        /// The action's input, which comes with its first message.
        problem: Option<String>,
    },
    /// Action `endConversation`.
    End,
    /// The bot lets go of the skill: its `endOfConversation`.
    Release,
}

/// One authenticated turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Which conversation.
    pub key: ConversationKey,
    /// Where replies go.
    pub address: ReturnAddress,
    /// Who chats.
    pub customer: Customer,
    /// The activity's id, where it has one.
    pub activity: Option<String>,
    /// The response carries the replies (`expectReplies`).
    pub inline: bool,
    /// What is asked for.
    pub request: Request,
}

/// What a new session is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its name.
    pub id: SessionId,
    /// Its connector.
    pub connector: String,
    /// Those that it goes to where that one has no agents or does not answer, in this order.
    pub further: Vec<String>,
    /// What the operator's rules tell the vendor: queue, skills, priority.
    pub routing: Vec<Attribute>,
}

/// What the edge answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The session's start is under way or done; an inline turn waits for its answer.
    Starting(SessionId),
    /// The message is on its way; what is held for this customer goes out with an inline response.
    Forwarded(SessionId),
    /// The action is over: where this is given, an inline response carries it.
    Over {
        /// The result for an inline response.
        result: Option<ActionResult>,
        /// What to tell the customer with it.
        notice: Option<Notice>,
    },
    /// There is no session to act on, and none is known that could carry a reply.
    Unknown(ActionRef),
    /// The conversation is in the hands of another caller; nothing was done (I2).
    Foreign,
    /// Nothing to answer.
    Nothing,
}

impl Turn {
    /// Whether it carries something of the customer's.
    fn says_something(&self) -> bool {
        match &self.request {
            Request::Message { message, problem } => {
                let problem = problem.as_deref().unwrap_or_default();
                !message.text.trim().is_empty()
                    || !message.attachments.is_empty()
                    || !problem.trim().is_empty()
            }
            Request::Start(_) | Request::End | Request::Release => false,
        }
    }

    fn action(&self, action: Action) -> ActionRef {
        ActionRef { action, activity: self.activity.clone() }
    }
}

/// Decides on a turn. `session` is the conversation's open session, else its last one.
pub fn decide(session: Option<Session>, turn: &Turn, opening: Opening, env: Env<'_>) -> Decision<Verdict> {
    let foreign = |session: &Session| session.address.caller != turn.address.caller;
    let session = match session {
        Some(session) if foreign(&session) && session.phase.is_open() => {
            return Decision::nothing(Verdict::Foreign);
        }
        // What another caller's session still has to tell must not go to this one.
        other => other.filter(|session| !foreign(session)),
    };
    match &turn.request {
        Request::Start(request) => start(session, turn, request, opening, env),
        Request::Message { message, problem } => match session {
            Some(session) if session.phase.is_open() => {
                forward(session, turn, message, problem.as_deref(), env)
            }
            other => turn_away(other, turn, Action::SendMessage, env),
        },
        Request::End => match session {
            Some(session) if session.phase.is_open() => leave(session, turn, env),
            other => turn_away(other, turn, Action::EndConversation, env),
        },
        Request::Release => match session {
            Some(session) if session.phase.is_open() => {
                let mut draft = Draft::new(session, env);
                draft.session.control = Control::Bot;
                end_session(&mut draft, EndReason::Bot, false);
                draft.finish(Verdict::Nothing)
            }
            _ => Decision::nothing(Verdict::Nothing),
        },
    }
}

fn start(
    session: Option<Session>,
    turn: &Turn,
    request: &StartRequest,
    opening: Opening,
    env: Env<'_>,
) -> Decision<Verdict> {
    let action = turn.action(Action::StartConversation);
    match session {
        Some(session) if session.phase.is_open() => {
            let mut draft = refreshed(session, turn, env);
            let id = draft.session.id;
            match (&mut draft.session.answer, turn.inline) {
                (_, true) => {}
                (StartAnswer::Owed { to, .. }, false) => to.push(action),
                (StartAnswer::Given(_), false) => {
                    let started = (draft.session.live_chat_conversation_id(), draft.session.start_status());
                    draft.post(Parcel::ActionResult(ActionResult {
                        to: action,
                        code: ResultCode::CompletedSuccessfully,
                        started: Some(started),
                    }));
                }
            }
            draft.finish(Verdict::Starting(id))
        }
        _ => {
            let id = opening.id;
            let session = Session {
                id,
                conversation: turn.key.clone(),
                connector: opening.connector,
                further: opening.further,
                phase: Phase::Requested,
                customer: turn.customer.clone(),
                address: turn.address.clone(),
                answer: StartAnswer::Owed {
                    by: env.now.plus(env.policy.start_budget),
                    to: if turn.inline { Vec::new() } else { vec![action] },
                },
                control: Control::Bot,
                problem_told: repetition::is_given(request.problem.as_deref()),
                repetition: match env.policy.repetition {
                    0 => None,
                    ms => repetition::awaited(id, request.problem.as_deref(), env.now.plus(ms)),
                },
                vendor: VendorSide::default(),
                agent: None,
                to_vendor: 0,
                to_customer: 0,
                receipts: 0,
                crossed: 0,
                end_told: false,
                delay_told: false,
                in_hand: 0,
                marks: Marks { started: env.now, customer: env.now, agent: env.now },
            };
            let mut draft = Draft::new(session, env);
            if env.vendor_down {
                // A topic that is told at once can offer something else; to wait would only fail later.
                fail_start(&mut draft, StartStatus::Failed, true);
            } else {
                let mut request = request.clone();
                request.routing.extend(opening.routing);
                draft.post(Parcel::Start(request));
            }
            draft.finish(Verdict::Starting(id))
        }
    }
}

fn forward(
    session: Session,
    turn: &Turn,
    message: &CustomerMessage,
    problem: Option<&str>,
    env: Env<'_>,
) -> Decision<Verdict> {
    let mut draft = refreshed(session, turn, env);
    draft.session.control = Control::Skill { action: turn.action(Action::SendMessage) };
    let mut message = message.clone();
    if let Some(problem) = problem.filter(|problem| !problem.trim().is_empty()) {
        // The bot's topic asks for the problem before it opens the action, and the first message is usually that
        // very answer: it must not arrive twice, nor be lost where the two differ.
        if message.text.trim().is_empty() && message.attachments.is_empty() {
            message.text = problem.to_owned();
        } else if message.text.trim() != problem.trim() {
            let undecided = repetition::is_undecided(&draft.session, problem);
            if !draft.session.problem_told || undecided {
                draft.post(Parcel::Message(CustomerMessage {
                    text: problem.to_owned(),
                    attachments: Vec::new(),
                    ..message.clone()
                }));
            }
            if undecided {
                draft.session.repetition = Some(Repetition::Made { seq: draft.session.to_vendor });
            }
        }
        draft.session.problem_told = true;
    }
    if !(message.text.trim().is_empty() && message.attachments.is_empty()) {
        let repeats = repetition::is_made(&mut draft.session, &message, env.now);
        draft.post(Parcel::Message(message));
        if repeats {
            draft.session.repetition = Some(Repetition::Made { seq: draft.session.to_vendor });
        } else if env.vendor_down && !draft.session.delay_told {
            draft.session.delay_told = true;
            draft.post(Parcel::Notice(Notice::Delayed));
        }
    }
    let id = draft.session.id;
    draft.finish(Verdict::Forwarded(id))
}

fn leave(session: Session, turn: &Turn, env: Env<'_>) -> Decision<Verdict> {
    let mut draft = refreshed(session, turn, env);
    // The topic that ends the chat has cancelled the one that held `sendMessage` open: only this action is
    // answered, or the bot would be told twice (I8).
    draft.session.control = Control::Bot;
    end_session(&mut draft, EndReason::Customer, false);
    let result = over(turn.action(Action::EndConversation));
    if turn.inline {
        return draft.finish(Verdict::Over { result: Some(result), notice: None });
    }
    draft.post(Parcel::ActionResult(result));
    draft.finish(Verdict::Over { result: None, notice: None })
}

/// No session is open: control goes straight back, so that the customer is not left captured.
fn turn_away(last: Option<Session>, turn: &Turn, action: Action, env: Env<'_>) -> Decision<Verdict> {
    let action = turn.action(action);
    let Some(last) = last else { return Decision::nothing(Verdict::Unknown(action)) };
    let notice = match (action.action, &last.answer) {
        (Action::SendMessage, StartAnswer::Given(StartStatus::NoAgents)) => Some(Notice::NoAgents),
        (Action::SendMessage, StartAnswer::Given(StartStatus::Failed)) => Some(Notice::StartFailed),
        (Action::SendMessage, _) if turn.says_something() => Some(Notice::NotDelivered),
        _ => None,
    };
    let mut draft = Draft::new(last, env);
    readdress(&mut draft, turn);
    // A bot that opens the action anew, with its input, has had the result of the last one, whose arrival is just
    // being committed: it waits for another.
    let anew = matches!(&turn.request, Request::Message { problem: Some(_), .. });
    let returning = match (action.action, &mut draft.session.control) {
        (Action::SendMessage, Control::Returning { further }) => {
            *further += u32::from(anew && !turn.inline);
            true
        }
        _ => false,
    };
    if returning && !anew {
        // The result is on its way already, or goes out with this very response if it was held; this message
        // crossed it. Whoever is told of a start that came to nothing knows of it.
        if notice == Some(Notice::NotDelivered) {
            if draft.session.end_told {
                draft.post(Parcel::Notice(Notice::NotDelivered));
            } else {
                draft.session.crossed += 1;
            }
        }
        return draft.finish(Verdict::Over { result: None, notice: None });
    }
    if turn.inline {
        return draft.finish(Verdict::Over { result: Some(over(action)), notice });
    }
    if action.action == Action::SendMessage {
        if !returning {
            draft.session.control = Control::Returning { further: 0 };
        }
        if let Some(notice) = notice {
            draft.post(Parcel::Notice(notice));
        }
    }
    draft.post(Parcel::ActionResult(over(action)));
    draft.finish(Verdict::Over { result: None, notice: None })
}

fn over(to: ActionRef) -> ActionResult {
    ActionResult { to, code: ResultCode::CompletedSuccessfully, started: None }
}

/// serviceUrls change while conversations run. A turn that nothing can be pushed to takes no way away that can.
fn readdress(draft: &mut Draft<'_>, turn: &Turn) {
    let address = &mut draft.session.address;
    let before = std::mem::replace(address, turn.address.clone());
    match (&before.to_customer, &address.to_customer) {
        (Route::Held, Route::Held) => {}
        (_, Route::Held) => {
            address.to_bot = before.to_bot;
            address.to_customer = before.to_customer;
            address.service_url = before.service_url;
        }
        (Route::Held, _) => draft.release(),
        _ => {}
    }
}

/// The session with the turn's address.
fn refreshed<'a>(session: Session, turn: &Turn, env: Env<'a>) -> Draft<'a> {
    let mut draft = Draft::new(session, env);
    readdress(&mut draft, turn);
    draft.session.marks.customer = env.now;
    draft
}
