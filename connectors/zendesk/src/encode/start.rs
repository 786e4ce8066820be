//! The start: user, conversation, transcript, and the way to the agents. Each step is committed before the next, and
//! can be made again: what is there already is found and not made twice.

use handover_connector::failure::{never, odd};
use handover_connector::http::Method;
use handover_connector::{
    Context, Event, Failure, FailureReason, NewSession, Progress, RetryAdvice, StartOutcome, Started, json,
    text,
};
use serde_json::{Value, json};

use super::api::{Api, found, refused};
use super::ending::release;
use super::{customer, ticket};
use crate::decode::control::is;
use crate::{MESSAGE_MARK, MOST_TEXT, PART_MARK, SESSION_MARK, USER_KEY};

/// Most messages that the transcript becomes; the beginning of a longer one is left out.
const MOST_PARTS: usize = 8;

/// Most messages that the problem becomes; the end of a longer one is left out.
const MOST_PROBLEM: usize = 4;

pub fn start(context: &Context, session: &NewSession) -> Result<StartOutcome, Failure> {
    let api = Api::of(context)?;
    // What is done: `user`, `conversation`, `with_agents` (from an earlier handover), `first_message`.
    let mut steps = session.progress.as_deref().map_or_else(|| json!({}), json::read);
    let done = |step: &str| steps[step].as_str().map(str::to_owned);
    let Some(user) = done("user") else {
        steps["user"] = json!(the_user(&api, session)?);
        return Ok(go_on(&steps));
    };
    let Some(conversation) = done("conversation") else {
        let found = the_conversation(&api, session, &user)?;
        steps["with_agents"] =
            json!(is(&found["activeSwitchboardIntegration"], &api.settings.agent_workspace));
        steps["conversation"] = found["id"].clone();
        return Ok(go_on(&steps));
    };
    let Some(first_message) = done("first_message") else {
        if steps["with_agents"] != json!(true) {
            // So that the transcript is there before there is a ticket, and the ticket's fields can be set.
            let own = ("integration", api.settings.integration.as_str());
            api.switch(&conversation, "passControl", own, &json!({ SESSION_MARK: session.id }))?;
        }
        steps["first_message"] = json!(tell_what_was_said(&api, session, &conversation, &user)?);
        return Ok(go_on(&steps));
    };
    let agents = ("agent_workspace", api.settings.agent_workspace.as_str());
    let ticket = ticket::ticket(&api.settings, session, &first_message);
    api.switch(&conversation, "passControl", agents, &ticket)?;
    // As the pending one we get the webhooks of this conversation, and of no other.
    let own = ("integration", api.settings.integration.as_str());
    let offered = api.switch(&conversation, "offerControl", own, &json!({ SESSION_MARK: session.id }));
    if let Err(failure) = offered {
        if failure.retry == RetryAdvice::Never {
            // What the agents wrote would reach nobody. Where this fails too, the first failure says more.
            drop(release(&api, &conversation, &session.id));
        }
        return Err(failure);
    }
    let mut lookup_keys = vec![conversation];
    if !api.settings.new_conversation {
        // With a conversation for each handover a user may be in several.
        lookup_keys.push(format!("{USER_KEY}{user}"));
    }
    let events = vec![Event::QUEUED];
    let problem_told = shows_problem(session);
    Ok(StartOutcome::Started(Started { lookup_keys, state: user, tokens: None, events, problem_told }))
}

fn go_on(steps: &Value) -> StartOutcome {
    StartOutcome::Continue(Progress { state: json::write(steps), tokens: None })
}

/// Makes the user, or finds the one that was made before.
fn the_user(api: &Api, session: &NewSession) -> Result<String, Failure> {
    let external_id = customer::external_id(&api.settings, session);
    let body = json!({ "externalId": external_id, "profile": customer::profile(session) });
    let mut response = api.post("/users", &body)?;
    if response.status == 409 {
        let path = format!("/users/{}", text::percent(&external_id));
        response = api.request(Method::Get, &path).send()?;
    }
    if !response.is_success() {
        return Err(refused(&response).repeatable().before_conversation("upstreams.api.base_url"));
    }
    found(&response, "user", "id")
}

/// The conversation of this handover: the one that an earlier attempt made, the user's one, or a new one.
fn the_conversation(api: &Api, session: &NewSession, user: &str) -> Result<Value, Failure> {
    let path = format!("/conversations?filter%5BuserId%5D={}&page%5Bsize%5D=100", text::percent(user));
    let mut personal = api.list(&path, "conversations")?;
    personal
        .retain(|one| one["id"].is_string() && one["type"].as_str().is_none_or(|kind| kind == "personal"));
    if let Some(at) = personal.iter().position(|one| one["metadata"][SESSION_MARK] == json!(session.id)) {
        return Ok(personal.swap_remove(at));
    }
    // The default one is where the user's chats go on.
    let usual = personal.iter().position(|one| one["isDefault"] == json!(true)).unwrap_or(0);
    let usual = (usual < personal.len()).then(|| personal.swap_remove(usual));
    match usual {
        Some(usual) if !api.settings.new_conversation => Ok(usual),
        usual => make_conversation(api, session, user, usual),
    }
}

fn make_conversation(
    api: &Api,
    session: &NewSession,
    user: &str,
    usual: Option<Value>,
) -> Result<Value, Failure> {
    let body = json!({
        "type": "personal",
        "participants": [{ "userId": user, "subscribeSDKClient": false }],
        "metadata": { SESSION_MARK: session.id },
    });
    // Made again it is found by its mark.
    let response = api.post("/conversations", &body)?;
    if response.is_success() {
        let made = response.json::<Value>()?["conversation"].take();
        return if made["id"].is_string() { Ok(made) } else { Err(odd(&response)) };
    }
    let failure = refused(&response).repeatable();
    match usual {
        // Without multi-conversations a second one is refused.
        Some(usual) if failure.reason == FailureReason::Rejected => Ok(usual),
        _ => Err(failure),
    }
}

/// Posts what bot and customer said, and the problem in the customer's words; the id of the first message.
fn tell_what_was_said(
    api: &Api,
    session: &NewSession,
    conversation: &str,
    user: &str,
) -> Result<String, Failure> {
    let story = ticket::story(session);
    let mut parts = text::pieces(&story, MOST_TEXT);
    if parts.len() > MOST_PARTS {
        parts.drain(..parts.len() - MOST_PARTS);
    }
    let bot = json!({ "type": "business", "displayName": api.settings.bot_name });
    let customer = json!({ "type": "user", "userId": user });
    let problem = problem(session);
    let problem = text::pieces(&problem, MOST_TEXT).into_iter().take(MOST_PROBLEM);
    let all = parts.into_iter().map(|part| (&bot, part)).chain(problem.map(|part| (&customer, part)));
    let there = api.recent(conversation)?;
    let mut first = None;
    for (number, (author, part)) in all.enumerate() {
        let id = match there.iter().find(|message| is_part(message, &session.id, number)) {
            Some(message) => message["id"].as_str().unwrap_or_default().to_owned(),
            None => {
                let body = json!({
                    "author": author,
                    "content": { "type": "text", "text": part },
                    "metadata": { SESSION_MARK: session.id, PART_MARK: number },
                });
                // Made again it is found by its mark.
                api.say(conversation, &body).map_err(|failure| beginning(failure.repeatable()))?
            }
        };
        first.get_or_insert(id);
    }
    Ok(first.unwrap_or_default())
}

fn problem(session: &NewSession) -> String {
    ticket::readable(session.problem.as_deref().unwrap_or_default())
}

/// Whether the agents have the whole problem.
fn shows_problem(session: &NewSession) -> bool {
    let problem = problem(session);
    !problem.trim().is_empty() && text::pieces(&problem, MOST_TEXT).len() <= MOST_PROBLEM
}

fn is_part(message: &Value, session: &str, number: usize) -> bool {
    let mark = &message["metadata"];
    mark[SESSION_MARK] == json!(session) && mark[PART_MARK] == json!(number) && mark[MESSAGE_MARK].is_null()
}

/// A conversation that takes no more messages cannot begin.
fn beginning(failure: Failure) -> Failure {
    if failure.reason != FailureReason::ConversationGone {
        return failure;
    }
    never(FailureReason::Rejected, format!("{}; it may be full, see `new_conversation`", failure.detail))
}
