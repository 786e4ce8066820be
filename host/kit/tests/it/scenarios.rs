//! Scenarios as authors write them, mistakes included: each is told with its place.

use handover_kit::{Scenario, ScenarioError};

const LEAST: &str = r#"
[upstreams.api]
[exchanges.start]
request = "POST /start"
answer = { json = { id = "c-1" } }
[start]
exchanges = ["start"]
lookup_keys = ["c-1"]
[send]
exchanges = []
[end]
exchanges = []
"#;

fn wrong(more: &str) -> String {
    match Scenario::parse(&format!("{LEAST}{more}")) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is taken: {more}"),
    }
}

#[test]
fn the_least_there_can_be_is_a_scenario() {
    Scenario::parse(LEAST).unwrap();
}

#[test]
fn the_page_of_documentation_is_a_scenario() {
    let page = include_str!("../../SCENARIO.md");
    let parts: Vec<&str> =
        page.split("```toml").skip(1).filter_map(|part| part.split("```").next()).collect();
    assert!(parts.len() > 3);
    Scenario::parse(&parts.join("\n")).unwrap();
}

#[test]
fn what_is_misspelt_is_named() {
    assert!(wrong("[typo]\n").contains("unknown field `typo`"), "{}", wrong("[typo]\n"));
    let request = wrong("[exchanges.x]\nrequest = \"SEND it\"\n");
    assert!(request.contains("[exchanges.x]") && request.contains("POST /path"), "{request}");
    let names = wrong("[typing]\nexchanges = [\"nowhere\"]\n");
    assert!(names.contains("[typing] names the exchange `nowhere`"), "{names}");
    let event = wrong("[[callback]]\nname = \"x\"\njson = {}\nevents = [{ mesage = \"Hi\" }]\n");
    assert!(event.contains("needs exactly one of message"), "{event}");
    let field =
        wrong("[[callback]]\nname = \"x\"\njson = {}\nevents = [{ message = \"Hi\", autor = \"A\" }]\n");
    assert!(field.contains("`autor`") && field.contains("author"), "{field}");
    let outcome = wrong("[[callback]]\nname = \"x\"\njson = {}\n");
    assert!(outcome.contains("needs one of events, echo, malformed and unmapped"), "{outcome}");
}

#[test]
fn words_that_mean_nothing_are_named_with_those_that_there_are() {
    let exchange = |more: &str| {
        wrong(&format!(
            "[[poll]]\nname = \"x\"\nexchanges = [\"x\"]\nevents = []\n[exchanges.x]\nrequest = \"POST /x\"\n{more}\n"
        ))
    };
    for more in ["json = { id = \"{custumer.id}\" }", "answer = { body = \"{custumer.id}\" }"] {
        let placeholder = exchange(more);
        assert!(placeholder.contains("`{custumer.id}` is none of {any}, {session.id}"), "{placeholder}");
    }
    let means = exchange("means = { 401 = \"banana\" }");
    assert!(
        means.contains("means 401: `banana` is none of rejected") && means.contains("success"),
        "{means}"
    );
    let status = exchange("means = { 4o1 = \"success\" }");
    assert!(status.contains("`4o1` is no status"), "{status}");
    let refusal = wrong(
        "[[refusal]]\nname = \"x\"\ncall = \"start\"\nexchange = \"start\"\nanswer = {}\n\
         reason = \"banana\"\nretry = \"nevr\"\n",
    );
    assert!(refusal.contains("`banana` is none of") && refusal.contains("no-agents"), "{refusal}");
    assert!(refusal.contains("`nevr` is none of never, safe, unknown-outcome"), "{refusal}");
    let verdict = wrong("[[reconcile]]\nname = \"x\"\nexchanges = []\nverdict = \"took\"\n");
    assert!(verdict.contains("`took` is none of taken, not-taken, unknown"), "{verdict}");
    let unused = wrong("[exchanges.x]\nrequest = \"POST /x\"\n");
    assert!(unused.contains("[exchanges.x] is named by nothing"), "{unused}");
    // What is in braces in an answer may be the vendor's own.
    let own = LEAST.replace("id = \"c-1\"", "id = \"c-1\", href = \"/people/{id}\"");
    Scenario::parse(&own).unwrap();
}

#[test]
fn several_files_are_one_and_say_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.toml"), folder.path().join("two.toml"));
    std::fs::write(&one, LEAST).unwrap();
    std::fs::write(&two, "[[callback]]\nname = \"x\"\njson = {}\nevents = []\n").unwrap();
    Scenario::read(&[&one, &two]).unwrap();
    std::fs::write(&two, "[exchanges.start]\nrequest = \"POST /other\"\n").unwrap();
    let twice = Scenario::read(&[&one, &two]);
    assert!(
        matches!(&twice, Err(ScenarioError::Twice { key, .. }) if key == "exchanges.start.request"),
        "{twice:?}"
    );
}

#[tokio::test]
async fn only_some_checks_can_be_waived_and_only_with_a_reason() {
    for waived in ["start = \"no\"", "echoes = \"\""] {
        let scenario = Scenario::parse(&format!("{LEAST}[waived]\n{waived}\n")).unwrap();
        let refused = handover_kit::test(b"", &scenario).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("may be waived")), "{waived}");
    }
}

#[tokio::test]
async fn what_is_no_component_reaches_no_level() {
    let scenario = Scenario::parse(LEAST).unwrap();
    let certificate = handover_kit::test(b"hello", &scenario).await.unwrap();
    assert_eq!(certificate.level, handover_kit::Level::None);
    assert!(certificate.page().contains("FAILED  loads"), "{}", certificate.page());
}
