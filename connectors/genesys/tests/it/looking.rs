//! Who comes and goes, by looking.

use genesys::Genesys;
use handover_connector::{
    Batch, Context, EndReason, Ended, Event, Failure, FailureReason, Feed, Participant, QueueStatus,
    RetryAdvice, Transfer,
};
use serde_json::{Value, json};

use crate::exchange::{CONVERSATION, SESSION, context, replay, session, with_answers};

const BEGAN: u64 = 1_763_846_645_120;

/// Looks again and again, so many seconds after the start.
struct Watch {
    cursor: Option<String>,
    settings: Value,
    delay: Option<u32>,
}

impl Watch {
    fn new() -> Self {
        Self { cursor: None, settings: json!({}), delay: None }
    }

    fn poll(&mut self, name: &str, seconds: u64) -> Result<Batch, Failure> {
        let at = Context { now: BEGAN + seconds * 1_000, ..context(self.settings.clone()) };
        let batch = replay(name, || Genesys::poll(at, session(), self.cursor.clone()))?;
        self.cursor = Some(batch.cursor.clone());
        self.delay = batch.next_delay;
        Ok(batch)
    }

    fn look(&mut self, name: &str, seconds: u64) -> Vec<Event> {
        self.poll(name, seconds).unwrap().items.into_iter().map(|item| item.event).collect()
    }

    /// With Ann.
    fn active() -> Self {
        let mut watch = Self::new();
        watch.look("look-queued", 0);
        watch.look("look-joined", 20);
        watch
    }
}

fn person(id: &str, name: &str) -> Participant {
    Participant {
        id: Some(id.to_owned()),
        name: Some(name.to_owned()),
        role: Some("agent".to_owned()),
        avatar_url: None,
    }
}

fn ann() -> Participant {
    person("p-ann", "Ann")
}

fn ben() -> Participant {
    person("p-ben", "Ben")
}

/// Ann came and gave it away before it was looked.
fn transferred_unseen() -> Vec<Event> {
    vec![Event::Joined(ann()), Event::Left(ann())]
}

fn ended(by: EndReason, why: &str) -> Event {
    Event::Ended(Ended { by, detail: Some(why.to_owned()) })
}

fn transferred(to: Option<Participant>, queue: Option<&str>) -> Event {
    Event::Transferred(Transfer {
        from_participant: Some(ann()),
        to_participant: to,
        queue: queue.map(str::to_owned),
    })
}

#[test]
fn the_queue_and_the_live_agent_are_told_once() {
    let mut watch = Watch::new();
    let queued = Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None });
    assert_eq!(watch.look("look-at-nothing", 0), []);
    assert_eq!(watch.look("look-begun", 3), []);
    assert_eq!(watch.look("look-queued", 6), [queued]);
    assert_eq!(watch.look("look-queued", 9), []);
    assert_eq!(watch.look("look-alerting", 12), []);
    assert_eq!(watch.look("look-joined", 15), [Event::Joined(ann())], "and nobody hears of the supervisor");
    assert_eq!(watch.look("look-joined", 30), []);
    assert_eq!(watch.look("look-parked", 45), []);
}

#[test]
fn names_stay_the_same_when_it_is_looked_again() {
    let name = |watch: &mut Watch| watch.poll("look-joined", 15).unwrap().items[0].dedupe_id.clone();
    assert_eq!(name(&mut Watch::new()), name(&mut Watch::new()));
}

#[test]
fn a_transfer_is_no_leaving() {
    assert_eq!(Watch::active().look("look-transferred", 60), [transferred(Some(ben()), None)]);
    assert_eq!(Watch::active().look("look-given-to-a-queue", 60), [transferred(None, Some("Second level"))]);
    let mut slow = Watch::active();
    assert_eq!(slow.look("look-between-two", 60), [Event::Left(ann())]);
    assert_eq!(slow.delay, Some(3_000));
    assert_eq!(slow.look("look-transferred", 63), [Event::Joined(ben())]);
    assert_eq!(slow.look("look-transferred", 120), []);
}

#[test]
fn one_who_leaves_while_another_stays_has_left() {
    assert_eq!(Watch::active().look("look-left", 60), [Event::Left(ann()), Event::Joined(ben())]);
}

#[test]
fn an_end_says_who_and_why() {
    for (name, by, why) in [
        ("look-ended-by-the-agent", EndReason::LiveAgent, "client"),
        ("look-ended-by-inactivity", EndReason::CustomerInactivity, "inactivity"),
        ("look-ended-by-the-customer", EndReason::Customer, "peer"),
        ("look-ended-by-an-error", EndReason::VendorFailure, "error"),
    ] {
        let mut watch = Watch::active();
        assert_eq!(watch.look(name, 60), [ended(by, why)], "{name}: and not that Ann has left");
        assert_eq!(watch.delay, None, "there is nothing more to see");
    }
}

#[test]
fn an_end_without_a_live_agent_gives_the_customer_back() {
    let events = Watch::new().look("look-ended-by-the-flow", 5);
    assert_eq!(
        events,
        [Event::ControlReturned(Some("it ended before a live agent came: client".to_owned()))]
    );
}

#[test]
fn one_who_came_and_went_between_two_looks_was_there() {
    let mut watch = Watch::new();
    watch.look("look-queued", 0);
    let all = [Event::Joined(ann()), ended(EndReason::LiveAgent, "client")];
    assert_eq!(watch.look("look-ended-by-the-agent", 60), all);
    let mut on = Watch::new();
    let gone_again = [transferred_unseen(), vec![Event::Joined(ben())]].concat();
    assert_eq!(on.look("look-transferred", 60), gone_again);
    assert_eq!(on.look("look-transferred", 75), []);
}

#[test]
fn nobody_for_a_moment_is_no_end_and_nobody_for_longer_is() {
    let mut watch = Watch::active();
    assert_eq!(watch.look("look-deserted", 60), [Event::Left(ann())]);
    assert_eq!(watch.look("look-deserted", 69), []);
    assert_eq!(watch.look("look-deserted", 70), [ended(EndReason::LiveAgent, "client")]);
    let mut back = Watch::active();
    back.look("look-deserted", 60);
    back.look("look-left", 65);
    assert_eq!(back.look("look-deserted", 80), [Event::Left(ben())], "the moment begins anew");
}

#[test]
fn it_is_looked_often_at_first_and_seldom_later() {
    let mut watch = Watch::new();
    for (name, seconds, delay) in [
        ("look-queued", 0, 3_000),
        ("look-queued", 59, 3_000),
        ("look-queued", 60, 5_000),
        ("look-under-pressure", 65, 20_000),
        ("look-joined", 70, 15_000),
    ] {
        watch.look(name, seconds);
        assert_eq!(watch.delay, Some(delay), "{name} at {seconds}");
    }
    watch.settings = json!({ "poll_active_seconds": 60, "poll_queued_seconds": 2 });
    watch.look("look-joined", 85);
    assert_eq!(watch.delay, Some(60_000));
    let mut eager = Watch { settings: json!({ "poll_queued_seconds": 2 }), ..Watch::new() };
    eager.look("look-queued", 0);
    assert_eq!(eager.delay, Some(2_000));
}

#[test]
fn too_many_requests_wait_as_long_as_genesys_says() {
    let failure = Watch::new().poll("look-too-often", 0).unwrap_err();
    assert_eq!(
        (failure.reason, failure.retry),
        (FailureReason::RateLimited, RetryAdvice::Safe(Some(21_000)))
    );
}

#[test]
fn a_conversation_that_never_can_be_read_has_ended() {
    let mut watch = Watch::new();
    assert_eq!(watch.look("look-at-nothing", 0), []);
    assert_eq!((watch.look("look-at-nothing", 119), watch.delay), (Vec::new(), Some(3_000)));
    let gone = ended(EndReason::VendorFailure, "Genesys does not know the conversation");
    assert_eq!((watch.look("look-at-nothing", 120), watch.delay), (vec![gone], None));
}

#[test]
fn another_conversation_is_looked_at_from_the_beginning() {
    let mut watch = Watch::active();
    let cursor = watch.cursor.take().unwrap().replace(CONVERSATION, "another");
    watch.cursor = Some(cursor);
    let all =
        [Event::Left(ann()), Event::Queued(QueueStatus { position: None, wait_seconds: None, text: None })];
    assert_eq!(watch.look("look-queued", 60), all);
}

#[test]
fn live_agents_go_by_the_operators_name_where_there_is_one() {
    let mut watch = Watch { settings: json!({ "agent_name": "Support" }), ..Watch::new() };
    assert_eq!(watch.look("look-joined", 0), [Event::Joined(person("p-ann", "Support"))]);
}

#[test]
fn without_a_conversation_there_is_nothing_to_look_at() {
    let mut unnamed = session();
    unnamed.state = String::new();
    unnamed.lookup_keys = vec![SESSION.to_owned()];
    let (batch, asked) =
        with_answers(|| panic!("nothing is asked"), || Genesys::poll(context(json!({})), unnamed, None));
    assert_eq!((batch.unwrap().items.len(), asked.len()), (0, 0));
}

#[test]
fn a_cursor_that_cannot_be_read_is_none() {
    let mut watch = Watch { cursor: Some("?".to_owned()), ..Watch::new() };
    assert_eq!(watch.look("look-joined", 0), [Event::Joined(ann())]);
    assert_eq!(Genesys::open(context(json!({})), session(), None), Ok(None));
}
