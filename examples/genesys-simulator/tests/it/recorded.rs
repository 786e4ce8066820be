//! What the connector was recorded to ask fits the models: two readings of one documentation.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::house::House;

#[tokio::test]
async fn every_recorded_request_of_the_connector_is_taken() {
    let house = House::open().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/genesys/tests/fixtures");
    let mut asked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for exchange in record["exchanges"].as_array().into_iter().flatten() {
            let request = &exchange["request"];
            let method = Method::from_bytes(request["method"].as_str().unwrap().as_bytes()).unwrap();
            let path = request["path"].as_str().unwrap();
            let below = path.strip_prefix("/api/v2/conversations/messages/").unwrap();
            let body = Some(&request["body"]).filter(|body| !body.is_null());
            let answer = house.call(method, below, body).await;
            // The conversations of the records are not known here, and that is all there may be to say.
            assert!(matches!(answer.status, 200 | 204 | 404), "{path}: {answer:?}");
            let inbound = path.contains("/inbound/open/message");
            assert!(!inbound || answer.status == 200, "{path}: {answer:?}");
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");
}
