//! Whatever the bot's side posts is read or refused, never a panic; what is read has its ids within their limits, and
//! leads to no host but those of the side's list.
#![no_main]

use std::sync::LazyLock;

use handover_channel::refusal::{ATTACHMENT_LIMIT, ID_LIMIT, TEXT_LIMIT};
use handover_channel::{BotSide, Inbound, read};
use handover_handoff::address::{ReturnAddress, Route};
use handover_handoff::turn::Request;
use handover_handoff::{ConversationKey, Timestamp};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

static SIDES: LazyLock<[BotSide; 2]> = LazyLock::new(|| {
    let elsewhere = BotSide::new("contoso");
    [BotSide { local: true, ..elsewhere.clone() }, elsewhere]
});

fuzz_target!(|body: &[u8]| {
    for side in SIDES.iter() {
        let Ok(inbound) = read(body, side, NOW) else { continue };
        match &inbound {
            Inbound::Turn(turn) => {
                named(&turn.key, side);
                led(&turn.address, side);
                // The end of a conversation may come without a sender; nothing is sent for it.
                if turn.request == Request::Release {
                    assert_eq!(
                        (&turn.address.to_bot, &turn.address.to_customer),
                        (&Route::Held, &Route::Held)
                    );
                } else {
                    id(&turn.customer.id);
                }
                if let Some(activity) = &turn.activity {
                    id(activity);
                }
                asked(&turn.request);
            }
            Inbound::Typing { key, address, .. } | Inbound::UnknownEvent { key, address, .. } => {
                named(key, side);
                led(address, side);
            }
            Inbound::Nothing { .. } => {}
        }
        assert_eq!(Some(inbound), read(body, side, NOW).ok(), "read twice, and not the same");
    }
});

fn id(id: &str) {
    assert!(!id.trim().is_empty() && id.len() <= ID_LIMIT, "an id of {} bytes", id.len());
    assert!(!id.chars().any(char::is_control) && !matches!(id, "." | ".."), "{id:?}");
}

fn named(key: &ConversationKey, side: &BotSide) {
    assert_eq!(key.tenant, side.tenant);
    id(&key.conversation);
    id(&key.channel);
}

fn asked(request: &Request) {
    let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= TEXT_LIMIT);
    match request {
        Request::Message { message, problem } => {
            assert!(message.text.len() <= TEXT_LIMIT, "a text of {} bytes", message.text.len());
            assert!(short(problem) && message.attachments.len() <= ATTACHMENT_LIMIT);
        }
        Request::Start(start) => assert!(short(&start.problem)),
        Request::End | Request::Release => {}
    }
}

fn led(address: &ReturnAddress, side: &BotSide) {
    for route in [&address.to_bot, &address.to_customer] {
        let url = match route {
            Route::SkillCallback { base } | Route::ChannelAsBot { base } => base,
            Route::SignedUrl { url } => {
                assert!(address.service_url.is_empty(), "a signed address stands beside its route");
                url
            }
            Route::Held => continue,
        };
        let url = Url::parse(url).expect("a route is an address");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let listed = side.service_hosts.iter().chain(&side.runtime_hosts).any(|host| host.matches(&url));
        let allowed =
            (listed && url.scheme() == "https") || (side.local && here) || url == side.teams_connector_url;
        assert!(allowed, "leads to {}", url.host_str().unwrap_or_default());
    }
}
