//! The operators' listener with a token: the API, the command line, the page; and what other sites may not do.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::gateway::run;
use crate::house::House;

const TOKEN: &str = "correct-horse-battery-staple-0123";

/// A gateway whose operators need the token.
pub async fn guarded() -> House {
    let mut house = House::closed("[gateway]\nadmin_token = \"file:token\"\n").await;
    std::fs::write(house.folder.path().join("token"), format!("{TOKEN}\n")).expect("a token");
    house.gateway.start().await;
    house
}

fn url(house: &House, path: &str) -> String {
    format!("http://{}{path}", house.gateway.admin_addr())
}

/// A browser: it is not led on, so that each step can be seen.
fn browser() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client")
}

async fn signs_in(house: &House, token: &str, more: &[(&str, &str)]) -> Response {
    let mut request = browser().post(url(house, "/admin/login"));
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let form = format!("token={token}");
    let kind = "application/x-www-form-urlencoded";
    request.header("content-type", kind).body(form).send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn nothing_is_told_or_done_without_the_token() {
    let house = guarded().await;
    for path in ["/admin/api/connectors", "/admin/api/events", "/admin/api/dead-letters"] {
        for token in [None, Some("wrong-wrong-wrong-wrong")] {
            let mut request = browser().get(url(&house, path));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 401, "{path} {token:?}");
            assert_eq!(header(&answer, "www-authenticate"), "Bearer");
        }
        let answer = browser().get(url(&house, path)).bearer_auth(TOKEN).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
    }
    let forget = browser().post(url(&house, "/admin/api/customers/forget")).json(&json!({ "customer": "x" }));
    assert_eq!(forget.send().await.expect("an answer").status(), 401);
    let page = browser().get(url(&house, "/admin")).send().await.expect("an answer");
    assert_eq!((page.status().as_u16(), header(&page, "location")), (303, "/admin/login"));

    // At the terminal.
    let arguments = ["connectors", "--admin-addr", &house.gateway.admin_addr()];
    let told = run(&arguments, &[], house.folder.path()).await;
    let text = String::from_utf8(told.stderr).expect("text");
    assert!(!told.status.success() && text.contains("HANDOVER_ADMIN_TOKEN"), "{text}");
    let told = run(&arguments, &[("HANDOVER_ADMIN_TOKEN", TOKEN)], house.folder.path()).await;
    assert!(told.status.success(), "{told:?}");
    assert!(!house.gateway.log().contains(TOKEN));
}

#[tokio::test]
async fn an_operator_signs_in_on_the_page_and_out_again() {
    let house = guarded().await;
    let page = browser().get(url(&house, "/admin/login")).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("a page").contains("<label for=\"token\">"));
    let wrong = signs_in(&house, "wrong", &[]).await;
    assert_eq!((wrong.status().as_u16(), header(&wrong, "set-cookie")), (401, ""));
    assert!(wrong.text().await.expect("a page").contains("That is not the token."));

    let right = signs_in(&house, TOKEN, &[]).await;
    assert_eq!((right.status().as_u16(), header(&right, "location")), (303, "/admin"));
    let cookie = header(&right, "set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/admin", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains(TOKEN), "{cookie}");
    let secure = signs_in(&house, TOKEN, &[("x-forwarded-proto", "https")]).await;
    assert!(header(&secure, "set-cookie").contains("; Secure"));

    let pair = cookie.split(';').next().expect("a cookie").to_owned();
    let with_cookie = |path: &str| browser().get(url(&house, path)).header("cookie", &pair);
    let page = with_cookie("/admin").send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("a page").contains("Sign out"));
    let mut events = with_cookie("/admin/api/events").send().await.expect("an answer");
    assert!(events.chunk().await.expect("a stream").is_some());

    let out = browser().post(url(&house, "/admin/logout")).header("cookie", &pair);
    let out = out.send().await.expect("an answer");
    assert_eq!((out.status().as_u16(), header(&out, "location")), (303, "/admin/login"));
    let again = with_cookie("/admin/api/connectors").send().await.expect("an answer");
    assert_eq!(again.status(), 401, "a cookie is worth nothing after its end");
    // Nor does the stream that it opened go on.
    while events.chunk().await.expect("a stream").is_some() {}
}

#[tokio::test]
async fn whoever_guesses_is_not_listened_to_for_a_while() {
    let house = guarded().await;
    let mut seen = Vec::new();
    for nth in 0..12 {
        seen.push(signs_in(&house, &format!("guess-{nth}"), &[]).await.status().as_u16());
    }
    assert_eq!(seen, [[401; 10].as_slice(), &[429; 2]].concat());
    assert_eq!(signs_in(&house, TOKEN, &[]).await.status(), 429, "not even to the right one");
    let api = browser().get(url(&house, "/admin/api/connectors")).bearer_auth(TOKEN);
    let api = api.send().await.expect("an answer");
    assert_eq!(api.status(), 429);
    assert!(!header(&api, "retry-after").is_empty());
}

#[tokio::test]
async fn another_site_can_have_nothing_done() {
    let house = guarded().await;
    let right = signs_in(&house, TOKEN, &[]).await;
    let pair = header(&right, "set-cookie").split(';').next().expect("a cookie").to_owned();
    let own = url(&house, "");
    let forget = |more: &[(&str, &str)]| {
        let mut request = browser().post(url(&house, "/admin/api/customers/forget"));
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        request.header("cookie", &pair).json(&json!({ "customer": "x" })).send()
    };
    for foreign in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", own.as_str())],
    ] {
        assert_eq!(forget(foreign).await.expect("an answer").status(), 403, "{foreign:?}");
    }
    for ours in [&[("origin", own.as_str())][..], &[("sec-fetch-site", "same-origin")], &[]] {
        assert_eq!(forget(ours).await.expect("an answer").status(), 200, "{ours:?}");
    }
    assert_eq!(signs_in(&house, TOKEN, &[("sec-fetch-site", "cross-site")]).await.status(), 403);
    assert_eq!(signs_in(&house, TOKEN, &[("origin", "https://evil.example")]).await.status(), 403);
}

#[tokio::test]
async fn without_a_token_it_is_this_machine_by_its_own_name_and_its_own_pages_only() {
    let house = House::open().await;
    let ask = async |host: &str| {
        let request = browser().get(url(&house, "/admin/api/connectors")).header("host", host);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(ask("rebound.evil.example").await, 421);
    assert_eq!(ask("localhost.evil.example:5003").await, 421);
    assert_eq!(ask("localhost").await, 200);
    assert_eq!(ask("[::1]:5003").await, 200);
    let forget = browser().post(url(&house, "/admin/api/customers/forget")).json(&json!({ "customer": "x" }));
    let forget = forget.header("origin", "https://evil.example").send().await.expect("an answer");
    assert_eq!(forget.status(), 403);
    let login = browser().get(url(&house, "/admin/login")).send().await.expect("an answer");
    assert_eq!((login.status().as_u16(), header(&login, "location")), (303, "/admin"));
}

#[tokio::test]
async fn an_address_for_others_wants_a_token_and_a_token_is_no_part_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    for (token, told) in [
        (TOKEN, "not a reference"),
        ("file:nowhere", "nowhere: the file cannot be read"),
        ("env:HANDOVER_NO_SUCH", "HANDOVER_NO_SUCH: the variable is not set"),
        ("env:HANDOVER_SHORT", "16 or more"),
    ] {
        let variables = [("HANDOVER__GATEWAY__ADMIN_TOKEN", token), ("HANDOVER_SHORT", "short")];
        let out = run(&["serve", "--local"], &variables, folder.path()).await;
        let text = String::from_utf8(out.stderr).expect("text");
        assert!(
            !out.status.success() && text.contains("gateway.admin_token") && text.contains(told),
            "{text}"
        );
        assert!(!text.contains(TOKEN), "{text}");
    }
    let mut house =
        House::closed("[gateway]\nadmin_token = \"env:HANDOVER_TEST_TOKEN\"\nadmin = \"0.0.0.0:0\"\n").await;
    house.gateway =
        crate::gateway::Gateway::new(house.folder.path(), &[("HANDOVER_TEST_TOKEN", TOKEN.to_owned())]);
    house.gateway.start().await;
    let answer = browser().get(url(&house, "/admin/api/connectors")).header("host", "gateway.example");
    let answer = answer.bearer_auth(TOKEN).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    assert!(body["connectors"].is_array(), "with a token any name of this host will do: {body}");
}
