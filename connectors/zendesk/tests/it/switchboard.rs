//! Webhooks: who has the conversation, who types, who is whom.

use handover_connector::{EndReason, Ended, Event, Participant, RoutingResult, Transfer, Typing};
use serde_json::{Value, json};

use crate::exchange::SESSION;
use crate::from_agents::{envelope, events, happened, map};

fn event(kind: &str, payload: Value) -> Event {
    let mut events = events(kind, payload);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn with(active: &Value, more: Value) -> Value {
    let mut payload = more;
    payload["conversation"] = json!({ "activeSwitchboardIntegration": active });
    payload
}

fn agents() -> Value {
    json!({ "id": "5eec", "name": "zd-agentWorkspace", "integrationId": "5f11", "integrationType": "zd:agentWorkspace" })
}

fn ours() -> Value {
    json!({ "id": "5eed", "name": "handover", "integrationId": "5f12", "integrationType": "custom" })
}

#[test]
fn an_agent_who_is_through_ends_the_session() {
    for reason in ["ticketClosed", "transferToEmail"] {
        let ended = Event::Ended(Ended { by: EndReason::LiveAgent, detail: Some(reason.to_owned()) });
        assert_eq!(event("switchboard:releaseControl", json!({ "reason": reason })), ended);
        // Metadata may be that of the last action, which was ours.
        let payload = with(&ours(), json!({ "reason": reason, "metadata": { "handover_session": SESSION } }));
        assert_eq!(event("switchboard:passControl", payload), ended);
    }
}

#[test]
fn control_that_comes_back_without_a_reason_goes_to_the_bot() {
    let back = |kind: &str| Event::ControlReturned(Some(kind.to_owned()));
    assert_eq!(event("switchboard:passControl", with(&ours(), json!({}))), back("switchboard:passControl"));
    assert_eq!(event("switchboard:releaseControl", json!({})), back("switchboard:releaseControl"));
}

#[test]
fn our_own_actions_are_no_news() {
    let metadata = json!({ "metadata": { "handover_session": SESSION } });
    for (kind, active) in [
        ("switchboard:passControl", ours()),
        ("switchboard:passControl", agents()),
        ("switchboard:releaseControl", Value::Null),
    ] {
        let expected = Event::Ignored(format!("{kind}: our own"));
        assert_eq!(event(kind, with(&active, metadata.clone())), expected);
    }
    let offered = event("switchboard:offerControl", with(&agents(), metadata));
    assert!(matches!(offered, Event::Ignored(_)), "{offered:?}");
    let agents_again = event("switchboard:passControl", with(&agents(), json!({})));
    assert_eq!(agents_again, Event::Ignored("switchboard:passControl: to the agents".to_owned()));
}

#[test]
fn another_integration_is_a_transfer() {
    let other = json!({ "id": "5eee", "name": "survey-bot", "integrationType": "custom" });
    let queue = Some("survey-bot".to_owned());
    let transfer = Transfer { from_participant: None, to_participant: None, queue };
    assert_eq!(event("switchboard:passControl", with(&other, json!({}))), Event::Transferred(transfer));
}

#[test]
fn agents_who_cannot_be_reached_fail_the_handover() {
    let payload = json!({ "error": { "code": "switchboard_invalid_target", "message": "…" } });
    assert_eq!(
        event("switchboard:passControl:failure", payload),
        Event::Routed(RoutingResult::Failed("switchboard_invalid_target".to_owned()))
    );
}

#[test]
fn agents_type_and_customers_do_not() {
    let activity = |kind: &str, author: Value| json!({ "activity": { "type": kind, "author": author } });
    let ann = || Some(Participant { id: None, name: Some("Ann".to_owned()), role: None, avatar_url: None });
    let business = json!({ "type": "business", "displayName": "Ann" });
    for (kind, on) in [("typing:start", true), ("typing:stop", false)] {
        let typing = Event::Typing(Typing { author: ann(), on });
        assert_eq!(event("conversation:typing", activity(kind, business.clone())), typing);
    }
    let customer = activity("typing:start", json!({ "type": "user", "userId": "u-1" }));
    assert!(matches!(event("conversation:typing", customer), Event::Ignored(_)));
}

#[test]
fn a_conversation_that_is_deleted_has_ended() {
    let removed = event("conversation:remove", json!({}));
    assert!(matches!(removed, Event::Ended(Ended { by: EndReason::VendorFailure, .. })));
}

#[test]
fn a_merge_of_users_gives_the_session_its_new_keys() {
    let payload = json!({
        "mergedUsers": { "surviving": { "id": "u-2" }, "discarded": { "id": "u-1" } },
        "mergedConversations": { "surviving": { "id": "c-2" }, "discarded": { "id": "c-1" } },
        "reason": "api",
    });
    let mapped = map(&envelope(&[happened("user:merge", payload)])).unwrap();
    let keys = Event::Reference(vec!["user:u-2".to_owned(), "c-2".to_owned()]);
    let identity = Event::IdentityChanged("u-2".to_owned());
    let seen: Vec<_> = mapped.events.iter().map(|e| (e.lookup_key.as_str(), &e.event)).collect();
    assert_eq!(seen, [("user:u-1", &keys), ("user:u-1", &identity), ("c-1", &keys), ("c-1", &identity)]);
    let mut names: Vec<_> = mapped.events.iter().map(|e| e.dedupe_id.clone().unwrap()).collect();
    names.dedup();
    assert_eq!(names.len(), 4, "no two are taken for one");
    let users_only = json!({ "mergedUsers": { "surviving": { "id": "u-2" }, "discarded": { "id": "u-1" } } });
    let mapped = map(&envelope(&[happened("user:merge", users_only)])).unwrap();
    assert_eq!(mapped.events[0].event, Event::Reference(vec!["user:u-2".to_owned()]));
    assert_eq!(mapped.events.len(), 2);
}
