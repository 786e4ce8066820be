//! The audit: a line for what operators do, on the disk before it is done.

use serde_json::{Value, json};

use crate::component::{contoso, marked};
use crate::front::admin::guarded;
use crate::gateway::run;
use crate::house::House;
use crate::patience::eventually;

fn lines<'a>(audit: &'a [Value], what: &str) -> Vec<&'a Value> {
    audit.iter().filter(|line| line["what"] == what).collect()
}

#[tokio::test]
async fn who_did_what_when_and_with_what_outcome_is_written_and_nothing_that_was_said() {
    let house = House::open().await;
    let jane = house.customer("jane").on("directline");
    let live = house.escalates(&jane).await;
    let gone = crate::bot::Answer { status: 403, retry_after: None, body: Value::Null };
    house.bot.will_answer("very private", [gone.clone(), gone]);
    let message = house.desk.says(&live, "very private").await;
    house.desk.sees(&live, &message, "not-delivered").await;
    let admin = house.gateway.admin_addr();
    let says = async |arguments: &[&str]| {
        let all = [arguments, &["--admin-addr", &admin]].concat();
        let out = run(&all, &[], house.folder.path()).await;
        String::from_utf8([out.stdout, out.stderr].concat()).expect("text")
    };
    let list = says(&["dead-letters"]).await;
    let letter = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("a letter").to_owned();
    let session = letter.split('/').next().expect("a session").to_owned();
    assert!(says(&["dead-letters", "show", &letter]).await.contains("very private"));
    says(&["dead-letters", "redrive", &letter]).await;
    says(&["dead-letters", "discard", "--all"]).await;
    says(&["end", "00000000-0000-4000-8000-000000000000"]).await;
    says(&["end", &session]).await;
    let customer = jane.message("x")["from"]["id"].as_str().expect("an id").to_owned();
    says(&["forget", &customer]).await;

    let audit = house.gateway.audit();
    let outcomes = |what: &str| -> Vec<String> {
        let told = lines(&audit, what).into_iter();
        told.map(|line| line["outcome"].as_str().expect("an outcome").to_owned()).collect()
    };
    assert_eq!(outcomes("show"), ["begun", "done"]);
    assert_eq!(outcomes("redrive"), ["begun", "done"]);
    assert_eq!(outcomes("discard"), ["begun", "done"]);
    assert_eq!(outcomes("end"), ["begun", "refused", "begun", "done"]);
    assert_eq!(outcomes("forget"), ["begun", "done"]);
    assert_eq!(outcomes("start"), ["done"]);
    let ended = lines(&audit, "end")[3];
    assert_eq!((&ended["about"], &ended["who"]), (&json!(session), &json!("this machine")));
    assert_eq!((&ended["from"], &ended["id"]), (&json!("127.0.0.1"), &lines(&audit, "end")[2]["id"]));
    assert!(ended["at"].as_str().is_some_and(|at| at.ends_with('Z') && at.contains('T')), "{ended}");
    assert_eq!(lines(&audit, "forget")[1]["detail"], "1 sessions");
    assert_eq!(lines(&audit, "show")[0]["about"], json!(letter));

    let text = json!(audit).to_string();
    assert!(!text.contains("very private") && !text.contains(&customer), "{text}");
    let log = house.gateway.log();
    assert!(log.lines().any(|line| line.contains("audit") && line.contains(&session)), "{log}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::fs::metadata(house.folder.path().join("data/audit.jsonl")).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let house = House::open().await;
    let jane = house.customer("jane");
    let live = house.escalates(&jane).await;
    let file = house.folder.path().join("data/audit.jsonl");
    std::fs::remove_file(&file).expect("it was there");
    std::fs::create_dir(&file).expect("something in its place");
    let url = |path: &str| format!("http://{}/admin/api/{path}", house.gateway.admin_addr());
    let customer = jane.message("x")["from"]["id"].clone();
    let forget = house.http.post(url("customers/forget")).json(&json!({ "customer": customer }));
    let answer = forget.send().await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.expect("text").contains("nothing was done"));
    // The chat goes on, and once there is a file again so does the operator.
    jane.says("still here").await;
    house.desk.hears(&live, "still here").await;
    std::fs::remove_dir(&file).expect("it is there");
    let forget = house.http.post(url("customers/forget")).json(&json!({ "customer": customer }));
    assert_eq!(forget.send().await.expect("an answer").status(), 200);
    assert_eq!(lines(&house.gateway.audit(), "forget").len(), 2);
}

#[tokio::test]
async fn sign_ins_good_and_bad_are_written_down_with_where_they_came_from() {
    let house = guarded().await;
    let sign_in = async |token: &str| {
        let request = house.http.post(format!("http://{}/admin/login", house.gateway.admin_addr()));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(format!("token={token}")).send().await.expect("an answer");
    };
    sign_in("wrong-password-of-somebody").await;
    sign_in("correct-horse-battery-staple-0123").await;
    let connectors = house.http.get(format!("http://{}/admin/api/connectors", house.gateway.admin_addr()));
    let brought = connectors.bearer_auth("wrong-password-of-a-program").send().await.expect("an answer");
    assert_eq!(brought.status(), 401);
    let audit = house.gateway.audit();
    assert_eq!(lines(&audit, "token")[0]["outcome"], "refused");
    let told: Vec<_> =
        lines(&audit, "sign-in").iter().map(|line| (line["who"].clone(), line["outcome"].clone())).collect();
    assert_eq!(told, [(json!("somebody"), json!("refused")), (json!("the token's holder"), json!("done"))]);
    assert!(lines(&audit, "sign-in").iter().all(|line| line["from"] == "127.0.0.1"));
    let text = json!(audit).to_string() + &house.gateway.log();
    assert!(!text.contains("wrong-password") && !text.contains("correct-horse"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn connectors_that_come_and_go_and_the_gateways_own_start_and_stop_are_written_down() {
    let mut house = House::open().await;
    let wait = async |what: &str| {
        eventually(what, || async {
            let audit = house.gateway.audit();
            let found = lines(&audit, what).first().map(|line| (*line).clone());
            found.ok_or_else(|| json!(audit).to_string())
        })
        .await
    };
    wait("connector-serves").await;
    house.install("contoso.wasm", &marked(&contoso(), "another"));
    let swapped = wait("connector-swapped").await;
    assert_eq!(swapped["who"], "the connectors' folder");
    let about = swapped["about"].as_str().expect("what");
    assert_eq!(about.matches("sha256:").count(), 2, "{about}");
    std::fs::remove_file(house.connector("contoso.wasm")).expect("it was there");
    wait("connector-withdrawn").await;
    house.gateway.terminate();
    wait("stop").await;
    house.gateway.kill();
    let audit = house.gateway.audit();
    assert_eq!((lines(&audit, "start").len(), lines(&audit, "stop").len()), (1, 1));
}

#[tokio::test]
async fn nothing_from_outside_begins_a_line_of_the_log_or_the_audit() {
    let house = House::open().await;
    let evil = "x\n2026-01-01T00:00:00Z  INFO audit: who=\"root\"\r\u{1b}[2J\u{202e}";
    let url = |path: &str| format!("http://{}/admin/api/{path}", house.gateway.admin_addr());
    for (path, body) in [
        ("dead-letters/discard", json!({ "connector": evil })),
        ("dead-letters/redrive", json!({ "connector": evil })),
        ("customers/forget", json!({ "customer": evil })),
    ] {
        house.http.post(url(path)).json(&body).send().await.expect("an answer");
    }
    let jane = house.customer("jane");
    let mut forged = jane.event(evil, json!({ "LiveChatConversationId": evil }));
    forged["id"] = json!(evil);
    jane.post(&forged).await;
    let mut start = jane.event("startConversation", json!({}));
    start["conversation"]["id"] = json!(format!("a:{evil}"));
    jane.post(&start).await;
    house.call_back("/api/callbacks/contoso", &json!({ "conversationId": evil, "message": evil })).await;
    let path = "/api/callbacks/contoso%0Awho=root%1b[2J/%0A%0D";
    house.call_back(path, &json!({})).await;

    assert_eq!(
        house.gateway.audit().len(),
        house.gateway.audit().iter().filter(|l| l["who"] != "root").count()
    );
    let log = house.gateway.log();
    assert!(log.contains("root"), "some of it is there, and harmless: {log}");
    assert!(!log.contains(['\r', '\u{1b}', '\u{202e}']), "{log:?}");
    for line in log.lines() {
        assert!(!line.starts_with("2026-01-01") && !line.starts_with("who="), "{line}");
    }
}
