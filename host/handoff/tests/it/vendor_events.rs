//! What the vendor tells of the live agent's comings and goings, in each phase.

use handover_handoff::Timestamp;
use handover_handoff::delivery::Parcel;
use handover_handoff::event::{self, Told, Verdict as Heard};
use handover_handoff::notice::Notice;
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{Phase, StartStatus};
use handover_handoff::vendor::{Event, MessageFate, Participant, QueueStatus, Routing};

use crate::house::House;
use crate::words::{agent_message, participant, start_result, started};

fn queued() -> House {
    let mut house = House::new();
    house.start();
    house.vendor_takes("chat-7", vec![Event::Queued(QueueStatus::default())]);
    house.customer_gets();
    house
}

fn name(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn nobody_goes_by_that_key() {
    let policy = Policy::default();
    let env = Env::new(Timestamp(1), &policy);
    let decision =
        event::decide(None, &Event::ControlReturned, Told { at: env.now, acknowledged: false }, env);
    assert_eq!((decision.verdict, decision.session), (Heard::Unknown, None));
}

#[test]
fn a_live_agent_comes_once() {
    let mut house = queued();
    house.event(Event::Joined(participant("Ada")));
    house.event(Event::Joined(participant("Ada")));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::AgentJoined { name: name("Ada") })]);
    assert_eq!(house.session().phase, Phase::Active);
}

#[test]
fn a_live_agent_who_writes_is_there() {
    let mut house = queued();
    house.agent_writes("hello");
    assert_eq!(house.session().phase, Phase::Active);
    assert_eq!(house.session().agent, name("Ada"));
}

#[test]
fn a_live_agent_goes_and_another_comes() {
    let mut house = queued();
    house.event(Event::Joined(participant("Ada")));
    house.event(Event::Left(Participant::default()));
    house.event(Event::Joined(participant("Grace")));
    house.event(Event::Transferred { to: name("Alan"), queue: None });
    assert_eq!(
        house.customer_gets()[1..],
        [
            Parcel::Notice(Notice::AgentLeft { name: name("Ada") }),
            Parcel::Notice(Notice::AgentJoined { name: name("Grace") }),
            Parcel::Notice(Notice::Transferred { name: name("Alan") }),
        ]
    );
}

#[test]
fn a_place_in_the_queue_is_told_where_the_vendor_tells_it() {
    let mut house = queued();
    house.event(Event::Queued(QueueStatus::default()));
    assert!(house.customer_gets().is_empty());
    let status = QueueStatus { position: Some(1), ..QueueStatus::default() };
    house.event(Event::Queued(status.clone()));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::Queued(status))]);
}

#[test]
fn events_that_come_with_a_pending_start_prove_it() {
    for (event, status) in [
        (Event::Queued(QueueStatus::default()), StartStatus::Queued),
        (Event::Routed(Routing::Accepted), StartStatus::Queued),
        (Event::Joined(participant("Ada")), StartStatus::Connected),
    ] {
        let mut house = House::new();
        house.start();
        house.vendor(crate::words::started(&["chat-7"], Vec::new(), false));
        house.event(event);
        assert_eq!(house.customer_gets()[0], start_result("activity-1", "chat-7", status));
    }
}

#[test]
fn events_that_come_before_the_vendors_id_do_not_answer_without_it() {
    let mut house = House::new();
    house.start();
    house.event(Event::Joined(participant("Ada")));
    assert_eq!(house.session().phase, Phase::Active);
    house.vendor_takes("chat-7", Vec::new());
    assert_eq!(
        house.customer_gets(),
        [
            Parcel::Notice(Notice::AgentJoined { name: name("Ada") }),
            start_result("activity-1", "chat-7", StartStatus::Connected)
        ]
    );
}

#[test]
fn a_message_that_the_vendor_could_not_show_is_told() {
    let mut house = queued();
    let fate = |fate| Event::Delivery { message: "m".to_owned(), fate };
    house.event(fate(MessageFate::Delivered));
    house.event(fate(MessageFate::Read));
    assert!(house.customer_gets().is_empty());
    house.event(fate(MessageFate::Failed("blocked".to_owned())));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::NotDelivered)]);
}

#[test]
fn further_keys_are_kept_behind_the_first() {
    let mut house = queued();
    house.event(Event::Reference(vec!["case-1".to_owned(), "chat-7".to_owned()]));
    house.event(Event::Reference(vec!["case-1".to_owned()]));
    assert_eq!(house.session().vendor.lookup_keys, ["chat-7", "case-1"]);
    assert_eq!(house.session().live_chat_conversation_id(), "chat-7");
}

#[test]
fn what_is_for_the_record_only_changes_nothing_for_the_customer() {
    let mut house = queued();
    for event in [
        Event::MessageDeleted("m".to_owned()),
        Event::IdentityChanged("other".to_owned()),
        Event::Ignored("own echo".to_owned()),
    ] {
        assert_eq!(house.event(event), Heard::Accepted);
    }
    assert!(house.customer_gets().is_empty());
}

#[test]
fn routing_that_fails_in_the_queue_is_told_in_the_chat() {
    let mut house = queued();
    house.event(Event::Routed(Routing::NoAgents));
    assert_eq!(house.customer_gets(), [Parcel::Notice(Notice::NoAgents)]);
    assert!(matches!(house.session().phase, Phase::Ended(_)));
}

#[test]
fn a_machines_words_make_nobody_a_live_agent() {
    let mut house = House::new();
    house.start();
    assert!(house.vendor(started(&["chat-7"], Vec::new(), false)));
    let mut words = agent_message("Please wait");
    words.author = Participant { role: name("Bot"), ..participant("Flow") };
    house.event(Event::Message(words.clone()));
    assert_eq!((house.session().phase, &house.session().agent), (Phase::Queued, &None));
    assert_eq!(
        house.customer_gets(),
        [start_result("activity-1", "chat-7", StartStatus::Queued), Parcel::AgentMessage(words.clone())]
    );
    house.event(Event::Joined(participant("Ada")));
    house.event(Event::Message(words));
    assert_eq!((house.session().phase, &house.session().agent), (Phase::Active, &name("Ada")));
}

#[test]
fn a_message_without_a_name_is_of_whoever_was_there_when_it_was_written() {
    let mut house = House::new();
    house.start();
    assert!(house.vendor(started(&["chat-7"], Vec::new(), false)));
    house.event(Event::Joined(participant("Ada")));
    house.customer_gets();
    let mut unnamed = agent_message("Good morning");
    unnamed.author = Participant::default();
    house.event(Event::Message(unnamed.clone()));
    house.event(Event::Left(participant("Ada")));
    unnamed.author.name = name("Ada");
    let expected = [Parcel::AgentMessage(unnamed), Parcel::Notice(Notice::AgentLeft { name: name("Ada") })];
    assert_eq!(house.customer_gets(), expected);
}
