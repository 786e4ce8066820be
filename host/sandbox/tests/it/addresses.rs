//! Names lead where they were checked to lead, and further hosts only where the operator lets them.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use handover_sandbox::egress::{Addresses, Resolver};
use handover_sandbox::{FurtherHosts, Generation, Limits, Sandbox, UpstreamConfig};
use serde_json::json;

use crate::house::{House, bounded, built, refusal, serving};
use crate::people::say;
use crate::vendor::Vendor;

/// Answers as it was told, in turn, the last answer again and again; and keeps who was asked for.
struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    fn answering(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().map(parse).collect()), asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolver for Names {
    fn resolve(&self, name: &str) -> Addresses {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
        Box::pin(async move { Ok(answer) })
    }
}

/// `wants-other-upstream` with `http://vendor.example` of the port at which the vendor listens, and the echo beside it.
async fn wanderer(
    vendor: &Vendor,
    names: &Arc<Names>,
    change: impl FnOnce(&mut UpstreamConfig),
) -> (House, Arc<Sandbox>, Arc<Generation>) {
    let mut house = House::new();
    let base = vendor.base.replace("127.0.0.1", "vendor.example");
    house.drop_in("wants-other-upstream", &base, Limits::default());
    let config = house.connectors.get_mut("wants-other-upstream").unwrap();
    let upstream = config.upstreams.get_mut("api").unwrap();
    upstream.allow_plain = true;
    change(upstream);
    house.grant("echo", &vendor.base);
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open_with(Arc::clone(names) as Arc<dyn Resolver>).await;
    let generation = serving(&sandbox, "wants-other-upstream");
    (house, sandbox, generation)
}

#[tokio::test]
async fn a_name_that_means_something_else_the_second_time_leads_nowhere() {
    let vendor = Vendor::new().await;
    // Public to all who look, given to nobody since 2006, and so on no way (RFC 3701).
    let names = Names::answering(&[&["3ffe::1"], &["127.0.0.1"]]);
    let (_house, sandbox, wanderer) = wanderer(&vendor, &names, |_| {}).await;
    let said = bounded(say(&wanderer, "api|/")).await.unwrap();
    assert!(said.starts_with("Error::Unreachable"), "{said}");
    assert!(!said.contains("public address"), "it was taken for a public one: {said}");
    assert_eq!(names.asked(), ["vendor.example"], "who checks and who connects go by the same answer");
    let said = bounded(say(&wanderer, "api|/")).await.unwrap();
    assert!(said.contains("vendor.example has no public address, but one for loopback (RFC 1122)"), "{said}");
    assert_eq!(names.asked().len(), 2);
    assert_eq!(vendor.asked().len(), 0);
    assert_eq!(say(&serving(&sandbox, "echo"), "hello").await.unwrap(), "before|1.0.0:hello");
}

#[tokio::test]
async fn of_many_addresses_only_those_that_are_let_through_are_gone_to() {
    let vendor = Vendor::new().await;
    let names = Names::answering(&[&["169.254.169.254", "::ffff:169.254.169.254", "127.0.0.1"]]);
    let (_house, _sandbox, wanderer) =
        wanderer(&vendor, &names, |upstream| upstream.allow_private = true).await;
    assert_eq!(say(&wanderer, "api|/").await.unwrap(), "200 None taken");
}

#[tokio::test]
async fn a_metadata_service_is_not_reached_with_leave_for_the_own_network() {
    let vendor = Vendor::new().await;
    let metadata = ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "::ffff:169.254.169.254"];
    let names = Names::answering(&[&metadata]);
    let (_house, _sandbox, wanderer) =
        wanderer(&vendor, &names, |upstream| upstream.allow_private = true).await;
    let said = say(&wanderer, "api|/").await.unwrap();
    assert!(said.contains("has no public address, but one for a cloud's metadata service"), "{said}");
}

#[tokio::test]
async fn every_spelling_of_a_further_host_but_a_plain_name_in_the_pattern_is_denied() {
    let vendor = Vendor::new().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let (_house, _sandbox, wanderer) = wanderer(&vendor, &names, |upstream| {
        upstream.allow_private = true;
        upstream.further_hosts =
            vec![FurtherHosts { pattern: "*.hosts.example".parse().unwrap(), with_credential: false }];
    })
    .await;
    for host in [
        "hosts.example",
        "evil.example",
        "evilhosts.example",
        "a.hosts.example.evil.example",
        "a@b.hosts.example",
        "evil.example@a.hosts.example",
        "a.hosts.example:81",
        "a.hosts.example.",
        "a.hosts.example/x",
        "//a.hosts.example",
        "\\\\a.hosts.example",
        "a%2ehosts.example",
        "a.hosts.example#",
        "a.hosts.example?",
        "a.hosts.example\r\nx: y",
        "a.h\u{43e}sts.example",
        "a\u{3002}hosts.example",
        "xn--hsts-0bd.example",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "localhost",
        "-a.hosts.example",
        "*.hosts.example",
    ] {
        let said = say(&wanderer, &format!("api|/|{host}")).await.unwrap();
        assert!(said.starts_with("Error::Denied("), "{host:?}: {said}");
    }
    assert_eq!((vendor.asked().len(), names.asked().len()), (0, 0));
    for host in ["a.hosts.example", "A.b.Hosts.example", "xn--bcher-kva.hosts.example"] {
        assert_eq!(say(&wanderer, &format!("api|/x|{host}")).await.unwrap(), "200 None taken", "{host}");
        let asked = vendor.asked().pop().unwrap();
        assert!(asked.header("host").unwrap().starts_with(&format!("{}:", host.to_ascii_lowercase())));
        assert_eq!(asked.path, "/below/x", "the base's path stays");
    }
}

#[tokio::test]
async fn what_the_operator_spelled_out_in_the_base_is_no_leave_for_further_hosts() {
    let vendor = Vendor::new().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let (_house, _sandbox, wanderer) = wanderer(&vendor, &names, |upstream| {
        upstream.base_url = vendor.base.parse().unwrap();
        upstream.further_hosts =
            vec![FurtherHosts { pattern: "a.hosts.example".parse().unwrap(), with_credential: false }];
    })
    .await;
    assert_eq!(say(&wanderer, "api|/").await.unwrap(), "200 None taken");
    let said = say(&wanderer, "api|/|a.hosts.example").await.unwrap();
    assert!(said.contains("a.hosts.example has no public address"), "{said}");
    assert_eq!(vendor.asked().len(), 1);
}

#[tokio::test]
async fn a_credential_goes_to_further_hosts_only_where_the_operator_says_so() {
    let vendor = Vendor::new().await;
    let names = Names::answering(&[&["127.0.0.1"]]);
    let mut house = House::new();
    let credential = house.credential(json!({ "kind": "bearer" }), "token", "planted-bearer").await;
    house.drop_in("misuses-credentials", &vendor.base, Limits::default());
    let config = house.connectors.get_mut("misuses-credentials").unwrap();
    config.credentials = [("api-key".to_owned(), credential)].into();
    let upstream = config.upstreams.get_mut("api").unwrap();
    upstream.allow_private = true;
    let hosts =
        |pattern: &str, with_credential| FurtherHosts { pattern: pattern.parse().unwrap(), with_credential };
    upstream.further_hosts = vec![hosts("trusted.hosts.example", true), hosts("*.hosts.example", false)];
    let files = upstream.clone();
    config.upstreams.insert("files".to_owned(), files);
    let sandbox = house.open_with(names).await;
    let misuser = serving(&sandbox, "misuses-credentials");
    for way in
        ["api|/", "api|/|trusted.hosts.example", "api|/|other.hosts.example", "files|/|trusted.hosts.example"]
    {
        assert_eq!(say(&misuser, way).await.unwrap(), "200 None taken", "{way}");
    }
    let had: Vec<bool> = vendor.asked().iter().map(|asked| asked.header("authorization").is_some()).collect();
    assert_eq!(had, [true, true, false, false]);
}

#[tokio::test]
async fn an_upstream_that_will_not_do_is_told_when_the_file_is_dropped_in() {
    for (base, why) in [
        ("http://vendor.example/", "it is plain http, which anybody on the way can read"),
        ("http://169.254.169.254/", "it is an address for a cloud's metadata service, where no vendor is"),
        ("https://jane:secret@vendor.example/", "it holds a user or a password"),
    ] {
        let mut house = House::new();
        house.drop_in("echo-v1", base, Limits::default());
        let reason = refusal(&*house.open().await, "echo-v1").unwrap();
        let told = format!("`connectors.echo-v1.upstreams.api.base_url`: {why}");
        assert!(reason.starts_with(&told), "{base}: {reason}");
        assert!(!reason.contains("secret"), "{reason}");
    }
}

#[tokio::test]
async fn declared_further_hosts_are_within_what_is_granted() {
    for (granted, serves) in
        [("*.vendor.example", true), ("*.eu.vendor.example", true), ("a.eu.vendor.example", false)]
    {
        let mut house = House::new();
        house.drop_in("asks-for-further-hosts", "https://vendor.example", Limits::default());
        let config = house.connectors.get_mut("asks-for-further-hosts").unwrap();
        config.upstreams.get_mut("api").unwrap().further_hosts =
            vec![FurtherHosts { pattern: granted.parse().unwrap(), with_credential: false }];
        let sandbox = house.open().await;
        assert_eq!(sandbox.connector("asks-for-further-hosts").is_some(), serves, "{granted}");
    }
}
