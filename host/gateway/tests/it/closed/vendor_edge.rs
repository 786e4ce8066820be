//! The vendor's edge: what is not signed changes nothing.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::hmac;
use serde_json::json;
use teams_simulator::Tokens;

use super::{Guarded, WEBHOOK};

/// As the vendor signs: seconds, a dot, the body.
fn signed(key: &str, seconds: u64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

#[tokio::test]
async fn only_what_the_vendor_has_signed_reaches_the_customer() {
    let guarded = Guarded::open(Tokens::V2).await;
    let page = guarded.page().await;
    let live = page.escalates().await;
    let house = &guarded.house;
    let now = seconds();
    let said = |text: &str| json!({ "conversationId": live, "message": text }).to_string();
    let post = async |body: &str, stamp: Option<u64>, signature: Option<&str>| {
        let mut request = house.http.post(house.gateway.url("/api/livechat/messages"));
        if let Some(stamp) = stamp {
            request = request.header("x-contoso-timestamp", stamp.to_string());
        }
        if let Some(signature) = signature {
            request = request.header("x-contoso-signature", signature);
        }
        request.body(body.to_owned()).send().await.expect("an answer").status().as_u16()
    };
    let forged = said("I am your bank");
    let good = signed(WEBHOOK, now, &forged);
    for (body, stamp, signature) in [
        (forged.as_str(), None, None),
        (&forged, Some(now), None),
        (&forged, None, Some(good.as_str())),
        (&forged, Some(now), Some("sha256=00")),
        (&forged, Some(now), Some(signed("another key", now, &forged).as_str())),
        (&forged, Some(now + 1), Some(good.as_str())),
        (&forged, Some(now - 301), Some(signed(WEBHOOK, now - 301, &forged).as_str())),
        (&forged, Some(now + 400), Some(signed(WEBHOOK, now + 400, &forged).as_str())),
        (&said("I am your Bank"), Some(now), Some(good.as_str())),
    ] {
        assert_eq!(post(body, stamp, signature).await, 401, "{stamp:?} {signature:?}");
    }
    let genuine = said("Good morning");
    assert_eq!(post(&genuine, Some(now), Some(&signed(WEBHOOK, now, &genuine))).await, 200);
    page.reads("Good morning").await;
    let transcript = page.transcript().await.to_string();
    assert!(!transcript.contains("bank") && !transcript.contains("Bank"), "{transcript}");
}
