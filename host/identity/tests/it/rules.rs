//! Rules that nobody can be judged by are refused at the start, with all mistakes at once.

use handover_identity::{BotRules, Callers, Cloud, CustomIssuer, Doorkeeper, Kind, Mistake};

use crate::tokens::keys;
use crate::world::{APP, BOT, NOW_MS, OTHER, TENANT, headers, install, v2, with};

fn whole() -> BotRules {
    BotRules {
        app_ids: vec![APP.to_owned()],
        callers: Callers::Listed(vec![BOT.to_owned()]),
        tenant: Some(TENANT.to_owned()),
        ..BotRules::default()
    }
}

fn mistakes(rules: BotRules) -> Vec<Mistake> {
    install();
    Doorkeeper::new(rules).map(|_| ()).expect_err("mistakes").0
}

fn issuer(name: &str, metadata: &str) -> CustomIssuer {
    CustomIssuer {
        issuer: name.to_owned(),
        kind: Kind::Entra,
        metadata: metadata.parse().expect("a url"),
        key_hosts: Vec::new(),
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let rules = BotRules {
        app_ids: Vec::new(),
        audiences: vec![" ".to_owned()],
        tenant: Some("contoso.onmicrosoft.com".to_owned()),
        cloud: Cloud::Custom,
        callers: Callers::default(),
        issuers: Vec::new(),
        local: false,
    };
    let found = "contoso.onmicrosoft.com".to_owned();
    assert_eq!(
        mistakes(rules),
        [
            Mistake::NoAppId,
            Mistake::NoCallers,
            Mistake::NotAGuid { what: "tenant", found },
            Mistake::AudienceEmpty,
            Mistake::NoIssuer,
        ]
    );
}

#[test]
fn app_ids_and_callers_are_guids() {
    for bad in
        ["", "*", "contoso", "{0f8fad5b-d9cb-469f-a165-70867728950e}", "0f8fad5bd9cb469fa16570867728950e"]
    {
        let found = bad.to_owned();
        let rules = BotRules { app_ids: vec![bad.to_owned()], ..whole() };
        assert_eq!(mistakes(rules), [Mistake::NotAGuid { what: "app id", found: found.clone() }]);
        let rules = BotRules { callers: Callers::Listed(vec![bad.to_owned()]), ..whole() };
        assert_eq!(mistakes(rules), [Mistake::NotAGuid { what: "caller", found }]);
    }
}

#[test]
fn anyone_must_be_asked_for_and_asked_for_alone() {
    let list = |entries: &[&str]| Callers::from_list(entries.iter().map(|&entry| entry.to_owned()).collect());
    assert_eq!(list(&["*"]), Ok(Callers::Anyone));
    assert_eq!(list(&[BOT]), Ok(Callers::Listed(vec![BOT.to_owned()])));
    assert_eq!(list(&[]), Ok(Callers::Listed(Vec::new())));
    assert_eq!(list(&[BOT, "*"]), Err(Mistake::AnyoneAndSome));
}

#[test]
fn keys_come_over_https_or_in_local_mode_from_this_machine() {
    let plain = |metadata: &str, local| {
        let rules = BotRules { issuers: vec![issuer("i", metadata)], local, ..whole() };
        install();
        Doorkeeper::new(rules).map(|_| ()).map_err(|error| error.0)
    };
    let mistake =
        |url: &str| Err(vec![Mistake::AddressPlain { issuer: "i".to_owned(), url: url.to_owned() }]);
    for local in ["http://127.0.0.1:5000/m", "http://[::1]:5000/m", "http://localhost/m"] {
        assert_eq!(plain(local, false), mistake(local));
        assert_eq!(plain(local, true), Ok(()));
    }
    for elsewhere in ["http://localhost.evil.example/m", "http://10.0.0.1/m", "ftp://127.0.0.1/m"] {
        assert_eq!(plain(elsewhere, true), mistake(elsewhere));
    }
    assert_eq!(plain("https://login.contoso.example/m", false), Ok(()));
}

#[test]
fn an_issuer_is_listed_once() {
    let url = "https://login.contoso.example/m";
    let rules = BotRules { issuers: vec![issuer("i", url), issuer("j", url), issuer("i", url)], ..whole() };
    assert_eq!(mistakes(rules), [Mistake::IssuerTwice("i".to_owned())]);
}

#[tokio::test]
async fn the_clouds_issuers_are_trusted_and_those_of_other_clouds_and_tenants_are_not() {
    install();
    // A token without a version 1.0 or 2.0 caller ends between the issuer's rule and the first fetch.
    let told = async |rules: BotRules, iss: &str, tid: &str| {
        let claims = with(v2(), serde_json::json!({"iss": iss, "tid": tid, "ver": "9"}));
        let keeper = Doorkeeper::new(rules).expect("rules");
        keeper.admit(&headers(&keys()[0].token(&claims)), NOW_MS).await.expect_err("a refusal").rule()
    };
    let of = |host: &str, tenant: &str| format!("https://{host}/{tenant}/v2.0");
    let public = of("login.microsoftonline.com", TENANT);
    let gov = of("login.microsoftonline.us", TENANT);
    let china = of("login.partner.microsoftonline.cn", TENANT);
    for (cloud, own) in [(Cloud::Public, &public), (Cloud::UsGov, &gov), (Cloud::China, &china)] {
        let rules = BotRules { cloud, ..whole() };
        for issuer in [&public, &gov, &china] {
            let wanted = if issuer == own { "version-unknown" } else { "issuer-unknown" };
            assert_eq!(told(rules.clone(), issuer, TENANT).await, wanted, "{cloud:?} {issuer}");
        }
    }
    let other = of("login.microsoftonline.com", OTHER);
    assert_eq!(told(whole(), &other, OTHER).await, "issuer-unknown");
    let microsoft = "d6d49420-f39b-4df7-a1dc-d59a935871db";
    let theirs = of("login.microsoftonline.com", microsoft);
    assert_eq!(told(whole(), &theirs, microsoft).await, "version-unknown");
    assert_eq!(told(whole(), &theirs, TENANT).await, "tenant-other");
    assert_eq!(told(whole(), "https://api.botframework.com", "").await, "service-url-claim-missing");
}
