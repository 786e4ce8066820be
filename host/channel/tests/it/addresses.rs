//! Where replies go, and whose addresses are refused.

use handover_channel::{BotSide, Inbound};
use handover_handoff::address::Route;
use serde_json::{Value, json};

use crate::stage::{RUNTIME, envelope, local, read_at, refusal, side, turn, with};

fn message_at(service_url: &str) -> Value {
    with(envelope("message"), json!({"serviceUrl": service_url, "text": "x"}))
}

#[test]
fn services_of_the_protocol_are_allowed() {
    for url in [
        "https://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net/emea/t-1/",
        "https://directline.botframework.com/",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
        "https://smba.infra.gov.teams.microsoft.us/teams",
        RUNTIME,
    ] {
        assert!(read_at(&side(), &message_at(url)).is_ok(), "{url}");
    }
}

#[test]
fn look_alikes_are_refused() {
    for side in [side(), local()] {
        for url in [
            "https://smba.trafficmanager.net.evil.example/",
            "https://smb.evil/",
            "https://smbaXtrafficmanager.net/",
            "https://evil.example/?u=https://pvaruntime",
            "https://evil.example/pvaruntime.us-il102.gateway.prod.island.powerapps.com/",
            "https://evilbotframework.com/",
            "https://gateway.prod.island.powerapps.com.evil.example/",
            "https://smba.trafficmanager.net@evil.example/",
            "https://smba.trafficmanager.net:pw@evil.example/",
            "https://user@smba.trafficmanager.net/",
            "https://evil.example\\.smba.trafficmanager.net/",
            "http://smba.trafficmanager.net/teams/",
            "ftp://smba.trafficmanager.net/",
            "https://smba.trafficmanager.net/teams/?x=",
            "https://smba.trafficmanager.net/teams/#x",
            "http://169.254.169.254/metadata",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost.evil.example/",
            "//localhost/",
            "localhost:5002",
            "not a url",
        ] {
            let why = refusal(&side, &message_at(url));
            assert!(why.contains("serviceUrl"), "{url}: {why}");
        }
    }
}

#[test]
fn an_address_on_this_machine_is_for_local_mode_only() {
    for url in ["http://localhost:5002/", "http://127.0.0.1:5002/runtime", "https://[::1]:5002/"] {
        assert!(read_at(&local(), &message_at(url)).is_ok(), "{url}");
        assert!(refusal(&side(), &message_at(url)).contains("not one of the allowed"), "{url}");
    }
}

#[test]
fn the_operator_may_allow_more() {
    let mut side = side();
    side.service_hosts.push("gov.example:8443".parse().expect("a host"));
    assert!(read_at(&side, &message_at("https://gov.example:8443/api")).is_ok());
    assert!(refusal(&side, &message_at("https://gov.example/api")).contains("gov.example"));
    assert!(refusal(&side, &message_at("http://gov.example:8443/")).contains("https"));
}

#[test]
fn a_runtime_on_this_machine_is_a_runtime_where_configured() {
    let connector = "http://127.0.0.1:5002/teams/";
    let side = BotSide {
        runtime_hosts: vec!["127.0.0.1:5002".parse().expect("a host")],
        teams_connector_url: connector.parse().expect("an address"),
        ..local()
    };
    let runtime = "http://127.0.0.1:5002/api/runtime/bots/1/skillsV2";
    let address = |url: &str| match read_at(&side, &message_at(url)) {
        Ok(Inbound::Turn(turn)) => turn.address,
        other => panic!("{other:?}"),
    };
    let turn = address(runtime);
    assert_eq!(turn.to_customer, Route::ChannelAsBot { base: connector.to_owned() });
    assert_eq!(turn.to_bot, Route::SkillCallback { base: runtime.to_owned() });
    let other = "http://127.0.0.1:5009/api";
    assert_eq!(address(other).to_customer, Route::ChannelAsBot { base: other.to_owned() });
}

#[test]
fn off_teams_everything_goes_to_the_activitys_own_service() {
    for (role, as_skill) in [("skill", true), ("bot", false)] {
        let activity = with(
            message_at(RUNTIME),
            json!({"channelId": "webchat", "recipient": {"id": "b", "role": role}}),
        );
        let address = turn(&activity).address;
        let base = RUNTIME.to_owned();
        let expected = if as_skill {
            Route::SkillCallback { base: base.clone() }
        } else {
            Route::ChannelAsBot { base: base.clone() }
        };
        assert_eq!((address.to_customer, address.to_bot), (expected, Route::SkillCallback { base }));
    }
}

#[test]
fn a_missing_address_is_taken_from_the_reference_and_checked_as_well() {
    let with_reference = |url: &str| {
        with(envelope("message"), json!({"serviceUrl": null, "text": "x", "relatesTo": {"serviceUrl": url}}))
    };
    assert_eq!(turn(&with_reference(RUNTIME)).address.service_url, RUNTIME);
    assert!(refusal(&side(), &with_reference("https://smb.evil/")).contains("serviceUrl"));
}

#[test]
fn where_a_reply_must_be_posted_an_address_is_needed() {
    for kind in
        [json!({"type": "message"}), json!({"name": "startConversation"}), json!({"name": "endConversation"})]
    {
        let activity = with(with(envelope("event"), json!({"serviceUrl": null})), kind);
        assert_eq!(refusal(&side(), &activity), "`serviceUrl` is missing or empty");
        let inline = with(activity, json!({"deliveryMode": "expectReplies"}));
        assert_eq!(turn(&inline).address.to_customer, Route::Held);
    }
}

#[test]
fn a_signed_address_stays_in_its_route() {
    let url = "https://x.gateway.prod.island.powerapps.com/external-agent?conversationId=c&sig=SECRET";
    let activity = with(message_at(url), json!({"recipient": {"id": "b", "role": "connectorUser"}}));
    let address = turn(&activity).address;
    assert_eq!(address.to_customer, Route::SignedUrl { url: url.to_owned() });
    assert_eq!(address.to_bot, address.to_customer);
    assert_eq!(address.service_url, "");
    let elsewhere = "https://evil.example/?sig=SECRET";
    let refused = refusal(&side(), &with(activity, json!({ "serviceUrl": elsewhere })));
    assert!(!refused.contains("SECRET"), "{refused}");
}
