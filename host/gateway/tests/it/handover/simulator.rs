//! The whole with the simulated Teams and Copilot Studio before the gateway, as the demo has it.

use std::net::Ipv4Addr;

use crate::component::contoso;
use crate::gateway::Gateway;
use crate::house::House;
use crate::page::Page;

#[tokio::test]
async fn escalate_chat_end_and_once_more_with_a_goodbye() {
    let mut house = House::closed("").await;
    let config = teams_simulator::Config { addr: (Ipv4Addr::LOCALHOST, 0).into(), ..Default::default() };
    let simulator = teams_simulator::serve(config, std::future::pending()).await.expect("a simulator");
    let environment = [
        ("HANDOVER__BOT__RUNTIME_HOSTS", format!("[\"{}\"]", simulator.addr())),
        ("HANDOVER__BOT__TEAMS_CONNECTOR_URL", simulator.connector_url()),
    ];
    house.gateway = Gateway::new(house.folder.path(), &environment);
    house.desk.calls(&house.gateway.url("/api/livechat/messages"));
    simulator.set_skill_url(house.gateway.url("/api/messages"));
    house.install("contoso.wasm", &contoso());
    house.gateway.start().await;
    let page = Page::open(&house.http, simulator.addr()).await;

    let live = page.escalates().await;
    house.desk.hears(&live, "My laptop is on fire").await;
    house.desk.says(&live, "Is it **still** burning?").await;
    page.reads("Is it **still** burning?").await;
    page.writes("A little").await;
    house.desk.hears(&live, "A little").await;
    house.desk.closes(&live).await;
    page.reads("The chat was closed").await;
    page.reads("The live chat has ended; you are talking to Contoso Agent again.").await;
    page.finds_bot("idle").await;
    page.writes("hello").await;
    page.reads("How can I help you today?").await;

    let next = page.escalates().await;
    assert_ne!(next, live, "a new handover is a new conversation");
    house.desk.hears(&next, "My laptop is on fire").await;
    page.writes("Good bye").await;
    page.reads("Contoso Live Chat conversation ended").await;
    assert_eq!(house.desk.sees_end(&next).await["endedBy"], "customer");
    page.finds_bot("idle").await;
}
