//! Dead letters on the command line: listed, shown, sent on their way again in order, discarded.

use std::path::Path;

use serde_json::{Value, json};

use crate::bot::Answer;
use crate::gateway::run;
use crate::house::House;
use crate::patience::eventually;

/// What the program says, and whether it went well.
async fn says(house: &House, arguments: &[&str]) -> (bool, String) {
    let admin = house.gateway.admin_addr();
    let all = [arguments, &["--admin-addr", &admin]].concat();
    let output = run(&all, &[], Path::new(".")).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// A session whose live agent wrote two messages that the channel refused.
async fn refused() -> (House, String) {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let gone = || Answer { status: 403, retry_after: None, body: Value::Null };
    house.bot.will_answer("refused", [gone(), gone()]);
    for nth in ["one", "two"] {
        let message = house.desk.says(&live, &format!("refused {nth}")).await;
        house.desk.sees(&live, &message, "not-delivered").await;
    }
    house.desk.says(&live, "three").await;
    house.bot.shows("a:1jane", "**Contoso Support**: three").await;
    (house, live)
}

#[tokio::test]
async fn what_did_not_arrive_is_listed_shown_and_sent_again_in_order() {
    let (house, live) = refused().await;
    let (well, list) = says(&house, &["dead-letters"]).await;
    assert!(well && list.contains("agent-message") && list.contains("rejected"), "{list}");
    assert!(!list.contains("refused one"), "a list tells nothing of what was said: {list}");
    let letters: Vec<&str> = list.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(letters.len(), 2, "{list}");

    let (well, one) = says(&house, &["dead-letters", "show", letters[0]]).await;
    assert!(well && one.contains("refused one"), "{one}");

    let (well, told) = says(&house, &["dead-letters", "redrive"]).await;
    assert!(
        !well && told.contains("say which"),
        "nobody redrives all by having forgotten to say which: {told}"
    );
    let (well, told) = says(&house, &["dead-letters", "redrive", "--all"]).await;
    assert!(well && told.contains("2 on their way again, 0 refused"), "{told}");
    house.bot.shows("a:1jane", "**Contoso Support**: refused two").await;
    let taken: Vec<String> = house
        .bot
        .about("a:1jane")
        .iter()
        .filter(|post| post.status < 300 && post.text().starts_with("**Contoso"))
        .map(|post| post.text().rsplit(": ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(taken, ["three", "refused one", "refused two"]);
    eventually("no dead letters", || async {
        let (_, list) = says(&house, &["dead-letters"]).await;
        if list == "No dead letters.\n" { Ok(()) } else { Err(list) }
    })
    .await;
    house.desk.closes(&live).await;
    house.bot.ends("a:1jane", "sendMessage").await;
}

#[tokio::test]
async fn nothing_follows_an_end_and_what_is_discarded_is_gone() {
    let (house, live) = refused().await;
    house.desk.closes(&live).await;
    house.bot.ends("a:1jane", "sendMessage").await;
    let (well, told) = says(&house, &["dead-letters", "redrive", "--connector", "contoso"]).await;
    assert!(well && told.contains("0 on their way again, 2 refused") && told.contains("has ended"), "{told}");
    let (well, told) = says(&house, &["dead-letters", "discard", "--all"]).await;
    assert!(well && told.contains("2 discarded"), "{told}");
    let (_, list) = says(&house, &["dead-letters"]).await;
    assert_eq!(list, "No dead letters.\n");
    let (well, told) = says(&house, &["dead-letters", "show", "nonsense"]).await;
    assert!(!well, "{told}");
}

#[tokio::test]
async fn an_operator_ends_a_chat_and_erases_a_customer() {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let customer = jane.message("x")["from"]["id"].as_str().expect("an id").to_owned();
    let (well, told) = says(&house, &["forget", &customer]).await;
    assert!(well && told.starts_with("1 sessions"), "{told}");
    house.bot.ends("a:1jane", "sendMessage").await;
    let shown = house.bot.shown("a:1jane");
    assert!(shown.iter().any(|text| text.contains("ended by our team")), "{shown:?}");
    house.desk.sees_end(&live).await;
    // The first call ended the session; once that is told, nothing of it is left.
    eventually("nothing of that customer", || async {
        let (_, told) = says(&house, &["forget", &customer]).await;
        if told.starts_with("0 sessions") { Ok(()) } else { Err(told) }
    })
    .await;
    // Another page on this machine's browser cannot ask for that: it could not send this kind of body.
    let url = format!("http://{}/admin/api/customers/forget", house.gateway.admin_addr());
    let simple = house
        .http
        .post(url)
        .header("content-type", "text/plain")
        .body(json!({ "customer": "x" }).to_string());
    assert_eq!(simple.send().await.expect("an answer").status().as_u16(), 400);
}
