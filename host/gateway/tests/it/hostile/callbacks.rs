//! Their callbacks beside a chat of Contoso's, which does not notice.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::granted;
use crate::bot::Bot;
use crate::component::guest;
use crate::house::House;
use crate::patience::eventually;

/// Far more than any call may take; a call that never came back would take for ever.
const BOUND: Duration = Duration::from_secs(60);

/// What each does in a callback, by the body that makes it do it, and what the operator reads of it.
const SINS: [(&str, &str, &str); 4] = [
    ("infinite-loop", "{}", "took longer than"),
    ("memory-hog", "{}", "was given: false"),
    ("wants-other-upstream", "{}", "may not reach anything"),
    ("giant-answer", "answer", "more than it may have"),
];

#[tokio::test]
async fn hostile_callbacks_fail_by_themselves() {
    // Whoever is asked by one of them writes it down.
    let victim = Bot::open().await;
    let upstream = format!("http://{}", victim.host());
    let sections: String = SINS.iter().map(|(name, _, _)| granted(name, &upstream)).collect();
    let mut house = House::with(&sections).await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    for (name, _, _) in SINS {
        house.install(&format!("{name}.wasm"), &guest(name));
    }
    eventually("all of them loaded", || async {
        let lines = house.gateway.connectors(&house.http).await;
        let active = lines.iter().filter(|line| line["state"] == "active").count();
        if active == SINS.len() + 1 { Ok(()) } else { Err(json!(lines).to_string()) }
    })
    .await;

    // They sin all the while that the chat goes on, several at a time.
    let sinners: Vec<_> = SINS
        .iter()
        .flat_map(|sin| [sin; 3])
        .map(|(name, body, _)| {
            let (http, url) = (house.http.clone(), house.gateway.url(&format!("/api/callbacks/{name}")));
            tokio::spawn(async move {
                let mut statuses = BTreeMap::new();
                for _ in 0..3 {
                    let request = http.post(&url).body(*body).timeout(BOUND);
                    let status = request.send().await.expect("an answer in time").status().as_u16();
                    *statuses.entry(status).or_insert(0) += 1;
                }
                (*name, statuses)
            })
        })
        .collect();
    let mut said = vec!["My laptop is on fire".to_owned()];
    for nth in 1..=20 {
        jane.says(&format!("customer {nth}")).await;
        said.push(format!("customer {nth}"));
        house.desk.says(&live, &format!("agent {nth}")).await;
    }
    house.desk.hears(&live, "customer 20").await;
    house.bot.shows("a:1jane", "**Contoso Support**: agent 20").await;
    assert_eq!(house.desk.heard(&live).await, said);
    let shown = house.bot.shown("a:1jane");
    let agent: Vec<_> = shown.iter().filter(|text| text.contains(": agent ")).cloned().collect();
    let expected: Vec<_> = (1..=20).map(|nth| format!("**Contoso Support**: agent {nth}")).collect();
    assert_eq!(agent, expected);

    for sinner in sinners {
        let (name, statuses) = sinner.await.expect("it ran");
        // They are kept for a version that can read them; a vendor that comes again would not help.
        assert_eq!(statuses, BTreeMap::from([(200, 3)]), "{name}");
    }
    assert!(victim.posts().is_empty(), "nothing gets out of a callback: {:?}", victim.posts());
    assert!(house.gateway.is_alive());
    assert_eq!(house.get("/readyz").await.0, 200);
    let log = house.gateway.log();
    for (name, _, why) in SINS {
        let told = log.lines().any(|line| line.contains(name) && line.contains(why));
        assert!(told, "{name}: {why:?} is not in\n{log}");
    }
    // A good name beside them is as good as before.
    let joe = house.customer("joe");
    house.escalates(&joe).await;
}
