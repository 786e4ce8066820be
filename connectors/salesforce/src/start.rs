//! The start: a visitor comes in, opens a conversation, and says what it is about; one request a step, so that none is
//! made twice.

use handover_connector::http;
use handover_connector::{
    Context, Event, Failure, NewSession, Progress, RetryAdvice, StartOutcome, Started, json, text,
};
use serde_json::{Map, Value, json};

use crate::end::close;
use crate::position::Position;
use crate::request::{BASE, with_token};
use crate::settings::{Opening, Settings};
use crate::visitor::Visitor;
use crate::{API, ids, refusal, send};

/// Most messages that the opening is told in; of a longer one the end counts.
const MOST_OPENING: usize = 5;

/// Most of one routing attribute: what a custom parameter of a channel takes.
const MOST_ATTRIBUTE: usize = 255;

/// What the steps before have done.
struct Step {
    /// The stream's last event before the visitor came.
    event: Option<String>,
    /// 0: nothing but the visitor; n: the conversation, and n - 1 messages of the opening.
    done: usize,
}

pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let settings = Settings::of(context)?;
    let step = session.progress.as_deref().and_then(Step::read);
    let (Some(step), Some(visitor)) = (step, Visitor::parse(session.tokens.as_deref())) else {
        let (visitor, event) = Visitor::admit(context, &settings, &session.customer.id)?;
        return Ok(go_on(&Step { event, done: 0 }, Some(visitor.write())));
    };
    let conversation = ids::uuid(&session.id, 0);
    let (opening, is_whole) = opening(&settings, session);
    if step.done == 0 {
        open(&settings, session, &visitor, &conversation)?;
    } else if let Some(text) = opening.get(step.done - 1) {
        let id = ids::uuid(&format!("{}/opening", session.id), step.done);
        let body = send::body(&settings, &id, text, None);
        // The same id again is the same message.
        let response = send::post(&visitor, &conversation, &body).map_err(Failure::repeatable)?;
        if !response.is_success() && response.status != 409 {
            let failure = refusal::of_conversation(&response).repeatable();
            if failure.retry == RetryAdvice::Never {
                // What a rep wrote would reach nobody. Where this fails too, the first failure says more.
                drop(close(&settings, &visitor, &conversation));
            }
            return Err(failure);
        }
    }
    if step.done < opening.len() {
        return Ok(go_on(&Step { done: step.done + 1, ..step }, None));
    }
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![conversation],
        state: Position { event: step.event, ..Position::default() }.write(),
        tokens: None,
        // Routing begins with the conversation; what comes of it is an event of the feed.
        events: vec![Event::QUEUED],
        problem_told: is_whole && !session.need().is_empty(),
    }))
}

impl Step {
    fn read(progress: &str) -> Option<Self> {
        let step = json::read(progress);
        let done = step["done"].as_u64()?.try_into().ok()?;
        Some(Self { event: step["event"].as_str().map(str::to_owned), done })
    }
}

fn go_on(step: &Step, tokens: Option<String>) -> StartOutcome {
    let state = json::write(&json!({ "event": step.event, "done": step.done }));
    StartOutcome::Continue(Progress { state, tokens })
}

/// Opens the conversation. Its id is ours: opened already is as good.
fn open(
    settings: &Settings,
    session: &NewSession,
    visitor: &Visitor,
    conversation: &str,
) -> Result<(), Failure> {
    let mut body = json!({
        "conversationId": conversation,
        "esDeveloperName": settings.deployment,
        "routingAttributes": routing(settings, session),
    });
    if let Some(locale) = &session.customer.locale {
        body["language"] = json!(locale.replace('-', "_"));
    }
    let request = with_token(visitor, http::post(API, format!("{BASE}/conversation"))).json(&body);
    let response = request.repeatable().send()?;
    if response.is_success() || response.status == 409 {
        return Ok(());
    }
    Err(refusal::of_opening(&response).repeatable())
}

/// What the flow behind the channel can decide on: the pre-chat fields, the bot's inputs, and what the operator's rules
/// say, which has the last word.
fn routing(settings: &Settings, session: &NewSession) -> Map<String, Value> {
    let name = session.customer.name.as_deref().unwrap_or_default().trim();
    let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
    let prechat = &settings.prechat;
    let known = [
        (&prechat.first_name, first.trim()),
        (&prechat.last_name, last),
        (&prechat.email, session.customer.email.as_deref().unwrap_or_default()),
        (&prechat.subject, session.need()),
    ];
    let known = known.into_iter().map(|(name, value)| (name.as_str(), value));
    let said = known.chain(session.given()).filter(|(name, value)| !name.is_empty() && !value.is_empty());
    said.map(|(name, value)| (name.to_owned(), json!(text::clip(value, MOST_ATTRIBUTE)))).collect()
}

/// What the rep reads first, in pieces, and whether that is all there is.
fn opening(settings: &Settings, session: &NewSession) -> (Vec<String>, bool) {
    let problem = session.need();
    let mut whole = match settings.opening {
        Opening::None => return (Vec::new(), false),
        Opening::Problem | Opening::Transcript => problem.to_owned(),
    };
    if settings.opening == Opening::Transcript && !session.transcript.is_empty() {
        whole.push_str("\n\nBefore this chat:");
        for turn in session.transcript.iter().filter(|turn| !turn.text.trim().is_empty()) {
            let who = turn.author.word();
            whole.push_str(&match &turn.name {
                Some(name) => format!("\n{who} ({name}): {}", turn.text.trim()),
                None => format!("\n{who}: {}", turn.text.trim()),
            });
        }
    }
    let pieces = send::pieces(&whole);
    let surplus = pieces.len().saturating_sub(MOST_OPENING);
    (pieces.into_iter().skip(surplus).collect(), surplus == 0)
}
