//! A conversation that was recorded becomes a scenario: what its callbacks show is not waived, and the vendor's own words
//! are still in it.

use handover_kit::record::{Called, Heard, Recording, Setup, scenario};
use serde_json::{Value, json};

use crate::mistakes::built;

fn heard(path: &str, body: Value, answer: Value) -> Heard {
    Heard {
        upstream: "desk".to_owned(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        body: body.to_string().into_bytes(),
        status: 200,
        answer_headers: Vec::new(),
        answer: answer.to_string().into_bytes(),
    }
}

fn called(events: Value) -> Called {
    Called {
        method: "POST".to_owned(),
        path: "events".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: json!({ "events": events }).to_string().into_bytes(),
    }
}

fn recording() -> Recording {
    let note = json!({ "text": "It smokes", "id": "0198c0de-0000-7000-8000-000000000001" });
    Recording {
        exchanges: vec![
            heard("/people", json!({ "external": "29:x", "name": "Zoe Quux" }), json!({ "person": "p_71" })),
            heard(
                "/tickets",
                json!({ "person": "p_71", "subject": "It burns" }),
                json!({ "ticket": "t_81", "visitor": "v_81" }),
            ),
            heard("/tickets/t_81/notes", note, json!({})),
            heard("/tickets/t_81/close", json!({}), json!({})),
        ],
        callbacks: Vec::new(),
    }
}

async fn told(callbacks: Vec<Called>) -> String {
    let key = |kind: &str, field: &str| {
        let fields = json!({ "kind": kind, field: format!("made-up-{kind}") });
        fields.as_object().unwrap().clone()
    };
    let credentials = [("desk", key("bearer", "token")), ("webhook", key("key", "value"))];
    let setup = Setup {
        upstreams: vec!["desk".to_owned()],
        credentials: credentials.into_iter().map(|(name, fields)| (name.to_owned(), fields)).collect(),
        texts: vec!["It burns".to_owned(), "It smokes".to_owned()],
        names: vec!["Zoe Quux".to_owned()],
        ids: vec!["29:x".to_owned()],
        ..Setup::default()
    };
    let recording = Recording { callbacks, ..recording() };
    scenario(&built("mistaken"), &recording, &setup).await.unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_not_waived_and_the_vendors_words_stay() {
    let wrote = |id: &str, from: &str, text: &str| json!({ "id": id, "ticket": "t_81", "kind": "note", "from": from, "author": from, "text": text });
    let one = called(json!([wrote("e_1001", "Wilhelmina", "Pull the plug")]));
    let own = called(json!([wrote("e_1002", "customer", "It smokes")]));
    let text = told(vec![one.clone(), own.clone()]).await;
    assert!(text.contains("many-events = "), "{text}");
    assert!(text.contains("author = \"customer\""), "{text}");
    for word in ["Wilhelmina", "Zoe", "plug", "smokes", "t_81", "v_81", "e_1001"] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
    assert!(text.contains("visitor = \"v_9") || text.contains("\"visitor\" = \"v_9"), "{text}");

    let two = called(json!([
        { "id": "e_1003", "ticket": "t_81", "kind": "joined", "from": "Wilhelmina" },
        wrote("e_1004", "Wilhelmina", "Run")
    ]));
    let text = told(vec![one, own, two]).await;
    assert!(!text.contains("many-events"), "{text}");
}
