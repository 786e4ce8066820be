//! Who comes and goes: Genesys' webhook tells nothing of it, so the conversation is looked at and compared with what
//! was seen before ([`Snapshot`], the cursor).

use handover_connector::json::{self, list};
use handover_connector::{
    Batch, Context, EndReason, Ended, Event, Failure, Feed, Item, Participant as Person, Session, Transfer,
    Update,
};
use serde_json::{Map, Value, json};

use crate::api::pressure;
use crate::conversation::{Conversation, Participant, fetch};
use crate::settings::Settings;
use crate::{Genesys, state};

/// How often it is looked at in the first minute, and where it seems to be over, in milliseconds.
const SOON: u64 = 3_000;
/// How long a conversation counts as just begun.
const YOUNG: u64 = 60_000;
/// Between two that have it nobody has it: for so long that is no end.
const BETWEEN: u64 = 10_000;
/// The conversation's id is told before the conversation can be read; after so long it should be there.
const UNREADABLE: u64 = 120_000;

/// What was seen last.
#[derive(Default)]
struct Snapshot {
    conversation: String,
    /// When it was first looked at.
    since: u64,
    /// Live agents who are there, by their participant's id.
    agents: Map<String, Value>,
    /// All who ever were.
    met: Vec<String>,
    /// The queue's participant that was told.
    queue: Option<String>,
    /// Since when nobody has it.
    deserted: Option<u64>,
}

impl Feed for Genesys {
    // An OAuth client may have twenty notification channels at a time: one for each session is too many, so that there
    // is no stream to open.
    fn poll(context: Context, session: Session, cursor: Option<String>) -> Result<Batch, Failure> {
        let settings = Settings::of(&context)?;
        let now = context.now;
        let mut items = Vec::new();
        let before = cursor.as_deref().and_then(Snapshot::of).unwrap_or_default();
        let Some(id) = state::conversation(&session) else { return Ok(batch(items, &before, Some(SOON))) };
        let mut seen = before;
        if seen.conversation != id {
            // The customer's last message has begun another one.
            for (id, name) in &seen.agents {
                items.push(item(format!("left/{id}"), Event::Left(person(id, name.as_str(), &settings))));
            }
            seen = Snapshot { conversation: id.clone(), since: now, ..Snapshot::default() };
        }
        let Some((found, response)) = fetch(&id)? else {
            let gone = now.saturating_sub(seen.since) >= UNREADABLE;
            if gone {
                let why = "Genesys does not know the conversation";
                let ended = Event::ended(EndReason::VendorFailure, why);
                items.push(item(format!("ended/{id}"), ended));
            }
            return Ok(batch(items, &seen, (!gone).then_some(SOON)));
        };
        seen.compare(&found, &settings, &mut items);
        let end = seen.end(&found, now);
        let over = end.is_some();
        if over {
            // The end says as much.
            items.retain(|item| !matches!(item.event, Event::Left(_)));
        }
        items.extend(end.map(|event| item(format!("ended/{id}"), event)));
        let delay = seen.delay(now, &settings) * slower(pressure(&response));
        Ok(batch(items, &seen, (!over).then_some(delay)))
    }
}

/// Messages go first where the token's requests run short.
fn slower(pressure: u64) -> u64 {
    match pressure {
        0..60 => 1,
        60..90 => 2,
        _ => 4,
    }
}

impl Snapshot {
    /// As it was written; none where it cannot be read.
    fn of(cursor: &str) -> Option<Self> {
        let cursor = json::read(cursor);
        let met = list(&cursor["met"]).iter().filter_map(Value::as_str);
        Some(Self {
            conversation: cursor["conversation"].as_str()?.to_owned(),
            since: cursor["since"].as_u64()?,
            agents: cursor["agents"].as_object()?.clone(),
            met: met.map(str::to_owned).collect(),
            queue: cursor["queue"].as_str().map(str::to_owned),
            deserted: cursor["deserted"].as_u64(),
        })
    }

    fn text(&self) -> String {
        let Self { conversation, since, agents, met, queue, deserted } = self;
        json::write(&json!({
            "conversation": conversation, "since": since, "agents": agents, "met": met, "queue": queue,
            "deserted": deserted,
        }))
    }

    /// What has changed, told and remembered.
    fn compare(&mut self, found: &Conversation, settings: &Settings, items: &mut Vec<Item>) {
        let agents = || found.participants().filter(|one| one.is_agent());
        let waiting = found.participants().rfind(|one| one.is_queue() && !one.is_gone());
        let mut new_queue = waiting.filter(|queue| self.queue.as_deref() != Some(queue.id()));
        let mut came: Vec<Participant<'_>> = agents()
            .filter(|one| match one.is_there() {
                true => !self.agents.contains_key(one.id()),
                // Came and went between two looks.
                false => one.is_gone() && one.connected_time().is_some() && !self.has_met(*one),
            })
            .collect();
        let known = std::mem::take(&mut self.agents);
        for (id, name) in known {
            let one = agents().find(|one| one.id() == id);
            if one.is_some_and(|one| !one.is_gone()) {
                self.agents.insert(id, name);
                continue;
            }
            let who = person(&id, name.as_str(), settings);
            let why = one.and_then(Participant::disconnect_type);
            let handed_on = why.is_some_and(|kind| kind.starts_with("transfer"));
            let next = came.iter().position(|next| next.is_there()).filter(|_| handed_on);
            let event = if let Some(next) = next.map(|at| came.remove(at)) {
                self.meet(next);
                let to = Some(person(next.id(), next.name(), settings));
                Event::Transferred(Transfer { from_participant: Some(who), to_participant: to, queue: None })
            } else if let Some(queue) = new_queue.take_if(|_| handed_on) {
                self.queue = Some(queue.id().to_owned());
                let name = queue.queue().map(str::to_owned);
                Event::Transferred(Transfer {
                    from_participant: Some(who),
                    to_participant: None,
                    queue: name,
                })
            } else {
                Event::Left(who)
            };
            items.push(item(format!("left/{id}"), event));
        }
        for one in came {
            let who = person(one.id(), one.name(), settings);
            let since = one.connected_time().unwrap_or_default();
            items.push(item(format!("joined/{}/{since}", one.id()), Event::Joined(who.clone())));
            self.meet(one);
            if one.is_gone() {
                self.agents.remove(one.id());
                items.push(item(format!("left/{}", one.id()), Event::Left(who)));
            }
        }
        if let Some(queue) = new_queue {
            self.queue = Some(queue.id().to_owned());
            if self.agents.is_empty() {
                items.push(item(format!("queued/{}", queue.id()), Event::QUEUED));
            }
        }
    }

    fn has_met(&self, agent: Participant<'_>) -> bool {
        self.met.iter().any(|id| id == agent.id())
    }

    fn meet(&mut self, agent: Participant<'_>) {
        self.agents.insert(agent.id().to_owned(), agent.name().into());
        if !self.has_met(agent) {
            self.met.push(agent.id().to_owned());
        }
    }

    /// The end, where it is one: the customer's participant is gone, or everybody else is and stays so.
    fn end(&mut self, found: &Conversation, now: u64) -> Option<Event> {
        let all_gone = |customer: bool| {
            let mut some =
                found.participants().filter(|one| one.is_customer() == customer && !one.is_watching());
            some.next().is_some_and(Participant::is_gone) && some.all(Participant::is_gone)
        };
        let customer_gone = all_gone(true);
        if !customer_gone && !all_gone(false) {
            self.deserted = None;
            return None;
        }
        let since = *self.deserted.get_or_insert(now);
        (customer_gone || now.saturating_sub(since) >= BETWEEN).then(|| self.why(found))
    }

    /// Whoever of the vendor's side went last says why.
    fn why(&self, found: &Conversation) -> Event {
        let last = found
            .participants()
            .filter(|one| !one.is_customer() && one.is_gone())
            .max_by_key(|one| (self.has_met(*one), one.end_time()));
        let detail = last.and_then(Participant::disconnect_type);
        let by = match detail {
            Some("inactivity" | "session.expired") => EndReason::CustomerInactivity,
            Some("error" | "transport.failure") => EndReason::VendorFailure,
            // The other side hung up first: the customer's.
            Some("peer") if !self.met.is_empty() => EndReason::Customer,
            _ if self.met.is_empty() => {
                let why = detail.unwrap_or("no reason given");
                return Event::ControlReturned(Some(format!("it ended before a live agent came: {why}")));
            }
            _ => EndReason::LiveAgent,
        };
        Event::Ended(Ended { by, detail: detail.map(str::to_owned) })
    }

    /// Until it is looked at again, in milliseconds.
    fn delay(&self, now: u64, settings: &Settings) -> u64 {
        let queued = settings.poll_queued_seconds * 1_000;
        match () {
            () if self.deserted.is_some() => SOON,
            () if !self.agents.is_empty() => settings.poll_active_seconds * 1_000,
            () if now.saturating_sub(self.since) < YOUNG => queued.min(SOON),
            () => queued,
        }
    }
}

fn person(id: &str, name: Option<&str>, settings: &Settings) -> Person {
    let name = settings.agent_name.clone().or(name.map(str::to_owned));
    Person::agent(Some(id.to_owned()), name)
}

fn item(dedupe_id: String, event: Event) -> Item {
    Item { dedupe_id, time: None, event }
}

fn batch(items: Vec<Item>, seen: &Snapshot, delay: Option<u64>) -> Batch {
    Batch {
        items,
        cursor: seen.text(),
        next_delay: delay.map(|delay| u32::try_from(delay).unwrap_or(u32::MAX)),
        update: Update::UNCHANGED,
    }
}
