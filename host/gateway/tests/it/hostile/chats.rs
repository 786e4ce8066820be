//! Chats that go to a hostile connector: the customer is told, the gateway lives, and nothing gets out.

use crate::bot::Bot;
use crate::component::guest;
use crate::house::House;
use crate::patience::eventually;

/// A chat that goes to a hostile connector: the customer is told, and the gateway lives.
async fn chat_fails(name: &str, text: &str, upstream: &str) -> House {
    let sections = format!(
        "{}[connectors.{name}.limits]\ncall_ms = 1500\n\n[routing]\ndefault = \"{name}\"\n\n[timing]\nfresh_seconds = 1\n",
        super::granted(name, upstream)
    );
    let mut house = House::closed(&sections).await;
    house.install(&format!("{name}.wasm"), &guest(name));
    house.gateway.start().await;
    let jane = house.customer("jane").on("directline");
    jane.starts().await;
    house.bot.ends("a:1jane", "startConversation").await;
    jane.says(text).await;
    house.bot.gets("a:1jane", "the notice", |post| post.text().contains("did not get through")).await;
    assert!(house.gateway.is_alive());
    assert_eq!(house.get("/healthz").await.0, 200);
    house
}

#[tokio::test]
async fn sends_that_loop_or_eat_memory_are_told_to_the_customer() {
    for name in ["infinite-loop", "memory-hog"] {
        chat_fails(name, "hello", "http://127.0.0.1:9").await;
    }
}

#[tokio::test]
async fn an_answer_of_100_mb_is_not_read() {
    use axum::body::Body;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let chunk = axum::body::Bytes::from(vec![b'x'; 1 << 20]);
    let endless = move || {
        let chunks = std::iter::repeat_n(Ok::<_, std::convert::Infallible>(chunk.clone()), 100);
        async move { Body::from_stream(tokio_stream::iter(chunks)) }
    };
    let app = axum::Router::new().fallback(endless);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let house = chat_fails("reads-giant-response", "/", &format!("http://{addr}")).await;
    let log = house.gateway.log();
    assert!(log.contains("too-large") && log.contains("a response may have"), "{log}");
}

#[tokio::test]
async fn hosts_that_are_not_granted_are_not_reached() {
    let (granted, victim) = (Bot::open().await, Bot::open().await);
    let house = {
        let sections = format!(
            "{}[routing]\ndefault = \"wants-other-upstream\"\n",
            super::granted("wants-other-upstream", &format!("http://{}/below", granted.host()))
        );
        let mut house = House::closed(&sections).await;
        house.install("wants-other-upstream.wasm", &guest("wants-other-upstream"));
        house.gateway.start().await;
        house
    };
    let jane = house.customer("jane").on("directline");
    jane.starts().await;
    house.bot.ends("a:1jane", "startConversation").await;
    for text in [
        format!("billing|/|{}", victim.host()),
        format!("api|/|{}", victim.host()),
        format!("http://{}|/", victim.host()),
        format!("api|http://{}/|", victim.host()),
        format!("api|@{}/|", victim.host()),
        "api|/../admin|".to_owned(),
        format!("api|/x||host: {}", victim.host()),
    ] {
        jane.says(&text).await;
    }
    jane.says("api|/the-end|").await;
    eventually("the granted request", || async {
        let seen = format!("{:?}", granted.posts());
        if granted.posts().is_empty() { Err(seen) } else { Ok(()) }
    })
    .await;
    assert_eq!(granted.posts().len(), 1, "{:?}", granted.posts());
    assert!(victim.posts().is_empty(), "{:?}", victim.posts());
}
