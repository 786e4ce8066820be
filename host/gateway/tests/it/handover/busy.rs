//! A connector that has as many calls under way as it may have.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn callbacks_wait_for_a_place_instead_of_being_sent_away() {
    let house = House::with("[connectors.contoso.limits]\nconcurrency = 1\n").await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    house.desk.switch(json!({ "fault": "slow", "delayMs": 300 })).await;
    for nth in 1..=4 {
        jane.says(&format!("customer {nth}")).await;
        house.desk.says(&live, &format!("agent {nth}")).await;
    }
    house.desk.switch(json!({ "fault": "none" })).await;
    house.desk.hears(&live, "customer 4").await;
    house.bot.shows("a:1jane", "**Contoso Support**: agent 4").await;
}
