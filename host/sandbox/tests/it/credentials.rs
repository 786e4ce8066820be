//! Credentials belong to destinations: the host adds them, and no guest ever has one.

use std::sync::Arc;

use handover_handoff::delivery::{FailureReason, RetryAdvice};
use handover_sandbox::{Generation, GrantedCredential, Limits, MapError, Sandbox, UpstreamConfig};
use serde_json::{Value, json};

use crate::house::{House, built, refusal, serving};
use crate::people::{callback, say};
use crate::vendor::Vendor;

const PLANTED: &str = "planted-7f2c-bearer-secret";
const KEY: &str = "planted-91aa-signing-secret";

async fn bearer(house: &House) -> GrantedCredential {
    house.credential(json!({ "kind": "bearer" }), "token", PLANTED).await
}

async fn key(house: &House) -> GrantedCredential {
    house.credential(json!({ "kind": "key" }), "value", KEY).await
}

/// A connector with a credential for `api` and a second upstream; beside it one that behaves.
async fn misuser(
    vendor: &Vendor,
    credential: impl AsyncFnOnce(&House) -> GrantedCredential,
    change: impl FnOnce(&mut UpstreamConfig, &mut UpstreamConfig, &mut Limits),
) -> (House, Arc<Sandbox>, Arc<Generation>) {
    let mut house = House::new();
    let (api, signing) = (credential(&house).await, key(&house).await);
    house.drop_in("misuses-credentials", &vendor.base, Limits::default());
    let config = house.connectors.get_mut("misuses-credentials").unwrap();
    let mut upstream = config.upstreams["api"].clone();
    let mut files = UpstreamConfig::new(vendor.base.replace("/below/", "/files/").parse().unwrap());
    change(&mut upstream, &mut files, &mut config.limits);
    config.upstreams = [("api".to_owned(), upstream), ("files".to_owned(), files)].into();
    config.credentials = [("api-key".to_owned(), api), ("signing".to_owned(), signing)].into();
    house.grant("echo", &vendor.base);
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let generation = serving(&sandbox, "misuses-credentials");
    (house, sandbox, generation)
}

#[tokio::test]
async fn the_host_adds_a_credential_at_its_destination_and_nowhere_else() {
    let vendor = Vendor::new().await;
    let (_house, sandbox, misuser) = misuser(&vendor, bearer, |_, _, _| {}).await;
    let said = say(&misuser, "api|/v2").await.unwrap();
    assert_eq!(said, "200 None taken");
    say(&misuser, "files|/v2").await.unwrap();
    say(&serving(&sandbox, "echo"), "hello").await.unwrap();
    let asked = vendor.asked();
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {PLANTED}").as_str()));
    assert!(asked[1..].iter().all(|asked| asked.header("authorization").is_none()), "{asked:?}");
}

#[tokio::test]
async fn a_header_of_the_credential_cannot_be_set_in_any_spelling() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, |_, _, _| {}).await;
    for name in ["authorization", "Authorization", "AUTHORIZATION"] {
        let said = say(&misuser, &format!("api|/||{name}: Bearer mine")).await.unwrap();
        let why = "Denied(\"the header `authorization` is that of the upstream's credential\")";
        assert!(said.contains(why), "{name}: {said}");
    }
    assert_eq!(vendor.asked().len(), 0);
    // Where no credential goes along it is a header like another one.
    assert_eq!(say(&misuser, "files|/||Authorization: Bearer of-a-visitor").await.unwrap(), "200 None taken");
    assert_eq!(vendor.asked()[0].header("authorization"), Some("Bearer of-a-visitor"));
}

const TOKEN: &str = "planted-c3d8-static-token";

/// A credential with a further header.
async fn beside(house: &House) -> GrantedCredential {
    let config = json!({ "kind": "bearer", "headers": { "Token": house.secret(TOKEN) } });
    house.credential(config, "token", PLANTED).await
}

#[tokio::test]
async fn a_further_header_goes_where_its_credential_goes_and_nowhere_else() {
    let vendor = Vendor::new().await;
    let (house, sandbox, misuser) = misuser(&vendor, beside, |_, _, _| {}).await;
    assert_eq!(say(&misuser, "api|/v2").await.unwrap(), "200 None taken");
    say(&misuser, "files|/v2").await.unwrap();
    say(&serving(&sandbox, "echo"), "hello").await.unwrap();
    let asked = vendor.asked();
    assert_eq!(asked[0].header("token"), Some(TOKEN));
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {PLANTED}").as_str()));
    for elsewhere in &asked[1..] {
        assert_eq!(
            (elsewhere.header("token"), elsewhere.header("authorization")),
            (None, None),
            "{elsewhere:?}"
        );
    }
    // It is the host's, like the credential itself.
    let said = say(&misuser, "api|/||tOKEN: mine").await.unwrap();
    assert!(said.contains("the header `token` is that of the upstream's credential"), "{said}");
    assert_eq!(say(&misuser, "files|/||token: of-a-visitor").await.unwrap(), "200 None taken");
    assert_eq!(vendor.asked().last().unwrap().header("token"), Some("of-a-visitor"));
    let shown = format!("{:?} {:?}", sandbox.status(), house.connectors);
    assert!(!shown.contains("planted-"), "{shown}");
}

#[tokio::test]
async fn the_operators_word_on_where_a_credential_goes_is_the_last() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, |api, files, _| {
        api.credential = Some(String::new());
        files.credential = Some("api-key".to_owned());
    })
    .await;
    say(&misuser, "api|/").await.unwrap();
    say(&misuser, "files|/").await.unwrap();
    let asked = vendor.asked();
    assert_eq!(asked[0].header("authorization"), None);
    assert!(asked[1].header("authorization").unwrap().ends_with(PLANTED));
}

#[tokio::test]
async fn what_a_vendor_repeats_in_headers_is_kept_from_the_guest() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, |_, _, _| {}).await;
    let names = say(&misuser, "names api|/repeats-authorization-in-headers").await.unwrap();
    let names: Vec<&str> = names.split(' ').collect();
    assert!(names.contains(&"x-note") && names.contains(&"content-type"), "{names:?}");
    for hidden in ["authorization", "set-cookie", "x-debug"] {
        assert!(!names.contains(&hidden), "{names:?}");
    }
    // Where no credential went along, cookies are the guest's own.
    let names = say(&misuser, "names files|/repeats-authorization-in-headers").await.unwrap();
    assert!(names.contains("x-debug"), "{names}");
}

#[tokio::test]
async fn cryptography_goes_by_the_names_of_the_connectors_own_credentials() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, |_, _, _| {}).await;
    // Made with another tool: HMAC-SHA256 of `data` with the key.
    let known = "24e13dceb42a3b2f17754a91bf7c096fcd7064682ba697c7b9221a181edcca6a";
    assert_eq!(say(&misuser, "hmac signing data").await.unwrap(), known);
    let token = say(&misuser, "jwt signing").await.unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
    for (call, words) in [
        ("hmac nobodys data", "no credential of this name is declared and configured"),
        ("jwt nobodys", "no credential of this name is declared and configured"),
        ("verify signing data", "the credential does not suit"),
    ] {
        let failure = say(&misuser, call).await.unwrap_err().into_failure();
        assert!(failure.detail.contains(words), "{call}: {}", failure.detail);
        assert!(matches!(failure.reason, FailureReason::Misconfigured(_)), "{call}: {failure:?}");
        assert!(!failure.detail.contains("planted"), "{}", failure.detail);
    }
}

fn oauth(token_url: &str) -> Value {
    json!({ "kind": "oauth2-client-credentials", "token_url": token_url, "client_id": "handover" })
}

fn client_credentials(vendor: &Vendor) -> impl AsyncFnOnce(&House) -> GrantedCredential + use<> {
    let config = oauth(&format!("{}token", vendor.base));
    async move |house: &House| house.credential(config, "client_secret", PLANTED).await
}

/// What was asked of the vendor: the last parts of the paths.
fn paths(vendor: &Vendor) -> Vec<String> {
    vendor.asked().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_that_the_vendor_refuses_is_renewed_once_and_the_request_made_again() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, client_credentials(&vendor), |_, _, _| {}).await;
    assert_eq!(say(&misuser, "POST api|/wants-second-token").await.unwrap(), "200 None taken");
    assert_eq!(paths(&vendor), ["token", "wants-second-token", "token", "wants-second-token"]);
    let asked = vendor.asked();
    assert_eq!((asked[1].body.as_str(), asked[3].body.as_str()), ("said", "said"));
    assert_eq!(asked[3].header("authorization"), Some("Bearer token-2"));
    // The next call has the good token.
    assert_eq!(say(&misuser, "api|/wants-second-token").await.unwrap(), "200 None taken");
    assert_eq!(vendor.asked().len(), 5);
}

#[tokio::test]
async fn a_vendor_that_refuses_every_token_is_asked_twice_and_no_more() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, client_credentials(&vendor), |_, _, _| {}).await;
    assert_eq!(say(&misuser, "api|/wants-no-token").await.unwrap(), "401 None ");
    assert_eq!(paths(&vendor), ["token", "wants-no-token", "token", "wants-no-token"]);
}

#[tokio::test]
async fn a_repeated_request_counts_like_any_other() {
    let vendor = Vendor::new().await;
    let one = |_: &mut UpstreamConfig, _: &mut UpstreamConfig, limits: &mut Limits| limits.requests = 1;
    let (_house, _sandbox, misuser) = misuser(&vendor, client_credentials(&vendor), one).await;
    assert_eq!(say(&misuser, "api|/wants-no-token").await.unwrap(), "401 None ");
    assert_eq!(paths(&vendor), ["token", "wants-no-token"]);
}

#[tokio::test]
async fn a_secret_that_does_not_change_is_not_tried_again() {
    let vendor = Vendor::new().await;
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, |_, _, _| {}).await;
    assert_eq!(say(&misuser, "api|/wants-no-token").await.unwrap(), "401 None ");
    assert_eq!(paths(&vendor), ["wants-no-token"]);
}

#[tokio::test]
async fn without_a_token_nothing_goes_to_the_vendor() {
    let vendor = Vendor::new().await;
    // Nobody listens there.
    let unreachable = async |house: &House| {
        house.credential(oauth("http://127.0.0.1:1/token"), "client_secret", PLANTED).await
    };
    let (_house, _sandbox, misuser) = misuser(&vendor, unreachable, |_, _, _| {}).await;
    let said = say(&misuser, "api|/").await.unwrap();
    assert!(said.starts_with("Error::Unreachable(\"no credential: 127.0.0.1"), "{said}");
    assert!(!said.contains("planted"), "{said}");
    assert_eq!(vendor.asked().len(), 0);
}

#[tokio::test]
async fn credentials_that_do_not_fit_are_told_when_the_file_is_dropped_in() {
    let vendor = Vendor::new().await;
    let mut house = House::new();
    let wrong = key(&house).await;
    house.drop_in("wants-credential", &vendor.base, Limits::default());
    let config = house.connectors.get_mut("wants-credential").unwrap();
    config.credentials.insert("api-key".to_owned(), wrong);
    config.upstreams.get_mut("api").unwrap().credential = Some("forgotten".to_owned());
    let reason = refusal(&*house.open().await, "wants-credential").unwrap();
    assert_eq!(
        reason,
        "`connectors.wants-credential.credentials.api-key`: it is of the kind key; the connector takes bearer (Settings, \
         API, Keys); `connectors.wants-credential.upstreams.api.credential`: it names the credential `forgotten`, which \
         is not configured"
    );
    let fitting = bearer(&house).await;
    let config = house.connectors.get_mut("wants-credential").unwrap();
    config.credentials.insert("api-key".to_owned(), fitting);
    config.upstreams.get_mut("api").unwrap().credential = None;
    let sandbox = house.open().await;
    assert_eq!(say(&serving(&sandbox, "wants-credential"), "hello").await.unwrap(), "");
}

#[tokio::test]
async fn all_that_a_guest_can_see_holds_no_secret() {
    let vendor = Vendor::new().await;
    let mut house = House::new();
    let (api, signing) = (bearer(&house).await, key(&house).await);
    house.drop_in("dumps-all-it-sees", &vendor.base, Limits::default());
    let config = house.connectors.get_mut("dumps-all-it-sees").unwrap();
    config.credentials = [("api-key".to_owned(), api), ("signing".to_owned(), signing)].into();
    let sandbox = house.open().await;
    let dumper = serving(&sandbox, "dumps-all-it-sees");
    let seen = say(&dumper, "the customer's own words").await.unwrap();
    let asked = vendor.asked();
    let dump = &asked[1].body;
    // It was used, and all of the memory is there.
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {PLANTED}").as_str()));
    assert_eq!(asked[1].header("authorization"), asked[0].header("authorization"));
    assert!(dump.len() > 1 << 20, "{} bytes", dump.len());
    assert!(dump.contains("the customer's own words") && dump.contains("x-note"));
    let Err(MapError::Unmapped(mapped)) = dumper.map(callback("posted")).await else { panic!() };
    for text in [dump, &seen, &mapped] {
        assert!(!text.contains("planted-"), "a secret is in reach of the guest");
    }
    let status = format!("{:?} {:?}", sandbox.status(), house.connectors);
    assert!(!status.contains("planted-"), "{status}");
}

#[tokio::test]
async fn a_method_that_is_not_granted_is_denied() {
    let vendor = Vendor::new().await;
    let only_get = |_: &mut UpstreamConfig, files: &mut UpstreamConfig, _: &mut Limits| {
        files.methods = vec!["GET".parse().unwrap()];
    };
    let (_house, _sandbox, misuser) = misuser(&vendor, bearer, only_get).await;
    let said = say(&misuser, "DELETE files|/").await.unwrap();
    assert!(said.contains("Denied(\"DELETE is not granted to upstream `files`\")"), "{said}");
    assert_eq!(say(&misuser, "files|/").await.unwrap(), "200 None taken");
    assert_eq!(say(&misuser, "DELETE api|/").await.unwrap(), "200 None taken");
    let failure = say(&misuser, "hmac nobodys x").await.unwrap_err().into_failure();
    assert_eq!(failure.retry, RetryAdvice::Never);
}
