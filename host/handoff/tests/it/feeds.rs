//! What a feed brings counts as a whole, and only for the session that it was looked at for.

use handover_handoff::delivery::{Parcel, Receipt};
use handover_handoff::feed::{self, Gathered, Given, Verdict};
use handover_handoff::outcome::Update;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::vendor::Event;
use handover_handoff::{Decision, Session};

use crate::house::House;
use crate::words::agent_message;

/// A session that the vendor has taken.
fn session() -> Session {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", Vec::new());
    house.sessions[0].session.clone()
}

fn gathered(events: Vec<Event>, cursor: &str) -> Gathered {
    Gathered { events, cursor: cursor.to_owned(), update: Update::default() }
}

fn decide(session: &Session, given: &Given, gathered: &Gathered, reports: bool) -> Decision<Verdict> {
    let policy = Policy::default();
    let now = session.marks.started.plus(5_000);
    let env = Env { reports, ..Env::new(now, &policy) };
    feed::decide(Some(session.clone()), given, gathered, now, env)
}

fn over() -> Event {
    Event::Ended { by: EndReason::LiveAgent, detail: None }
}

#[test]
fn events_and_cursor_come_together() {
    let before = session();
    let said = ["one", "two"].map(|text| Event::Message(agent_message(text)));
    let decision = decide(&before, &Given::of(&before), &gathered(said.to_vec(), "2"), true);
    let after = decision.session.unwrap();
    assert_eq!((decision.verdict, after.vendor.cursor.as_deref()), (Verdict::Kept, Some("2")));
    let parcels: Vec<Parcel> = decision.deliveries.into_iter().map(|delivery| delivery.parcel).collect();
    assert_eq!(parcels, ["one", "two"].map(|text| Parcel::AgentMessage(agent_message(text))));
    // The same again, with nothing new, changes nothing.
    let again = decide(&after, &Given::of(&after), &gathered(Vec::new(), "2"), true);
    assert_eq!((again.verdict, again.session), (Verdict::Kept, None));
}

#[test]
fn what_was_overtaken_changes_nothing() {
    let before = session();
    let given = Given::of(&before);
    let mut other = before.clone();
    other.vendor.state = "as a message left it".to_owned();
    let mut writes = gathered(vec![Event::Message(agent_message("one"))], "1");
    assert_eq!(decide(&other, &given, &writes, true).verdict, Verdict::Kept, "it writes no state");
    writes.update.state = Some("as the look left it".to_owned());
    let decision = decide(&other, &given, &writes, true);
    assert_eq!((decision.verdict, decision.session), (Verdict::Overtaken, None));
    let mut other = before.clone();
    other.vendor.cursor = Some("as another node left it".to_owned());
    let decision = decide(&other, &given, &gathered(Vec::new(), "1"), true);
    assert_eq!((decision.verdict, decision.session), (Verdict::Overtaken, None));
}

#[test]
fn what_follows_the_end_is_told_to_the_agent_where_the_connector_can() {
    let before = session();
    let events = vec![over(), Event::Message(agent_message("late"))];
    for reports in [true, false] {
        let decision = decide(&before, &Given::of(&before), &gathered(events.clone(), "2"), reports);
        assert_eq!(decision.verdict, Verdict::Over);
        assert_eq!(decision.session.unwrap().phase, Phase::Ended(EndReason::LiveAgent));
        let told =
            |parcel: &Parcel| matches!(parcel, Parcel::Receipt { receipt: Receipt::NotDelivered(_), .. });
        assert_eq!(decision.deliveries.iter().filter(|one| told(&one.parcel)).count(), usize::from(reports));
        assert!(!decision.deliveries.iter().any(|one| matches!(one.parcel, Parcel::AgentMessage(_))));
    }
}
