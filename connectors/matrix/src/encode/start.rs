//! The start: the ghost and its room, what was said before, the invitations; and whether anybody is there for them.

use handover_connector::failure::{misconfigured, never};
use handover_connector::http::Method;
use handover_connector::text::{clean, percent, pieces};
use handover_connector::{
    Attribute, Availability, AvailabilityStatus, Context, Event, Failure, FailureReason, NewSession,
    Progress, StartOutcome, Started, json,
};
use serde_json::json;

use super::ghost::{appear, name};
use super::{LONGEST, Place, room};
use crate::settings::Settings;
use crate::{Matrix, server, state};

/// Invitations within one call; the host bounds requests and time of each.
const AT_ONCE: usize = 4;

/// Pieces of what was said before, at most: the newest.
const TOLD: usize = 4;

/// What is done already.
struct Begun {
    ghost: String,
    room: String,
    /// How many were asked to come, of those there are to ask.
    asked: usize,
    /// How many of them could be.
    reached: usize,
}

impl Begun {
    fn read(text: &str) -> Option<Self> {
        let said = json::read(text);
        let count = |name: &str| said[name].as_u64().and_then(|count| usize::try_from(count).ok());
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        Some(Self {
            ghost: text("ghost")?,
            room: text("room")?,
            asked: count("asked")?,
            reached: count("reached")?,
        })
    }

    fn go_on(&self) -> StartOutcome {
        let Self { ghost, room, asked, reached } = self;
        let state = json!({ "ghost": ghost, "room": room, "asked": asked, "reached": reached });
        StartOutcome::Continue(Progress { state: json::write(&state), tokens: None })
    }
}

pub fn start(settings: &Settings, session: &NewSession) -> Result<StartOutcome, Failure> {
    let Some(begun) = session.progress.as_deref() else {
        let ghost = settings.ghost(&session.channel, &session.customer.id);
        appear(settings, &ghost, &session.customer)?;
        let room = room::open(settings, &ghost, session)?;
        return Ok(Begun { ghost, room, asked: 0, reached: 0 }.go_on());
    };
    let unreadable = || never(FailureReason::Rejected, "the start's progress cannot be read");
    let mut begun = Begun::read(begun).ok_or_else(unreadable)?;
    let place = Place { settings, room: &begun.room, ghost: &begun.ghost };
    if begun.asked == 0 {
        for (nth, piece) in told(&before(session)) {
            place.notice(&format!("{}-before-{nth}", session.id), piece)?;
        }
    }
    let agents = agents(settings, &session.routing)?;
    let mut unreached = Vec::new();
    let next = agents.iter().skip(begun.asked).take(AT_ONCE);
    let asked = next.len();
    for agent in next {
        if invite(&place, agent)? {
            begun.reached += 1;
        } else {
            unreached.push(agent.as_str());
        }
    }
    begun.asked += asked;
    if begun.asked >= agents.len() && begun.reached == 0 {
        let why = format!("none of {} agents could be invited", agents.len());
        return Err(misconfigured("settings.agents", why));
    }
    if !unreached.is_empty() && begun.reached > 0 {
        let text = format!("Could not be invited: {}", unreached.join(", "));
        place.notice(&format!("{}-unreached-{}", session.id, begun.asked), &text)?;
    }
    if begun.asked < agents.len() {
        return Ok(begun.go_on());
    }
    Ok(StartOutcome::Started(Started {
        lookup_keys: vec![begun.room],
        state: state::text(&begun.ghost),
        tokens: None,
        events: vec![Event::QUEUED],
        problem_told: shows_problem(session),
    }))
}

/// What is told of what was said before, and its numbers among the pieces: the first, and the newest.
fn told(before: &str) -> impl Iterator<Item = (usize, &str)> {
    let pieces = pieces(before, LONGEST);
    let newest = pieces.len().saturating_sub(TOLD);
    pieces.into_iter().enumerate().filter(move |(nth, _)| *nth == 0 || *nth > newest)
}

/// Whether the whole problem is among that.
fn shows_problem(session: &NewSession) -> bool {
    let need = clean(session.need());
    let before = before(session);
    !need.trim().is_empty()
        && (told(&before).any(|(_, piece)| piece.contains(need.trim()))
            || pieces(&before, LONGEST).len() <= TOLD)
}

impl Availability for Matrix {
    /// Whether anybody is there: where the operator wants it, by presence.
    fn check(context: Context, routing: Vec<Attribute>) -> Result<AvailabilityStatus, Failure> {
        let settings = Settings::read(&context)?;
        let mut status =
            AvailabilityStatus { open: true, agents_online: None, queue_length: None, wait_seconds: None };
        if !settings.presence {
            return Ok(status);
        }
        let mut online = 0;
        // What a call may ask is bounded; one who is there is enough.
        for agent in agents(&settings, &routing)?.iter().take(12) {
            let path = format!("client/v3/presence/{}/status", percent(agent));
            let told = server::answered(server::request(Method::Get, &path, &own(&settings)))?;
            match told.status {
                200 => {
                    let told: serde_json::Value = told.json()?;
                    online += u32::from(told["presence"] == "online");
                }
                // Not to be seen by us.
                403 | 404 => {}
                _ => return Err(server::refused(&told)),
            }
        }
        status.open = online > 0;
        status.agents_online = Some(online);
        Ok(status)
    }
}

/// Who is to be asked to come: those that routing names, else those of the settings; and the members of their room.
fn agents(settings: &Settings, routing: &[Attribute]) -> Result<Vec<String>, Failure> {
    let routed: Vec<String> = routing
        .iter()
        .filter(|attribute| attribute.name.eq_ignore_ascii_case("agents"))
        .flat_map(|attribute| attribute.value.split([',', ' ', ';']))
        .filter(|user| user.starts_with('@'))
        .map(str::to_owned)
        .collect();
    let mut agents = if routed.is_empty() { settings.agents.clone() } else { routed };
    if let (Some(room), true) = (&settings.agents_room, agents.is_empty() || agents == settings.agents) {
        let own = own(settings);
        let unseen = |failure: Failure| match failure.reason {
            FailureReason::ConversationGone => Failure {
                reason: FailureReason::Misconfigured("settings.agents_room".to_owned()),
                detail: format!("{own} is not in that room: invite it"),
                ..failure
            },
            _ => failure,
        };
        server::done(
            server::request(Method::Post, &format!("client/v3/join/{}", percent(room)), &own)
                .json(&json!({})),
        )
        .map_err(unseen)?;
        let path = format!("client/v3/rooms/{}/joined_members", percent(room));
        let members = server::done(server::request(Method::Get, &path, &own)).map_err(unseen)?;
        let members = members.value();
        // In the order of their names, so that each call of the start counts them alike.
        for (user, _) in members["joined"].as_object().into_iter().flatten() {
            if !settings.is_ours(user) && !agents.contains(user) {
                agents.push(user.clone());
            }
        }
    }
    if agents.is_empty() {
        let why = "there is nobody to invite: set agents or agents_room, or route `agents`";
        return Err(misconfigured("settings.agents", why));
    }
    Ok(agents)
}

/// The application service's own user; the registration names it so.
fn own(settings: &Settings) -> String {
    format!("@{}bot:{}", settings.prefix, settings.server_name)
}

/// Whether they are invited now, or there already.
fn invite(place: &Place<'_>, agent: &str) -> Result<bool, Failure> {
    let body = json!({ "user_id": agent });
    let asked =
        server::answered(server::request(Method::Post, &place.path("invite"), place.ghost).json(&body))?;
    if asked.is_success() {
        return Ok(true);
    }
    if !matches!(asked.status, 400 | 403 | 404) {
        return Err(server::refused(&asked));
    }
    let path = place.path(&format!("state/m.room.member/{}", percent(agent)));
    let known = server::answered(server::request(Method::Get, &path, place.ghost))?;
    let member = known.value();
    Ok(known.is_success() && (member["membership"] == "join" || member["membership"] == "invite"))
}

/// What an agent wants to know first.
fn before(session: &NewSession) -> String {
    let customer = name(&session.customer);
    let mut lines = vec![format!("{customer} asks for a person ({}).", session.channel)];
    let named = [
        ("email", &session.customer.email),
        ("locale", &session.customer.locale),
        ("problem", &session.problem),
    ];
    lines.extend(named.iter().filter_map(|(what, value)| Some(format!("{what}: {}", value.as_deref()?))));
    let attributes = session.attributes.iter().filter(|attribute| !attribute.value.is_empty());
    lines.extend(attributes.map(|attribute| format!("{}: {}", attribute.name, attribute.value)));
    if !session.transcript.is_empty() {
        lines.push("— Said before —".to_owned());
    }
    for turn in &session.transcript {
        lines.push(format!("{}: {}", turn.who(&customer), turn.text));
    }
    clean(&lines.join("\n"))
}
